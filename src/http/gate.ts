// May this request be answered at all? Its Host, key and rate are checked before anything else of it is read.
import type { Key, Keyring } from "../access/keyring.ts";
import { ApiError, invalid } from "../value/error.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import { type Endpoint, isSigned } from "./endpoint.ts";
import { type Counted, combineCounts, type RateLimit, UNLIMITED } from "./rate-limit.ts";
import type { RequestContext } from "./request-context.ts";

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
/** Elysia searches the path from this index of the URL on, so with a shorter host it would miss the beginning of the path. */
const PATH_FROM = 11;

/** Throws 400 for an invalid Host, or for one so short that Elysia would misread the path. */
export function requireHost({ request, pathStart }: RequestContext): void {
  const host = request.headers.get("host");
  if (pathStart < PATH_FROM || (host !== null && !HOST.test(host)))
    throw invalid([{ path: "Host", message: "must be a host name of at least 4 characters" }]);
}

function bearer(headers: Headers): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "") ?? [];
  return token ?? headers.get("x-api-key") ?? undefined;
}

/** Finds the key in a query string. A URL ends up in other people's logs, so its key may do nothing but record conversions. Throws 401, 403. */
function keyInQuery(search: string, keyring: Keyring): Key | undefined {
  const texts = new URLSearchParams(search).getAll("key");
  if (texts.length === 0) return undefined;
  const key = texts.length === 1 ? keyring.findKey(String(texts[0])) : undefined;
  if (!key) throw new ApiError("INVALID_API_KEY", "The key in the URL is unknown, revoked or expired.");
  if (key.scopes.size !== 1 || !key.scopes.has("conversions:write"))
    throw new ApiError("FORBIDDEN", "A key in a URL must have conversions:write as its only scope.");
  return key;
}

/** An admitted caller, and the headers of every response to them. */
export interface Admitted {
  readonly key: Key | undefined; // undefined on open paths and for signed requests
  readonly headers: Readonly<Record<string, string>>;
  /** The request is a browser's preflight, which has no key: answer with these headers only. */
  readonly preflight?: Readonly<Record<string, string>>;
}

/**
 * Admits a caller, or throws why not. `endpoint`: the one for the path and method; if the path does not support the method, another
 * one of the path; undefined if there is no such path.
 */
export type Gate = (context: RequestContext, endpoint: Endpoint | undefined) => Admitted;

export interface GateOptions {
  readonly keyring: Keyring;
  readonly limitOfKey: RateLimit;
  /** Without it, addresses are not read at all. */
  readonly limitOfAddress?: RateLimit | undefined;
  /** The caller's address, for the rate limit. */
  readonly addressOf: (request: Request) => string;
}

const OPEN: Admitted = { key: undefined, headers: {} };

function refuseExcess({ wait, headers }: Counted, what: string, beside: Readonly<Record<string, string>> = {}): void {
  if (wait === 0) return;
  throw new ApiError("RATE_LIMITED", `Too many requests ${what}.`, { headers: { "Retry-After": String(wait), ...headers, ...beside } });
}

/** Opens the gate of an app. */
export function openGate({ keyring, limitOfKey, limitOfAddress, addressOf }: GateOptions): Gate {
  function findKey({ request, method, search }: RequestContext, endpoint: Endpoint | undefined): Key {
    const text = bearer(request.headers);
    let key = text === undefined ? undefined : keyring.findKey(text);
    if (text !== undefined && !key) throw new ApiError("INVALID_API_KEY", "The key is unknown, revoked or expired.");
    if (!key && endpoint?.keyInQuery && (method === "GET" || method === "HEAD")) key = keyInQuery(search, keyring);
    if (!key) throw new ApiError("UNAUTHORIZED", "The request has no API key. Send Authorization: Bearer <key>, or X-API-Key: <key>.");
    return key;
  }

  /** Gives the origin if the publishable key allows it, else throws 403. This is no protection against other programs than browsers. */
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
    // The signature covers the body, so it is checked when the body has been read.
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
    // All visitors share this key, so each address has a limit of its own.
    const both = combineCounts(counted, limitOfKey(`${key.id} ${addressOf(request)}`));
    refuseExcess(both, "with this key", cors);
    return { key, headers: { ...cors, ...both.headers } };
  };
}

/** Makes the check of an admitted caller: whether the endpoint's feature is enabled, then whether the key has the scope. Throws 403. */
export function openScopeCheck({ revenue, publishable, admission }: Endpoint, revenueTracking: boolean): (key: Key | undefined) => void {
  const isOff = revenue === true && !revenueTracking;
  return (key) => {
    if (isOff) throw new ApiError("FEATURE_NOT_AVAILABLE", "Revenue tracking is switched off.");
    if (admission === "open" || isSigned(admission) || (publishable && key?.origins)) return;
    if (!key?.scopes.has(admission)) throw new ApiError("FORBIDDEN", `The API key lacks the scope ${admission}.`);
  };
}
