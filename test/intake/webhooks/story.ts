// What does a story of a provider consist of? Deliveries as the provider makes them, and what they come to in any order.

import type { Provider } from "../../../src/provider/provider.ts";
import type { World } from "../../harness.ts";
import { sign } from "../../provider/sign.ts";

export interface Delivery {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The figures of one customer in major units of their sales' currency. */
export interface Figures {
  readonly sales: number;
  readonly gross: number;
  readonly refunds: number;
}

export interface Story {
  readonly name: string;
  readonly provider: Provider;
  readonly deliveries: readonly Delivery[];
  /** The path key of its customer: `als_…` or `ext_…`. */
  readonly who: string;
  readonly figures: Figures;
  /** The milestones of the journey, in log order. */
  readonly milestones?: readonly string[];
}

export const SECRETS: Readonly<Record<Provider, string>> = {
  stripe: "whsec_stripe0",
  shopify: "shopify-secret",
  paddle: "pdl_ntfset_secret",
  lemonsqueezy: "lemon-secret",
  polar: "polar_whs_secret",
};

/** The settings of a server that takes every provider's webhooks. */
export const EVERY_PROVIDER = {
  stripeSecrets: [SECRETS.stripe],
  shopifySecrets: [SECRETS.shopify],
  paddleSecrets: [SECRETS.paddle],
  lemonsqueezySecrets: [SECRETS.lemonsqueezy],
  polarSecrets: [SECRETS.polar],
};

export interface Received {
  received: boolean;
  result: string;
  reason?: string;
}

/** Sends a delivery, signed. */
export async function deliver(world: World, provider: Provider, { body, headers = {} }: Delivery, secret = SECRETS[provider]) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const signed = sign(provider, text, secret, world.clock.now());
  const all = { authorization: "", "content-type": "application/json", ...headers, ...signed };
  const { status, body: answer } = await world.request("POST", `/webhooks/${provider}`, text, all);
  return { status, ...(answer as unknown as Received) };
}
