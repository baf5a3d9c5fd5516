// How does an answer go out? JSON with the headers that each one carries.

import type { ApiError } from "../value/error.ts";
import type { Answer } from "./endpoint.ts";
import { statusOf } from "./status.ts";

const BODILESS = new Set([204, 304]);

/** Whom an answer goes to. */
export interface Addressee {
  readonly requestId: string;
  /** What every answer to this caller says. */
  readonly headers: Readonly<Record<string, string>>;
}

// Copied with each answer: that takes half as long as to make headers from their names.
const COMMON_HEADERS = new Headers({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
const JSON_HEADERS = new Headers([...COMMON_HEADERS, ["Content-Type", "application/json; charset=utf-8"]]);

function setAll(headers: Headers, values: Readonly<Record<string, string>> | undefined): void {
  for (const name in values) headers.set(name, String(values[name]));
}

/** The same response with what every answer to this caller says. */
export function withCallerHeaders(response: Response, to: Addressee): Response {
  response.headers.set("X-Request-Id", to.requestId);
  setAll(response.headers, to.headers);
  return response;
}

/** The response of an answer. Nothing is cached unless its headers say so. */
export function toResponse(to: Addressee, { status, body, json, headers }: Answer): Response {
  const response = BODILESS.has(status)
    ? new Response(null, { status, headers: COMMON_HEADERS })
    : new Response(json ?? JSON.stringify(body), { status, headers: JSON_HEADERS });
  setAll(response.headers, headers);
  return withCallerHeaders(response, to);
}

/** The response of a failure: code, message and details, never more. */
export function toFailure(to: Addressee, error: ApiError): Response {
  const { code, message, details, headers } = error;
  const status = statusOf(error);
  const body = { success: false, error: { code, message, ...(details && { details }), requestId: to.requestId } };
  return toResponse(to, { status, body, headers: status === 401 ? { "WWW-Authenticate": "Bearer", ...headers } : headers });
}

/** The response as `HEAD` has it: no body, but its length (which Elysia has put there already when it found a GET route). */
export async function withoutBody(response: Response): Promise<Response> {
  if (!response.body) return response;
  const headers = new Headers(response.headers);
  headers.set("Content-Length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status: response.status, headers });
}
