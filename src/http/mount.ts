// How do endpoints become one Elysia app? Elysia only finds the route; all routes then work in the same way.
import { Elysia } from "elysia";
import { ApiError, notFound } from "../value/error.ts";
import { toFailure, toResponse, withCallerHeaders } from "./answer.ts";
import { type Endpoint, isSigned } from "./endpoint.ts";
import { logFailure, toApiError } from "./failure.ts";
import { type Admitted, type Gate, openScopeCheck, requireHost } from "./gate.ts";
import type { Params } from "./read-request.ts";
import { logRequest, NO_ROUTE, RequestContext } from "./request-context.ts";
import { openRoute, type Route, type RouteOptions } from "./route.ts";
import type { Snapshots } from "./snapshots.ts";
import { statusOf } from "./status.ts";

export interface MountOptions extends RouteOptions {
  /** Admits a caller, or throws why not. */
  readonly gate: Gate;
  /** The stored answers of reports, if any are stored. */
  readonly snapshots?: Pick<Snapshots, "recall" | "send">;
  /** True while the server is shutting down. */
  readonly isClosing: () => boolean;
}

/** Of a path without parameters. */
const NO_PARAMS: Params = {};

/** The value of `Allow` for a path with these endpoints. */
function methodsOf(endpoints: readonly Endpoint[]): string {
  const methods = endpoints.flatMap(({ method, keyInQuery }) => (method === "GET" && !keyInQuery ? ["GET", "HEAD"] : [method]));
  return [...methods, "OPTIONS"].join(", ");
}

/** Notes in a request who was admitted. */
function note(context: RequestContext, { key, headers, charge, admitKey }: Admitted): void {
  context.key = key;
  context.headers = headers;
  context.charge = charge;
  context.admitKey = admitKey && ((text) => note(context, admitKey(text)));
}

/** Passes a request through the gate, and notes its caller. Gives the answer to a preflight, which needs nothing else. */
function openEntrance(gate: Gate) {
  return (context: RequestContext, endpoint: Endpoint | undefined): Response | undefined => {
    const admitted = gate(context, endpoint);
    note(context, admitted);
    const { preflight } = admitted;
    return preflight && toResponse(context, { status: 204, body: null, headers: preflight });
  };
}

/** Makes the function that answers a request without an endpoint, after the gate. The log calls its route `path`; errors are in the shape of the path's endpoints. */
function openOther(
  enter: (context: RequestContext) => Response | undefined,
  answer: (context: RequestContext) => Response,
  { path, foreign }: { readonly path: string; readonly foreign?: Endpoint["foreign"] | undefined },
  options: RouteOptions,
) {
  return (context: RequestContext): Response => {
    let response: Response | undefined;
    let route = NO_ROUTE;
    try {
      response = enter(context);
      if (!response) {
        route = path;
        response = answer(context);
      }
    } catch (thrown) {
      const error = toApiError(thrown);
      logFailure(options.log, context.requestId, route, error);
      response = toFailure(context, error, foreign?.failure);
    }
    logRequest(options, context, route, response.status);
    return response;
  };
}

/** Makes the function that answers a repeated request from the stored answers, after the gate and the scope check; undefined if there is none. */
function openRecall(endpoints: readonly Endpoint[], { snapshots, gate, ...options }: MountOptions) {
  const enter = openEntrance(gate);
  const reports = new Map(
    endpoints
      .filter(({ cached }) => cached)
      .map((endpoint) => [endpoint.path, { endpoint, check: openScopeCheck(endpoint, options.revenueTracking) }]),
  );
  return (context: RequestContext): Response | undefined => {
    const kept = snapshots?.recall(context);
    const report = kept && reports.get(kept.report);
    if (!snapshots || !kept || !report) return undefined;
    enter(context, report.endpoint);
    report.check(context.key);
    const response = withCallerHeaders(snapshots.send(context, kept), context);
    options.requests?.noteCache("HIT");
    logRequest(options, context, kept.report, response.status);
    return response;
  };
}

/** Mounts the endpoints on an Elysia app, each under its path and under `/api`. */
export function mount(endpoints: readonly Endpoint[], options: MountOptions) {
  const recall = openRecall(endpoints, options);
  const enter = openEntrance(options.gate);
  const refuse = (error: ApiError, context: RequestContext): Response => {
    logFailure(options.log, context.requestId, NO_ROUTE, error);
    logRequest(options, context, NO_ROUTE, statusOf(error));
    return toFailure(context, error);
  };
  const unknown = (context: RequestContext): Response => {
    try {
      enter(context, undefined);
      return refuse(notFound("route"), context);
    } catch (thrown) {
      return refuse(toApiError(thrown), context);
    }
  };
  const app = new Elysia({ strictPath: true, normalize: false })
    .decorate("context", undefined as unknown as RequestContext)
    .onRequest(function enterApp(elysia) {
      const context = new RequestContext(elysia.request);
      elysia.context = context;
      let response: Response | undefined;
      try {
        if (options.isClosing())
          throw new ApiError("SERVICE_UNAVAILABLE", "The server is shutting down.", {
            headers: { "Retry-After": "5", Connection: "close" },
          });
        requireHost(context);
        response = recall(context);
      } catch (thrown) {
        response = refuse(toApiError(thrown), context);
      }
      return response; // not a call: see `add`
    })
    .onError(({ context, code, error }) => (code === "NOT_FOUND" ? unknown(context) : refuse(toApiError(error), context)));
  const add = (method: string, path: string, route: Route, hide = false) => {
    // Elysia reads this code. It parses only what is destructured here, so it parses neither query, headers nor body. And where a call comes
    // right after `=>` or `return`, it waits for a promise in every request. A promise that is returned otherwise works all the same.
    const answer = ({ context, params }: { context: RequestContext; params?: Params }) =>
      params ? route(context, params) : route(context, NO_PARAMS);
    // Our own code reads bodies. A GET has none, and with `parse` each would wait for a promise.
    const parse = method === "GET" ? {} : ({ parse: "none" } as const);
    app.route(method, path, answer, { ...parse, detail: hide ? { hide } : {} });
    app.route(method, path === "/" ? "/api" : `/api${path}`, answer, { ...parse, detail: { hide: true } });
  };
  for (const [path, own] of Map.groupBy(endpoints, (each) => each.path)) {
    const allow = methodsOf(own);
    for (const endpoint of own) add(endpoint.method, path, openRoute(endpoint, allow, enter, options), endpoint.hidden);
    const isOpen = ({ admission }: Endpoint) => admission === "open" || isSigned(admission);
    const any = own.find(isOpen) ?? own.find(({ publishable }) => publishable) ?? own[0];
    const other = openOther(
      (context) => enter(context, any),
      (context) => {
        if (context.method === "OPTIONS") return toResponse(context, { status: 204, body: null, headers: { Allow: allow } });
        throw new ApiError("METHOD_NOT_ALLOWED", `This path does not support ${context.method}. It supports ${allow}.`, {
          headers: { Allow: allow },
        });
      },
      { path, foreign: any?.foreign },
      options,
    );
    add("ALL", path, other, true);
  }
  return app;
}
