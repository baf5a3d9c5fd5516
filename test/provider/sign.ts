// How does a test sign a delivery as a provider does?
import { createHmac } from "node:crypto";
import type { Provider } from "../../src/provider/provider.ts";

/** The headers of a delivery. `at`: milliseconds since 1970 UTC. */
export function sign(provider: Provider, body: string | Uint8Array, secret: string, at: number): Record<string, string> {
  const time = String(Math.floor(at / 1000));
  const hmac = (prefix: string) => createHmac("sha256", secret).update(prefix).update(body);
  if (provider === "stripe") return { "stripe-signature": `t=${time},v1=${hmac(`${time}.`).digest("hex")}` };
  if (provider === "paddle") return { "paddle-signature": `ts=${time};h1=${hmac(`${time}:`).digest("hex")}` };
  if (provider === "shopify") return { "x-shopify-hmac-sha256": hmac("").digest("base64") };
  if (provider === "lemonsqueezy") return { "x-signature": hmac("").digest("hex") };
  const id = `msg_${hmac("id").digest("hex").slice(0, 12)}`; // the same when it is delivered again
  return {
    "webhook-id": id,
    "webhook-timestamp": time,
    "webhook-signature": `v1,${hmac(`${id}.${time}.`).digest("base64")}`,
  };
}
