// How does an answer become a response? As JSON, with the headers that every response has.

import type { ApiError } from "../value/error.ts";
import type { Answer } from "./endpoint.ts";
import type { FailureShape } from "./foreign.ts";
import { statusOf } from "./status.ts";

const BODILESS = new Set([204, 304]);

/** Whom an answer goes to. */
export interface Addressee {
  readonly requestId: string;
  /** The headers of every response to this caller: rate limits, CORS. */
  readonly headers: Readonly<Record<string, string>>;
}

// Copied for each response: this takes half as long as building the headers from their names.
const COMMON_HEADERS = new Headers({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
const JSON_HEADERS = new Headers([...COMMON_HEADERS, ["Content-Type", "application/json; charset=utf-8"]]);

function setAll(headers: Headers, values: Readonly<Record<string, string>> | undefined): void {
  for (const name in values) {
    if (name === "Vary") headers.append(name, String(values[name]));
    else headers.set(name, String(values[name]));
  }
}

/** Adds the request id and the headers of this caller to a response. Gives the same response. */
export function withCallerHeaders(response: Response, to: Addressee): Response {
  response.headers.set("X-Request-Id", to.requestId);
  setAll(response.headers, to.headers);
  return response;
}

/** Turns an answer into a response. It must not be cached unless its own headers say otherwise. */
export function toResponse(to: Addressee, { status, body, json, headers }: Answer): Response {
  const response = BODILESS.has(status)
    ? new Response(null, { status, headers: COMMON_HEADERS })
    : new Response(json ?? JSON.stringify(body), { status, headers: JSON_HEADERS });
  setAll(response.headers, headers);
  return withCallerHeaders(response, to);
}

/** Turns an error into a response: its code, message and details, and nothing else of it. `shape`: that of another service. */
export function toFailure(to: Addressee, error: ApiError, shape?: FailureShape): Response {
  const { code, message, details, headers } = error;
  const status = shape ? shape.statusOf(error) : statusOf(error);
  const body = shape
    ? shape.bodyOf(error, to.requestId)
    : { success: false, error: { code, message, ...(details && { details }), requestId: to.requestId } };
  return toResponse(to, { status, body, headers: status === 401 ? { "WWW-Authenticate": "Bearer", ...headers } : headers });
}

/** The response to `HEAD`: without the body, but with its length. (Elysia has already set it if it found a GET route.) */
export async function withoutBody(response: Response): Promise<Response> {
  if (!response.body) return response;
  const headers = new Headers(response.headers);
  headers.set("Content-Length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status: response.status, headers });
}
