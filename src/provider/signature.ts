// Does a provider's signature belong to these bytes? One row per scheme; Web Crypto compares in constant time.
import type { Provider } from "./provider.ts";

/** How far a signed time may be from the clock, in milliseconds: as long as the providers' own libraries allow. */
export const TOLERANCE_MS = 5 * 60_000;
/** More signatures or secrets than any rotation needs, so that a header of thousands costs nothing. */
const MOST_SIGNATURES = 10;

/** What the headers say: the signed time in Unix seconds, if the scheme has one, the signatures, and what is signed before the body. */
interface Signed {
  readonly seconds?: number;
  readonly signatures: readonly Uint8Array<ArrayBuffer>[];
  readonly prefix: string;
}

interface Scheme {
  /** What the headers say, or undefined if they lack something or are malformed. */
  read(headers: Headers): Signed | undefined;
  /** The keys that a secret can stand for. */
  keysOf(secret: string): readonly Uint8Array<ArrayBuffer>[];
}

const toUtf8 = (text: string) => new TextEncoder().encode(text);
const asText = (secret: string) => [toUtf8(secret)];

function decode(encoding: "hex" | "base64", text: string): Uint8Array<ArrayBuffer>[] {
  const pattern = encoding === "hex" ? /^[0-9a-f]{64}$/i : /^[A-Za-z0-9+/]{43}=$/;
  return pattern.test(text) ? [new Uint8Array(Buffer.from(text, encoding))] : [];
}

/** Reads `t=1700000000,v1=abc,v1=def`: the time and all signatures named `version`. */
function readPairs(header: string | null, separator: string, time: string, version: string): { time: string; hexes: string[] } | undefined {
  const pairs = (header ?? "").split(separator).map((pair) => pair.trim().split("="));
  const found = pairs.find(([name]) => name === time)?.[1];
  if (found === undefined || !/^\d{1,12}$/.test(found)) return undefined;
  return { time: found, hexes: pairs.flatMap(([name, value]) => (name === version && value !== undefined ? [value] : [])) };
}

/** `whsec_` and base64 in Standard Webhooks; Polar's own library takes the whole secret as text. */
function standardKeys(secret: string): Uint8Array<ArrayBuffer>[] {
  const encoded = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  return [toUtf8(secret), ...(encoded === undefined ? [] : [new Uint8Array(Buffer.from(encoded, "base64"))])].filter(
    ({ length }) => length > 0,
  );
}

/** All are HMAC-SHA256. The documents: docs.stripe.com/webhooks, shopify.dev/docs/apps/build/webhooks, developer.paddle.com/webhooks, docs.lemonsqueezy.com/help/webhooks, standardwebhooks.com. */
const SCHEMES: Readonly<Record<Provider, Scheme>> = {
  stripe: {
    read(headers) {
      const pairs = readPairs(headers.get("stripe-signature"), ",", "t", "v1");
      return (
        pairs && { seconds: Number(pairs.time), signatures: pairs.hexes.flatMap((hex) => decode("hex", hex)), prefix: `${pairs.time}.` }
      );
    },
    keysOf: asText,
  },
  shopify: {
    read: (headers) => ({ signatures: decode("base64", headers.get("x-shopify-hmac-sha256") ?? ""), prefix: "" }),
    keysOf: asText,
  },
  paddle: {
    read(headers) {
      const pairs = readPairs(headers.get("paddle-signature"), ";", "ts", "h1");
      return (
        pairs && { seconds: Number(pairs.time), signatures: pairs.hexes.flatMap((hex) => decode("hex", hex)), prefix: `${pairs.time}:` }
      );
    },
    keysOf: asText,
  },
  lemonsqueezy: {
    read: (headers) => ({ signatures: decode("hex", headers.get("x-signature") ?? ""), prefix: "" }),
    keysOf: asText,
  },
  polar: {
    read(headers) {
      const id = headers.get("webhook-id");
      const time = headers.get("webhook-timestamp");
      if (!id || !/^\d{1,12}$/.test(time ?? "")) return undefined;
      const signatures = (headers.get("webhook-signature") ?? "").split(" ").flatMap((each) => {
        const [version, signature = ""] = each.split(",");
        return version === "v1" ? decode("base64", signature) : [];
      });
      return { seconds: Number(time), signatures, prefix: `${id}.${time}.` };
    },
    keysOf: standardKeys,
  },
};

/**
 * Makes the check of a provider's signatures: whether the headers hold one of these bytes by any of the secrets, at most `TOLERANCE_MS`
 * from the clock if the scheme signs a time. `now`: milliseconds since 1970 UTC.
 */
export function openSignatureCheck(provider: Provider, secrets: readonly string[], now: () => number) {
  const scheme = SCHEMES[provider];
  const keys = Promise.all(
    secrets
      .flatMap((secret) => scheme.keysOf(secret))
      .map((key) => crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["verify"])),
  );
  return async (headers: Headers, body: Uint8Array): Promise<boolean> => {
    const signed = scheme.read(headers);
    if (!signed) return false;
    if (signed.seconds !== undefined && Math.abs(now() - signed.seconds * 1000) > TOLERANCE_MS) return false;
    const bytes = new Uint8Array(Buffer.concat([toUtf8(signed.prefix), body]));
    let isValid = false;
    for (const signature of signed.signatures.slice(0, MOST_SIGNATURES))
      for (const key of await keys) if (await crypto.subtle.verify("HMAC", key, signature, bytes)) isValid = true;
    return isValid;
  };
}
