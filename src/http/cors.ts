// Which headers let a page of another origin call the API? (Fetch standard, "CORS protocol")

// An Idempotency-Key is refused, but only a page that may send one can read why.
const SENT_HEADERS = "Authorization, X-API-Key, Content-Type, Idempotency-Key";
/** What a page may send to read: it can ask for a fresh report, or for one that has changed. */
const READING_HEADERS = "Authorization, X-API-Key, Cache-Control, If-None-Match";
const READ_HEADERS = "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, ETag, Age, X-Cache, X-Behind, X-Data-As-Of";

/** Is this a preflight, the request that a browser sends before the real one? */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("origin") && request.headers.has("access-control-request-method");
}

/** Is it the preflight of a request that only reads? */
export const isReadingPreflight = (request: Request): boolean =>
  isPreflight(request) && /^(?:GET|HEAD)$/.test(request.headers.get("access-control-request-method") ?? "");

/** The headers of the answer to a preflight: what a page of the origin may send. None of it if the origin is not allowed. */
export function preflightHeaders(origin: string, method: "GET" | "POST", isAllowed: boolean): Readonly<Record<string, string>> {
  if (!isAllowed) return { Vary: "Origin" };
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": method,
    "Access-Control-Allow-Headers": method === "GET" ? READING_HEADERS : SENT_HEADERS,
    "Access-Control-Max-Age": "600",
    Vary: "Origin",
  };
}

/** The headers that let a page of the origin read an answer. */
export function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return { "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": READ_HEADERS, Vary: "Origin" };
}
