// From which address does a request come? That of the connection, or what as many proxies as are trusted say of it.

/** Numbers a caller may have by the billion count as one: an IPv6 customer is given a /64 at least. */
function toNetwork(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address.slice(address.lastIndexOf(":") + 1);
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const all = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill("0"), ...rest];
  return `${all.slice(0, 4).join(":")}::/64`;
}

/**
 * The caller's address, to be counted and never stored. Each proxy adds to the right of `X-Forwarded-For` whom it was called by, so with `proxies`
 * of them trusted it is that many from the right; anything further left is the caller's own word.
 */
export function toAddress(connection: string | undefined, forwarded: string | null, proxies: number): string {
  const hops = (forwarded ?? "").split(",").map((each) => each.trim());
  const isForwarded = proxies > 0 && forwarded !== null && hops.length >= proxies;
  const address = isForwarded ? hops[hops.length - proxies] : connection;
  return address === undefined || !/^[0-9A-Fa-f:.]{2,45}$/.test(address) ? "unknown" : toNetwork(address);
}
