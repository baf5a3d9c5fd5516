// How does one endpoint answer a request that came in? Feature, scope, input, existence: in this order.
import type { TSchema } from "@sinclair/typebox";
import { Type } from "@sinclair/typebox";
import type { Key } from "../access/keyring.ts";
import type { Log } from "../host/log.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { ApiError, type Detail, invalid } from "../value/error.ts";
import { textProblem } from "../value/text.ts";
import { type Addressee, addressed, toFailure, toResponse } from "./answer.ts";
import { readBody } from "./body.ts";
import { check } from "./check.ts";
import type { Answer, Call, Endpoint } from "./endpoint.ts";
import { logFailure, toApiError } from "./failure.ts";
import { type Attempt, IDEMPOTENCY_KEY, type Idempotency } from "./idempotency.ts";
import { toPath } from "./path.ts";
import { readQuery } from "./query.ts";

/** A request on its way through. */
export interface Visit extends Addressee {
  readonly startedAt: number; // performance.now()
  key: Key | undefined;
  headers: Addressee["headers"];
}

/** Who counts the requests that were answered. */
export interface RequestCount {
  /** Counts a request that was answered. `route`: the pattern, never the path. */
  note(method: string, route: string, status: number, milliseconds: number): void;
  /** Counts an answer that says by its `X-Cache` whether it came from memory. */
  noteCache(said: string): void;
}

export interface RouteOptions {
  readonly log: Log;
  readonly revenueTracking: boolean;
  /** Check answers against their schemas: a mismatch is a 500. For tests. */
  readonly checkAnswers: boolean;
  readonly deadlineMs: number;
  /** For how long a handler that finds the database held by another process is tried again. */
  readonly patienceMs?: number | undefined;
  /** Absent: nobody counts. */
  readonly requests?: RequestCount;
  readonly idempotency: Pick<Idempotency, "identify">;
}

export type Params = Readonly<Record<string, string | null>>;
export type Route = (visit: Visit, request: Request, params: Params) => Response | Promise<Response>;

const NO_PARAMETERS = Type.Object({});
/** So many queries of a route are not read again, if they are short: those that a dashboard asks again and again. */
const MOST_UNDERSTOOD = 200;
const MOST_CHARACTERS = 200;

