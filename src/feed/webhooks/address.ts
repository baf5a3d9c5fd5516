// May a webhook be sent to this address? Not into private networks: whoever can make an endpoint must not reach what only this machine can.
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** Addresses of IPv4 that are not of the public internet (IANA's registry of special purposes), and of services of clouds for their own machines. */
const NOT_PUBLIC_V4 = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // behind carriers' NAT; 100.100.100.200 tells machines of Alibaba Cloud about themselves
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local; 169.254.169.254 tells machines of most clouds about themselves
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocols; 192.0.0.192 is Oracle's
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // former 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
  ["168.63.129.16", 32], // Azure's service for its own machines
] as const;
/** Only 2000::/3 is public in IPv6. So loopback, mapped, translated, unique local, link-local and multicast addresses are out, and these within it. */
const PUBLIC_V6 = ["2000::", 3] as const;
const NOT_PUBLIC_V6 = [
  ["2001::", 23], // protocols, among them Teredo, which holds an address of IPv4
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4, which holds an address of IPv4
  ["3fff::", 20], // documentation
] as const;

function toList(family: "ipv4" | "ipv6", subnets: readonly (readonly [net: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, family);
  return list;
}

const notPublicV4 = toList("ipv4", NOT_PUBLIC_V4);
const publicV6 = toList("ipv6", [PUBLIC_V6]);
const notPublicV6 = toList("ipv6", NOT_PUBLIC_V6);

/** Is it an address of the public internet? */
export function isPublic(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !notPublicV4.check(address, "ipv4");
  return version === 6 && publicV6.check(address, "ipv6") && !notPublicV6.check(address, "ipv6");
}

/** The address of a URL's host if it is one, without brackets; else undefined. */
export function literalOf({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) === 0 ? undefined : bare;
}

/** Gives all addresses of a name. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export const resolveName: Resolve = async (name) => (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

/** An address that must not be called, or a name without one. The message goes to the operator. */
export class Unreachable extends Error {}

/** The address to connect to. Every address of the name must be public, unless private ones are allowed. Throws Unreachable. */
export async function requireAddress(url: URL, allowPrivate: boolean, resolve: Resolve = resolveName): Promise<string> {
  const literal = literalOf(url);
  let addresses: readonly string[];
  try {
    addresses = literal === undefined ? await resolve(url.hostname) : [literal];
  } catch {
    throw new Unreachable("the name has no address");
  }
  const [first] = addresses;
  if (first === undefined) throw new Unreachable("the name has no address");
  if (!allowPrivate && !addresses.every(isPublic)) throw new Unreachable("the address is in a private network");
  return first;
}
