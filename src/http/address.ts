// From which address does a request come? From that of the connection, or from the one that trusted proxies report.

/** The part of an address that stands for one caller. An IPv6 caller has a /64 at least, so the whole network counts as one. */
function toNetwork(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address.slice(address.lastIndexOf(":") + 1);
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const all = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill("0"), ...rest];
  return `${all.slice(0, 4).join(":")}::/64`;
}

/** Cuts off the port that some proxies append (`203.0.113.9:5678`, `[2001:db8::1]:5678`), and the brackets. */
function withoutPort(address: string): string {
  const [, bracketed, plain] = /^\[([^\]]*)\](?::\d+)?$|^([^:]*):\d+$/.exec(address) ?? [];
  return bracketed ?? plain ?? address;
}

/**
 * The caller's address for rate limits, which is never stored; `unknown` if there is none. `connection` is the address of the connection,
 * `forwarded` the header `X-Forwarded-For`, `proxies` the number of trusted proxies. Each proxy appends the address that called it, so the
 * caller's is that many from the right. Anything further left is the caller's own claim.
 */
export function toAddress(connection: string | undefined, forwarded: string | null, proxies: number): string {
  const hops = (forwarded ?? "").split(",").map((each) => each.trim());
  const isForwarded = proxies > 0 && forwarded !== null && hops.length >= proxies;
  const named = isForwarded ? hops[hops.length - proxies] : connection;
  const address = named === undefined ? undefined : withoutPort(named);
  return address === undefined || !/^[0-9A-Fa-f:.]{2,45}$/.test(address) ? "unknown" : toNetwork(address);
}