/** Makes the function that answers an endpoint's requests; `allow` are the methods of its path. All that can be done once is done here. */
export function openRoute(endpoint: Endpoint, allow: string, options: RouteOptions): Route {
  const { path, scope, lenient = false, refine } = endpoint;
  const querySchema = endpoint.query ?? NO_PARAMETERS;
  const understood = new Map<string, object>();
  let withoutQuery: ReturnType<typeof readQuery> | undefined; // read when it is wanted: schemas take a while to compile
  const off = endpoint.revenue === true && !options.revenueTracking;
  const open = scope === "open";
  const parameters = [...path.matchAll(/:(\w+)/g)].map((match) => String(match[1]));

  function admit(visit: Visit, request: Request): void {
    if (endpoint.keyInQuery && request.method === "HEAD")
      throw new ApiError("METHOD_NOT_ALLOWED", "HEAD would record a conversion that nobody sees.", {
        headers: { Allow: allow },
      });
    if (off) throw new ApiError("FEATURE_NOT_AVAILABLE", "Revenue tracking is switched off.");
    if (endpoint.publishable && visit.key?.origins) return;
    if (!open && !visit.key?.scopes.has(scope)) throw new ApiError("FORBIDDEN", `The key lacks the scope ${scope}.`);
  }

  function query(request: Request, details: Detail[]): Call<never, never>["query"] {
    const text = searchOf(request);
    if (text === "") {
      if (!endpoint.query) return {} as never;
      withoutQuery ??= readQuery(querySchema, new URLSearchParams(), { lenient });
      if ("value" in withoutQuery) return { ...withoutQuery.value } as never;
    }
    const known = understood.get(text);
    if (known) return { ...known } as never;
    if (text.includes("%") && !isEncoded(text))
      throw invalid([{ path: "", message: "is not valid percent-encoded UTF-8" }], "The query cannot be read.");
    const search = new URLSearchParams(text);
    if (endpoint.keyInQuery) search.delete("key");
    const checked = readQuery(querySchema, search, { lenient });
    if ("value" in checked) {
      if (understood.size >= MOST_UNDERSTOOD) understood.clear();
      if (text.length <= MOST_CHARACTERS && !endpoint.keyInQuery) understood.set(text, { ...checked.value });
      return checked.value as never;
    }
    details.push(...checked.details);
    return checked.sound as never;
  }

  function checkParams(params: Params, details: Detail[]): void {
    for (const name of parameters) {
      const value = params[name];
      const message = typeof value === "string" ? textProblem(value) : "is not valid percent-encoded UTF-8";
      if (message) details.push({ path: name, message });
    }
  }

  function checkBody(schema: TSchema, body: unknown, details: Detail[]): unknown {
    if (endpoint.checksBody) return body;
    const checked = check(schema, body, { lenient });
    if ("value" in checked) return checked.value;
    details.push(...checked.details);
    return checked.sound;
  }

  /** Throws when anything is wrong, with all that is. */
  function refuse(query: object, body: unknown, details: Detail[]): void {
    if (refine) {
      const bad = new Set(details.map((each) => each.path));
      for (const each of refine({ query, body: body as object, bad })) if (!bad.has(each.path)) details.push(each);
    }
    if (details.length > 0) throw invalid(details);
  }

  /** The Idempotency-Key of a POST, with the whole request that it stands for. */
  function attemptOf(visit: Visit, request: Request, body: unknown, details: Detail[]): Attempt | undefined {
    const key = endpoint.method === "POST" ? request.headers.get("idempotency-key") : null;
    if (key === null) return undefined;
    if (!IDEMPOTENCY_KEY.test(key)) {
      details.push({ path: "Idempotency-Key", message: "must be 1 to 255 visible characters of ASCII" });
      return undefined;
    }
    return options.idempotency.identify(visit.key?.id ?? "", key, JSON.stringify([toPath(request.url), searchOf(request), body]));
  }

  function respond(visit: Visit, answer: Answer | Response): Response | Promise<Response> {
    if (answer instanceof Response) {
      addressed(answer, visit);
      const cache = endpoint.cached ? answer.headers.get("x-cache") : null;
      if (cache !== null) options.requests?.noteCache(cache);
      if (!options.checkAnswers || endpoint.hidden || !(answer.headers.get("content-type") ?? "").startsWith("application/json"))
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
    return toResponse(visit, answer);
  }

  function fail(visit: Visit, thrown: unknown): Response {
    const error = toApiError(thrown);
    logFailure(options.log, visit.requestId, path, error);
    return toFailure(visit, error);
  }

  function done(visit: Visit, request: Request, response: Response): Response {
    logRequest(options, visit, request.method, path, response.status);
    return response;
  }

  function handle(visit: Visit, request: Request, params: Params): Response | Promise<Response> {
    admit(visit, request);
    const details: Detail[] = [];
    checkParams(params, details);
    const call = {
      params: params as Record<string, string>,
      query: query(request, details),
      body: undefined as never,
      request,
      key: visit.key,
    };
    /** Judges what is left to be judged and does what is asked: again and again while the database is held, with what was sent as it was read. */
    const carryOut = (body: unknown, raw: unknown) =>
      retryWhileBusy(() => {
        const all = [...details];
        const attempt = attemptOf(visit, request, raw, all);
        refuse(call.query, body, all);
        return endpoint.handle({ ...call, body: body as never, attempt });
      }, options.patienceMs);
    const { body: schema } = endpoint;
    if (!schema) {
      const answer = carryOut(undefined, undefined);
      return answer instanceof Promise ? answer.then((settled) => respond(visit, settled)) : respond(visit, answer);
    }
    return readBody(request).then(async (raw) => respond(visit, await carryOut(checkBody(schema, raw, details), raw)));
  }

  return (visit, request, params) => {
    let response: Response | Promise<Response>;
    try {
      response = handle(visit, request, params);
    } catch (error) {
      response = fail(visit, error);
    }
    if (response instanceof Response) return done(visit, request, response);
    return withDeadline(response, options.deadlineMs).then(
      (settled) => done(visit, request, settled),
      (error) => done(visit, request, fail(visit, error)),
    );
  };
}

/** One line per request: the route's pattern, never its path, which may hold an `externalId`. */
export function logRequest(
  { log, requests }: Pick<RouteOptions, "log" | "requests">,
  visit: Visit,
  method: string,
  route: string,
  status: number,
): void {
  const milliseconds = Math.round((performance.now() - visit.startedAt) * 100) / 100;
  // Without a key, JSON leaves it out.
  log.info({ message: "request", requestId: visit.requestId, method, route, status, milliseconds, key: visit.key?.id });
  requests?.note(method, route, status, milliseconds);
}

function withDeadline(work: Promise<Response>, milliseconds: number): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(new ApiError("SERVICE_UNAVAILABLE", "The request took too long.", { headers: { "Retry-After": "5", Connection: "close" } })),
      milliseconds,
    );
    work.then(resolve, reject).then(() => clearTimeout(timer));
  });
}

/** What stands after the question mark, as it was sent. */
function searchOf({ url }: Request): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start + 1);
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Throws an Error that names the fields, and no value, in which an answer is not what its schema says. */
function checkAnswer({ method, path, answers }: Endpoint, { status, body, json }: Answer): void {
  if (status === 304) return;
  const schema = answers[status];
  if (!schema) throw new Error(`${method} ${path} answered ${status}, which it does not declare.`);
  const checked = check(schema, JSON.parse(json ?? JSON.stringify(body)));
  if ("details" in checked)
    throw new Error(
      `${method} ${path} answered ${status} against its schema: ${checked.details.map((each) => `${each.path} ${each.message}`).join("; ")}`,
    );
}
