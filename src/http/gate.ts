// May this request be answered at all? Its Host, key and rate are checked before anything else of it is read.
import type { Key, Keyring } from "../access/keyring.ts";
import type { Sessions } from "../access/sessions.ts";
import { ApiError, invalid } from "../value/error.ts";
import { type Charge, chargeKey, chargePage, refuseExcess } from "./charge.ts";
import { corsHeaders, isPreflight, isReadingPreflight, preflightHeaders } from "./cors.ts";
import { type Endpoint, isSigned } from "./endpoint.ts";
import { basicUserName } from "./foreign.ts";
import type { PageLimits } from "./page-limits.ts";
import { type Counted, combineCounts, type RateLimit, UNLIMITED } from "./rate-limit.ts";
import type { RequestContext } from "./request-context.ts";
import { findSession } from "./session-cookie.ts";

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

/**
 * Finds the key in a query string. A URL ends up in other people's logs, so only a conversion key is accepted. Throws 401, the same for
 * every other key, so that the answer does not tell whether it works elsewhere.
 */
function keyInQuery(search: string, keyring: Keyring): Key | undefined {
  const texts = new URLSearchParams(search).getAll("key");
  if (texts.length === 0) return undefined;
  const key = texts.length === 1 ? keyring.findKey(String(texts[0])) : undefined;
  if (!key?.isForConversions)
    throw new ApiError(
      "INVALID_API_KEY",
      "The key in the URL is unknown, revoked, expired, or not a conversion key. Make one with regulars keys create --conversions.",
    );
  return key;
}

/** An admitted caller, and the headers of every response to them. */
export interface Admitted {
  readonly key: Key | undefined; // undefined on open paths and for signed requests
  readonly headers: Readonly<Record<string, string>>;
  /** The request is a browser's preflight, which has no key: answer with these headers only. */
  readonly preflight?: Readonly<Record<string, string>>;
  /** Counts the body against the limits. Undefined: there are none. */
  readonly charge?: Charge | undefined;
  /** The key is in the body: admits the caller once it has been read, or throws why not. */
  readonly admitKey?: (text: string | undefined) => Admitted;
}

/**
 * Admits a caller, or throws why not. `endpoint`: the one for the path and method; if the path does not support the method, another
 * one of the path; undefined if there is no such path.
 */
export type Gate = (context: RequestContext, endpoint: Endpoint | undefined) => Admitted;

export interface GateOptions {
  readonly keyring: Keyring;
  /** Without them, nobody is signed in. */
  readonly sessions?: Sessions | undefined;
  readonly trustProxy?: number;
  readonly limitOfKey: RateLimit;
  /** Without it, addresses are not read at all. */
  readonly limitOfAddress?: RateLimit | undefined;
  /** Without it, pages may send as much as others. */
  readonly pageLimits?: PageLimits | undefined;
  /** The caller's address, for the rate limits. */
  readonly addressOf: (request: Request) => string;
}

const OPEN: Admitted = { key: undefined, headers: {} };

