// Which headers let a page of another origin call the API? (Fetch standard, "CORS protocol")

// An Idempotency-Key is refused, but only a page that may send one can read why.
const SENT_HEADERS = "Authorization, X-API-Key, Content-Type, Idempotency-Key";
const READ_HEADERS = "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy";

/** Is this a preflight, the request that a browser sends before the real one? */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("origin") && request.headers.has("access-control-request-method");
}

/** The headers of the answer to a preflight: what a page of the origin may send. None of it if the origin is not allowed. */
export function preflightHeaders(origin: string, isAllowed: boolean): Readonly<Record<string, string>> {
  if (!isAllowed) return { Vary: "Origin" };
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": SENT_HEADERS,
    "Access-Control-Max-Age": "600",
    Vary: "Origin",
  };
}

/** The headers that let a page of the origin read an answer. */
export function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return { "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": READ_HEADERS, Vary: "Origin" };
}
