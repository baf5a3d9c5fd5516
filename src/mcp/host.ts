// Was a request to the agents' endpoint meant for this server? A page whose name was rebound to this address sends its own name as Host.
import type { Asked } from "../http/endpoint.ts";
import { ApiError } from "../value/error.ts";

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The host name of a `Host` header or an origin, without its port, in lower case. Undefined for an origin that is none, such as `null`. */
function hostName(text: string): string | undefined {
  const url = text.includes("://") ? text : `http://${text}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/**
 * Throws FORBIDDEN unless `Host`, and `Origin` if there is one, name this server: loopback, or one of `hosts` (`MCP_HOSTS`).
 * https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning
 */
export function requireOwnHost(asked: Asked, hosts: readonly string[]): void {
  const [host, origin] = [asked.header("host"), asked.header("origin")];
  const isOwn = (name: string | undefined) => name !== undefined && (LOOPBACK.has(name) || hosts.includes(name));
  if (!isOwn(hostName(host ?? "")) || (origin !== null && !isOwn(hostName(origin))))
    throw new ApiError(
      "FORBIDDEN",
      "The Host or Origin is not this server's. Set MCP_HOSTS to the host names under which agents reach it.",
    );
}
