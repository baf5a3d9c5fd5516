// Which session does a browser send, and when does it count? It only reads, and only for pages of this server itself.
import type { Key } from "../access/keyring.ts";
import { SESSION_SECONDS, type Sessions } from "../access/sessions.ts";
import { ApiError } from "../value/error.ts";
import type { Asked, Endpoint } from "./endpoint.ts";

/** A header that a page of another origin can send only after a preflight, which is never answered for it. */
export const DASHBOARD_HEADER = "X-Dashboard";

type Headed = Pick<Asked, "header" | "method">;

/** Did the browser speak TLS? A trusted proxy says so in `X-Forwarded-Proto`. */
export function isSecure(asked: Pick<Asked, "header">, trustProxy: number): boolean {
  if (trustProxy === 0) return false;
  const said = (asked.header("x-forwarded-proto") ?? "").split(",").map((each) => each.trim().toLowerCase());
  return (said.at(-trustProxy) ?? said[0]) === "https";
}

const nameOf = (secure: boolean) => (secure ? "__Host-regulars" : "regulars");

/** The value of `Set-Cookie` for a session; an empty token removes the cookie. */
export function toCookie(token: string, secure: boolean): string {
  const age = token === "" ? 0 : SESSION_SECONDS;
  return `${nameOf(secure)}=${token}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

function readCookie(header: string | null, name: string): string | undefined {
  const found = header?.split(";").find((pair) => pair.trimStart().startsWith(`${name}=`));
  return found?.trim().slice(name.length + 1);
}

/** Fetch metadata of W3C: browsers send it from potentially trustworthy origins alone. */
function isFromOwnPage(asked: Headed): boolean {
  const site = asked.header("sec-fetch-site");
  return site === null ? asked.header(DASHBOARD_HEADER) === "1" : site === "same-origin" || site === "none";
}

/** May a session ask this? Only for what changes nothing, and for its own end. */
function isAllowed({ method }: Headed, endpoint: Endpoint | undefined): boolean {
  if (method === "GET" || method === "HEAD") return !endpoint?.keyInQuery;
  return method === "DELETE" && endpoint?.isOfSession === true;
}

/**
 * The key of the session in a request without a key. Undefined if there is none, or if another site sent it. Throws UNAUTHORIZED for a
 * request that needs the key itself.
 */
export function findSession(asked: Headed, endpoint: Endpoint | undefined, sessions: Sessions, trustProxy: number): Key | undefined {
  const token = readCookie(asked.header("cookie"), nameOf(isSecure(asked, trustProxy)));
  if (!token || !isFromOwnPage(asked)) return undefined;
  const key = sessions.findKey(token);
  if (key && !isAllowed(asked, endpoint))
    throw new ApiError("UNAUTHORIZED", "A session only reads. Send the key with this request: Authorization: Bearer <key>.");
  return key;
}
