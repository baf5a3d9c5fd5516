// How does an endpoint answer a request? It checks key, feature, scope, input and existence, in this order.
import type { Log } from "../host/log.ts";
import { ApiError } from "../value/error.ts";
import { toFailure, toResponse, withCallerHeaders } from "./answer.ts";
import { carryOut } from "./carry-out.ts";
import type { Ceiling } from "./ceiling.ts";
import { checkAnswer } from "./check-answer.ts";
import type { Answer, Endpoint } from "./endpoint.ts";
import { logFailure, toApiError } from "./failure.ts";
import { openScopeCheck } from "./gate.ts";
import type { Idempotency } from "./idempotency.ts";
import { openRequestReader, type Params, type ReadRequest } from "./read-request.ts";
import { logRequest, NO_ROUTE, type RequestContext, type RequestCount } from "./request-context.ts";
import { type Confirm, type Confirmation, openConfirm } from "./standby.ts";

export interface RouteOptions {
  readonly log: Log;
  readonly revenueTracking: boolean;
  /** Check answers against their schemas. A mismatch is a 500. For tests. */
  readonly checkAnswers: boolean;
  readonly deadlineMs: number;
  /** For how long a handler is retried while another process holds the database. */
  readonly patienceMs?: number | undefined;
  /** Counts the requests, if given. */
  readonly requests?: RequestCount;
  readonly idempotency: Pick<Idempotency, "identify">;
  /** Absent: the database may grow. */
  readonly ceiling?: Ceiling;
  /** Absent: the server is never a standby. */
  readonly standbyCheck?: (endpoint: Endpoint) => void;
  /** FOLLOW_ACK: writes are answered once a follower has them. Absent: at once. */
  readonly confirmation?: Confirmation | undefined;
}

export type Route = (context: RequestContext, params: Params) => Response | Promise<Response>;

/**
 * Makes the function that answers an endpoint's requests. `enter` admits the caller or throws; if it gives a response, that is the
 * answer. `allow` is the list of the path's methods for the header `Allow`.
 */
export function openRoute(
  endpoint: Endpoint,
  allow: string,
  enter: (context: RequestContext, endpoint: Endpoint) => Response | undefined,
  options: RouteOptions,
): Route {
  const { path, waitsMs = 0 } = endpoint;
  const checkScope = openScopeCheck(endpoint, options.revenueTracking);
  const checkCaller = (context: RequestContext): void => {
    checkScope(context.key);
    options.standbyCheck?.(endpoint);
    options.ceiling?.(endpoint, context.key);
  };
  const confirm = options.confirmation && openConfirm(endpoint, options.confirmation);
  const read = openRequestReader(endpoint, options.idempotency, checkCaller);

  function respond(context: RequestContext, answer: Answer | Response): Response | Promise<Response> {
    if (answer instanceof Response) {
      withCallerHeaders(answer, context);
      const cache = endpoint.cached ? answer.headers.get("x-cache") : null;
      if (cache !== null) options.requests?.noteCache(cache);
      const hasBody = context.method !== "HEAD";
      if (
        !options.checkAnswers ||
        !hasBody ||
        endpoint.hidden ||
        !(answer.headers.get("content-type") ?? "").startsWith("application/json")
      )
        return answer;
      return answer
        .clone()
        .text()
        .then((json) => {
          checkAnswer(endpoint, { status: answer.status, body: undefined, json });
          return answer;
        });
    }
    if (options.checkAnswers) checkAnswer(endpoint, answer);
    return toResponse(context, answer);
  }

  async function respondOnceConfirmed(
    context: RequestContext,
    answered: Answer | Response | Promise<Answer | Response>,
    confirm: Confirm,
  ): Promise<Response> {
    const settled = await answered;
    await confirm();
    return respond(context, settled);
  }

  function fail(context: RequestContext, thrown: unknown, route: string = path): Response {
    const error = toApiError(thrown);
    logFailure(options.log, context.requestId, route, error);
    return toFailure(context, error, endpoint.foreign?.failure);
  }

  function done(context: RequestContext, response: Response, route: string = path): Response {
    logRequest(options, context, route, response.status);
    return response;
  }

  function answer(context: RequestContext, input: ReadRequest): Response | Promise<Response> {
    const answered = carryOut(endpoint, input, { key: context.key, asked: context, attempt: input.attempt }, options.patienceMs);
    if (confirm) return respondOnceConfirmed(context, answered, confirm);
    return answered instanceof Promise ? answered.then((settled) => respond(context, settled)) : respond(context, answered);
  }

  function handle(context: RequestContext, params: Params): Response | Promise<Response> {
    if (endpoint.keyInQuery && context.method === "HEAD")
      throw new ApiError("METHOD_NOT_ALLOWED", "HEAD is not allowed here, because it would record a conversion. Use GET.", {
        headers: { Allow: allow },
      });
    if (!context.admitKey) checkCaller(context);
    const input = read(context, params);
    return input instanceof Promise ? input.then((settled) => answer(context, settled)) : answer(context, input);
  }

  return (context, params) => {
    try {
      const entered = enter(context, endpoint);
      if (entered) return done(context, entered, NO_ROUTE);
    } catch (error) {
      return done(context, fail(context, error, NO_ROUTE), NO_ROUTE);
    }
    let response: Response | Promise<Response>;
    try {
      response = handle(context, params);
    } catch (error) {
      response = fail(context, error);
    }
    if (response instanceof Response) return done(context, response);
    return withDeadline(response, Math.max(endpoint.deadlineMs ?? 0, options.deadlineMs + waitsMs)).then(
      (settled) => done(context, settled),
      (error) => done(context, fail(context, error)),
    );
  };
}

function withDeadline(work: Promise<Response>, milliseconds: number): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new ApiError("SERVICE_UNAVAILABLE", "The request took too long. Try again later.", {
            headers: { "Retry-After": "5", Connection: "close" },
          }),
        ),
      milliseconds,
    );
    work.then(resolve, reject).then(() => clearTimeout(timer));
  });
}
