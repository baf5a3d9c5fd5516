// How do endpoints become one Elysia app? Elysia finds the route; what a route does is the same for all of them.
import { Elysia } from "elysia";
import { ApiError, notFound } from "../value/error.ts";
import { addressed, toFailure, toResponse } from "./answer.ts";
import type { Endpoint } from "./endpoint.ts";
import { logFailure, toApiError } from "./failure.ts";
import type { Gate } from "./gate.ts";
import { logRequest, openRoute, type Params, type Route, type RouteOptions, type Visit } from "./route.ts";
import type { Snapshots } from "./snapshots.ts";
import { statusOf } from "./status.ts";

export interface MountOptions extends RouteOptions {
  /** Says who asks, or throws why they may not come in. */
  readonly gate: Gate;
  /** The answers that are kept, if any are. */
  readonly snapshots?: Pick<Snapshots, "recall" | "send">;
  /** True while the server is shutting down. */
  readonly isClosing: () => boolean;
}

/** What a request that finds no route is called in the log. */
const NO_ROUTE = "(none)";

/** The methods that a path answers, from its endpoints. */
function methodsOf(endpoints: readonly Endpoint[]): string {
  const methods = endpoints.flatMap(({ method, keyInQuery }) => (method === "GET" && !keyInQuery ? ["GET", "HEAD"] : [method]));
  return [...methods, "OPTIONS"].join(", ");
}

/** Answers what no endpoint of a known path does: OPTIONS, and 405 for the rest. */
function otherMethods(path: string, allow: string, options: RouteOptions): Route {
  return (visit, request) => {
    const response =
      request.method === "OPTIONS"
        ? toResponse(visit, { status: 204, body: null, headers: { Allow: allow } })
        : toFailure(visit, new ApiError("METHOD_NOT_ALLOWED", `This path answers ${allow}.`, { headers: { Allow: allow } }));
    logRequest(options, visit, request.method, path, response.status);
    return response;
  };
}

/** Answers what was answered before and is kept, if the key opens it, with no more ado; undefined: go on. */
function openRecall(endpoints: readonly Endpoint[], { snapshots, ...options }: MountOptions) {
  const scopes = new Map(endpoints.filter(({ cached }) => cached).map(({ path, scope }) => [path, scope]));
  return (visit: Visit, request: Request): Response | undefined => {
    const kept = snapshots?.recall(request);
    if (!snapshots || !kept || !visit.key?.scopes.has(scopes.get(kept.report) ?? "")) return undefined;
    const response = addressed(snapshots.send(request, kept), visit);
    options.requests?.noteCache("HIT");
    logRequest(options, visit, request.method, kept.report, response.status);
    return response;
  };
}

/** Mounts the endpoints on an Elysia app, each under its path and under `/api`. */
export function mount(endpoints: readonly Endpoint[], options: MountOptions) {
  const { log } = options;
  const recall = openRecall(endpoints, options);
  const app = new Elysia({ strictPath: true, normalize: false })
    .decorate("visit", undefined as unknown as Visit)
    .onRequest(function enter(context) {
      const visit: Visit = { requestId: crypto.randomUUID(), startedAt: performance.now(), key: undefined, headers: {} };
      context.visit = visit;
      try {
        if (options.isClosing())
          throw new ApiError("SERVICE_UNAVAILABLE", "The server is shutting down.", {
            headers: { "Retry-After": "5", Connection: "close" },
          });
        const { key, headers, preflight } = options.gate(context.request);
        visit.key = key;
        visit.headers = headers;
        if (preflight) {
          logRequest(options, visit, context.request.method, NO_ROUTE, 204);
          return toResponse(visit, { status: 204, body: null, headers: preflight });
        }
        return recall(visit, context.request);
      } catch (thrown) {
        const error = toApiError(thrown);
        logFailure(log, visit.requestId, NO_ROUTE, error);
        logRequest(options, visit, context.request.method, NO_ROUTE, statusOf(error));
        return toFailure(visit, error);
      }
    })
    .onError(function lost({ visit, request, code, error: thrown }) {
      const error = code === "NOT_FOUND" ? notFound("route") : toApiError(thrown);
      logFailure(log, visit.requestId, NO_ROUTE, error);
      logRequest(options, visit, request.method, NO_ROUTE, statusOf(error));
      return toFailure(visit, error);
    });
  const add = (method: string, path: string, route: Route) => {
    // Only what is taken out of the context here is made ready by Elysia: neither query, headers nor body.
    for (const prefix of ["", "/api"])
      app.route(method, prefix + path, ({ visit, request, params }) => route(visit, request, params as Params), { parse: "none" });
  };
  for (const [path, own] of Map.groupBy(endpoints, (each) => each.path)) {
    const allow = methodsOf(own);
    for (const endpoint of own) add(endpoint.method, path, openRoute(endpoint, allow, options));
    add("ALL", path, otherMethods(path, allow, options));
  }
  return app;
}
