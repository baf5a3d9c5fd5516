// May this request come in at all? Its Host, its key and its rate, before anything else of it is read.
import type { Key, Keyring } from "../access/keyring.ts";
import { ApiError, invalid } from "../value/error.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import { type Endpoint, isSigned } from "./endpoint.ts";
import { type Counted, combineCounts, type RateLimit, UNLIMITED } from "./rate-limit.ts";
import type { RequestContext } from "./request-context.ts";

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
/** Elysia looks for the path from this index of the URL on: a shorter host would hide the path's beginning from it. */
const PATH_FROM = 11;

/** Throws 400 for a Host that is none, or that would hide a part of the path. */
export function requireHost({ request, pathStart }: RequestContext): void {
  const host = request.headers.get("host");
  if (pathStart < PATH_FROM || (host !== null && !HOST.test(host)))
    throw invalid([{ path: "Host", message: "must be a host name of at least 4 characters" }]);
}

function bearer(headers: Headers): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "") ?? [];
  return token ?? headers.get("x-api-key") ?? undefined;
}

/** A key in a URL ends up in other people's logs, so it may be able to record conversions and no more. */
function keyInQuery(search: string, keyring: Keyring): Key | undefined {
  const texts = new URLSearchParams(search).getAll("key");
  if (texts.length === 0) return undefined;
  const key = texts.length === 1 ? keyring.findKey(String(texts[0])) : undefined;
  if (!key) throw new ApiError("INVALID_API_KEY", "The key in the URL is unknown, revoked or expired.");
  if (key.scopes.size !== 1 || !key.scopes.has("conversions:write"))
    throw new ApiError("FORBIDDEN", "A key in a URL must have conversions:write as its only scope.");
  return key;
}

/** Who asks, and what every answer to them says. */
export interface Admitted {
  readonly key: Key | undefined; // undefined: an open path
  readonly headers: Readonly<Record<string, string>>;
  /** A browser asks before it sends, without a key: answer these headers, and no more. */
  readonly preflight?: Readonly<Record<string, string>>;
}

/** `endpoint`: what the path and method lead to; of a path that lacks the method, one of its endpoints; undefined: there is no such path. */
export type Gate = (context: RequestContext, endpoint: Endpoint | undefined) => Admitted;

export interface GateOptions {
  readonly keyring: Keyring;
  readonly limitOfKey: RateLimit;
  /** Absent: addresses are not even looked at. */
  readonly limitOfAddress?: RateLimit | undefined;
  /** The caller's address, to be counted. */
  readonly addressOf: (request: Request) => string;
}

const OPEN: Admitted = { key: undefined, headers: {} };

function refuseExcess({ wait, headers }: Counted, what: string, beside: Readonly<Record<string, string>> = {}): void {
  if (wait === 0) return;
  throw new ApiError("RATE_LIMITED", `Too many requests ${what}.`, { headers: { "Retry-After": String(wait), ...headers, ...beside } });
}

/** Opens the gate of an app: it says who asks, or throws why they may not come in. */
export function openGate({ keyring, limitOfKey, limitOfAddress, addressOf }: GateOptions): Gate {
  function findKey({ request, method, search }: RequestContext, endpoint: Endpoint | undefined): Key {
    const text = bearer(request.headers);
    let key = text === undefined ? undefined : keyring.findKey(text);
    if (text !== undefined && !key) throw new ApiError("INVALID_API_KEY", "The key is unknown, revoked or expired.");
    if (!key && endpoint?.keyInQuery && (method === "GET" || method === "HEAD")) key = keyInQuery(search, keyring);
    if (!key) throw new ApiError("UNAUTHORIZED", "The request has no API key. Send Authorization: Bearer <key>, or X-API-Key: <key>.");
    return key;
  }

  /** A publishable key is good from the pages that it was made for. Not a wall: callers that are no browser can say any origin. */
  function requireOrigin(request: Request, origins: ReadonlySet<string>): string {
    const origin = request.headers.get("origin");
    if (origin === null || !origins.has(origin))
      throw new ApiError(
        "FORBIDDEN",
        "This publishable key does not allow requests from this origin. Make one for it with regulars keys create --origin.",
      );
    return origin;
  }

  return (context, endpoint) => {
    const { request } = context;
    if (endpoint?.admission === "open") return OPEN;
    const counted = limitOfAddress?.(addressOf(request)) ?? UNLIMITED;
    refuseExcess(counted, "from this address");
    // Its signature is over the body, so it is looked at as soon as that is read.
    if (endpoint && isSigned(endpoint.admission)) return { ...OPEN, headers: counted.headers };
    if (endpoint?.publishable && isPreflight(request)) {
      const origin = request.headers.get("origin") ?? "";
      return { ...OPEN, preflight: preflightHeaders(origin, keyring.isOrigin(origin)) };
    }
    const key = findKey(context, endpoint);
    if (!key.origins) {
      const both = combineCounts(counted, limitOfKey(key.id));
      refuseExcess(both, "with this key");
      return { key, headers: both.headers };
    }
    const cors = corsHeaders(requireOrigin(request, key.origins));
    // Every visitor has this key, so none of them may use up the others' share.
    const both = combineCounts(counted, limitOfKey(`${key.id} ${addressOf(request)}`));
    refuseExcess(both, "with this key", cors);
    return { key, headers: { ...cors, ...both.headers } };
  };
}

/** What an endpoint asks of whoever came in: that its feature is on, then the scope. Throws 403. */
export function openScopeCheck({ revenue, publishable, admission }: Endpoint, revenueTracking: boolean): (key: Key | undefined) => void {
  const isOff = revenue === true && !revenueTracking;
  return (key) => {
    if (isOff) throw new ApiError("FEATURE_NOT_AVAILABLE", "Revenue tracking is switched off.");
    if (admission === "open" || isSigned(admission) || (publishable && key?.origins)) return;
    if (!key?.scopes.has(admission)) throw new ApiError("FORBIDDEN", `The API key lacks the scope ${admission}.`);
  };
}
