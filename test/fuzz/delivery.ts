// What do providers deliver, for the fuzz to change? Their bodies are signed after the change, so that they are let in.
import fc from "fast-check";
import { PROVIDERS, type Provider } from "../../src/provider/provider.ts";
import { NOW } from "../harness.ts";
import { OTHER_STORIES } from "../intake/webhooks/stories/others.ts";
import { SHOPIFY_STORIES } from "../intake/webhooks/stories/shopify.ts";
import { STRIPE_STORIES } from "../intake/webhooks/stories/stripe.ts";
import { SECRETS } from "../intake/webhooks/story.ts";
import { sign } from "../provider/sign.ts";

interface Draft {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The provider whose deliveries this path takes in. */
export const providerOf = (path: string): Provider | undefined => PROVIDERS.find((provider) => path === `/webhooks/${provider}`);

/** Requests of people for their data. The fuzz makes customers with these emails. */
const DATA_REQUESTS = [0, 1, 2, 3, 4, 5].map((number): Draft => {
  const shop = "my-shop.myshopify.com";
  const customer = { id: 900 + number, email: `person${number}@example.com` };
  return {
    headers: { "x-shopify-topic": "customers/data_request", "x-shopify-shop-domain": shop },
    body: JSON.stringify({ shop_domain: shop, customer }),
  };
});

/** Deliveries of a provider. */
export function deliveryOf(provider: Provider): fc.Arbitrary<Draft> {
  const all = [...STRIPE_STORIES, ...SHOPIFY_STORIES, ...OTHER_STORIES].filter((story) => story.provider === provider);
  return fc.constantFrom(
    ...(provider === "shopify" ? DATA_REQUESTS : []),
    ...all.flatMap(({ deliveries }) =>
      deliveries.map(({ body, headers = {} }): Draft => ({ headers, body: typeof body === "string" ? body : JSON.stringify(body) })),
    ),
  );
}

/** The headers that sign a body at the time of a test's world. */
export const signatureOf = (provider: Provider, body: string): Record<string, string> => sign(provider, body, SECRETS[provider], NOW);
