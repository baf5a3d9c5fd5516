// How does an answer go out? JSON with the headers that each one carries.
import type { Answer } from "./endpoint.ts";
import type { ApiError } from "./errors.ts";

const BODILESS = new Set([204, 304]);

/** The response of an answer. Nothing is cached unless its headers say so. */
export function toResponse(requestId: string, { status, body, json, headers }: Answer): Response {
  const all: Record<string, string> = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": requestId,
    ...headers,
  };
  if (!BODILESS.has(status)) return new Response(json ?? JSON.stringify(body), { status, headers: all });
  delete all["Content-Type"];
  return new Response(null, { status, headers: all });
}

/** The response of a failure: code, message and details, never more. */
export function toFailure(requestId: string, error: ApiError): Response {
  const { code, message, details, status, headers } = error;
  const body = { success: false, error: { code, message, ...(details && { details }), requestId } };
  return toResponse(requestId, { status, body, headers: status === 401 ? { "WWW-Authenticate": "Bearer", ...headers } : headers });
}

/** The response as `HEAD` has it: no body, but its length (which Elysia has put there already when it found a GET route). */
export async function withoutBody(response: Response): Promise<Response> {
  if (!response.body) return response;
  const headers = new Headers(response.headers);
  headers.set("Content-Length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status: response.status, headers });
}