/** Opens the gate of an app. */
export function openGate({ keyring, sessions, trustProxy = 0, limitOfKey, limitOfAddress, pageLimits, addressOf }: GateOptions): Gate {
  function findKey(context: RequestContext, endpoint: Endpoint | undefined, text: string | undefined): Key {
    const { method, search } = context;
    let key = text === undefined ? undefined : keyring.findKey(text);
    if (text !== undefined && !key) throw new ApiError("INVALID_API_KEY", "The key is unknown, revoked or expired.");
    if (!key && endpoint?.keyInQuery && (method === "GET" || method === "HEAD")) key = keyInQuery(search, keyring);
    if (!key && sessions) key = findSession(context, endpoint, sessions, trustProxy);
    if (!key) throw new ApiError("UNAUTHORIZED", "The request has no API key. Send Authorization: Bearer <key>, or X-API-Key: <key>.");
    return key;
  }

  /**
   * The CORS headers of a page that the key allows, else throws 403. A key that reads also works without an origin: such a request is not of
   * another site's page. This is no protection against other programs than browsers.
   */
  function originHeaders(request: Request, { origins, isPublishable }: Key): Readonly<Record<string, string>> {
    const origin = request.headers.get("origin");
    if (origins === undefined || (origin === null && !isPublishable)) return {};
    if (origin === null || !origins.has(origin))
      throw new ApiError(
        "FORBIDDEN",
        `This ${isPublishable ? "publishable " : ""}key does not allow requests from this origin. Make one for it with regulars keys create --origin.`,
      );
    return corsHeaders(origin);
  }

  /** Admits a caller by the text of the key. `counted`: the result of the limit per address. */
  function admit(context: RequestContext, endpoint: Endpoint | undefined, text: string | undefined, counted: Counted): Admitted {
    const { request } = context;
    const key = findKey(context, endpoint, text);
    const cors = originHeaders(request, key);
    if (!key.isPublishable) {
      const own = limitOfKey(key.id);
      const both = combineCounts(counted, own);
      refuseExcess(both, "requests with this key", cors);
      return { key, headers: { ...cors, ...both.headers }, charge: own === UNLIMITED ? undefined : chargeKey(limitOfKey, key.id, counted) };
    }
    // All visitors share this key, so each address has a limit of its own.
    const page = { keyId: key.id, address: addressOf(request) };
    const caller = `${page.keyId} ${page.address}`;
    const own = limitOfKey(caller);
    const both = combineCounts(counted, own);
    refuseExcess(both, "requests with this key", cors);
    refuseExcess({ ...UNLIMITED, wait: pageLimits?.takeEntries(page, 1) ?? 0 }, "entries with this publishable key", cors);
    const charge = own === UNLIMITED ? undefined : chargeKey(limitOfKey, caller, counted);
    return { key, headers: { ...cors, ...both.headers }, charge: pageLimits ? chargePage(pageLimits, page, cors, charge) : charge };
  }

  return (context, endpoint) => {
    const { request } = context;
    if (endpoint?.uncounted) return OPEN;
    const counted = limitOfAddress?.(addressOf(request)) ?? UNLIMITED;
    refuseExcess(counted, "requests from this address");
    if (endpoint?.admission === "open") return { ...OPEN, headers: counted.headers };
    // The signature covers the body, so it is checked when the body has been read.
    if (endpoint && isSigned(endpoint.admission)) return { ...OPEN, headers: counted.headers };
    const origin = request.headers.get("origin") ?? "";
    if (endpoint?.publishable && isPreflight(request))
      return { ...OPEN, preflight: preflightHeaders(origin, "POST", keyring.isOrigin(origin, "publishable")) };
    if (endpoint && isReadingPreflight(request) && keyring.isOrigin(origin, "reading"))
      return { ...OPEN, preflight: preflightHeaders(origin, "GET", true) };
    const text = bearer(request.headers) ?? (endpoint?.foreign?.takesBasic ? basicUserName(request.headers) : undefined);
    if (text === undefined && endpoint?.foreign?.keyInBody)
      return { ...OPEN, headers: counted.headers, admitKey: (found) => admit(context, endpoint, found, counted) };
    return admit(context, endpoint, text, counted);
  };
}

/** Makes the check of an admitted caller: whether the endpoint's feature is enabled, then whether the key has the scope. Throws 403. */
export function openScopeCheck(
  { revenue, publishable, keyInQuery, admission }: Endpoint,
  revenueTracking: boolean,
): (key: Key | undefined) => void {
  const isOff = revenue === true && !revenueTracking;
  return (key) => {
    if (isOff) throw new ApiError("FEATURE_NOT_AVAILABLE", "Revenue tracking is switched off.");
    if (admission === "open" || isSigned(admission) || (publishable && key?.isPublishable) || (keyInQuery && key?.isForConversions)) return;
    if (admission === "key") {
      if (key?.isPublishable || key?.isForConversions)
        throw new ApiError("FORBIDDEN", "This kind of key cannot read anything. Use a secret key (rg_…).");
      return;
    }
    if (!key?.scopes.has(admission)) throw new ApiError("FORBIDDEN", `The API key lacks the scope ${admission}.`);
  };
}
