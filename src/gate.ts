// May this request come in at all? Its Host, its key and its rate, before anything else of it is read.
import type { Key, Keyring } from "./auth.ts";
import type { Endpoint } from "./endpoint.ts";
import { ApiError, invalid } from "./errors.ts";

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
/** Elysia looks for the path from this index of the URL on: a shorter host would hide the path's beginning from it. */
const PATH_FROM = 11;

/** The path of a URL without the optional `/api` in front, which means nothing. */
export function toPath(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  const path = start === -1 ? "/" : query === -1 ? url.slice(start) : url.slice(start, query);
  return path.startsWith("/api/") ? path.slice(4) : path;
}

function refuseOddHost(request: Request): void {
  const host = request.headers.get("host");
  const slash = request.url.indexOf("/", request.url.indexOf("://") + 3);
  if (slash < PATH_FROM || (host !== null && !HOST.test(host)))
    throw invalid([{ path: "Host", message: "must be a host name of at least 4 characters" }]);
}

function bearer(headers: Headers): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "") ?? [];
  return token ?? headers.get("x-api-key") ?? undefined;
}

/** A key in a URL ends up in other people's logs, so it may be able to record conversions and no more. */
function keyInQuery(url: string, keyring: Keyring): Key | undefined {
  const texts = new URL(url).searchParams.getAll("key");
  if (texts.length === 0) return undefined;
  const key = texts.length === 1 ? keyring.findKey(String(texts[0])) : undefined;
  if (!key) throw new ApiError("INVALID_API_KEY", "The key in the URL is unknown or revoked.");
  if (key.scopes.size !== 1 || !key.scopes.has("conversions:write"))
    throw new ApiError("FORBIDDEN", "A key in a URL must have the scope conversions:write alone.");
  return key;
}

/** Opens the gate of an app: what it returns answers the key of a request (undefined: an open path), or throws why it may not come in. */
export function openGate(
  endpoints: readonly Endpoint[],
  keyring: Keyring,
  mayWait: (keyId: string) => number,
): (request: Request) => Key | undefined {
  const open = new Set(endpoints.filter((each) => each.scope === "open").map((each) => each.path));
  const bare = new Set(endpoints.filter((each) => each.keyInQuery).map((each) => each.path));
  return (request) => {
    refuseOddHost(request);
    const path = toPath(request.url);
    if (open.has(path)) return undefined;
    const text = bearer(request.headers);
    let key = text === undefined ? undefined : keyring.findKey(text);
    if (text !== undefined && !key) throw new ApiError("INVALID_API_KEY", "The key is unknown or revoked.");
    if (!key && bare.has(path) && (request.method === "GET" || request.method === "HEAD")) key = keyInQuery(request.url, keyring);
    if (!key) throw new ApiError("UNAUTHORIZED", "A key is needed: Authorization: Bearer <key>, or X-API-Key: <key>.");
    const seconds = mayWait(key.id);
    if (seconds > 0)
      throw new ApiError("RATE_LIMITED", "Too many requests with this key.", { headers: { "Retry-After": String(seconds) } });
    return key;
  };
}
