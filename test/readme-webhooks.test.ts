// Does the README list the events of each provider that the program reads, and no others?
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SETTINGS } from "../src/host/config.ts";
import type { Fields } from "../src/provider/json.ts";
import { OTHER_TYPE } from "../src/provider/meaning.ts";
import { PROVIDERS, type Provider } from "../src/provider/provider.ts";
import { TRANSLATE } from "../src/provider/translate.ts";
import { openWorld } from "./harness.ts";
import { SECRETS } from "./intake/webhooks/story.ts";
import { sign } from "./provider/sign.ts";

const README = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
const HEADINGS: Readonly<Record<Provider, string>> = {
  stripe: "### Connect Stripe in two minutes",
  shopify: "### Connect Shopify",
  paddle: "### Connect Paddle",
  lemonsqueezy: "### Connect Lemon Squeezy",
  polar: "### Connect Polar",
};

const sectionOf = (provider: Provider): string => README.split(HEADINGS[provider])[1]?.split("\n##")[0] ?? "";
/** The events that stand on a line of their own. */
const eventsOf = (provider: Provider): string[] => {
  const line = sectionOf(provider)
    .split("\n")
    .find((each) => /^ {3}`[\w./]+` /.test(each));
  return [...(line ?? "").matchAll(/`([^`]+)`/g)].map(([, event]) => event ?? "");
};

function bodyOf(provider: Provider, type: string): Fields {
  if (provider === "lemonsqueezy") return { meta: { event_name: type }, data: { id: "1", attributes: {} } };
  if (provider === "paddle") return { event_type: type, occurred_at: "2026-01-01T00:00:00Z" };
  return { type, created: 1_770_000_000, timestamp: "2026-01-01T00:00:00Z" };
}
function isRead(provider: Provider, type: string): boolean {
  const headers = new Headers({ "x-shopify-topic": type, "x-shopify-shop-domain": "s.myshopify.com" });
  return TRANSLATE[provider]({ headers, body: bodyOf(provider, type) }, []).meaning !== OTHER_TYPE;
}

describe.each([...PROVIDERS])("%s", (provider) => {
  test("every listed event is read", () => {
    const events = eventsOf(provider);
    expect(events.length).toBeGreaterThan(5);
    expect(events.filter((event) => !isRead(provider, event))).toEqual([]);
  });

  test("its setting and its path are there", () => {
    const setting = `${provider.toUpperCase()}_WEBHOOK_SECRET`;
    expect(SETTINGS.map(({ name }) => name)).toContain(setting);
    expect(sectionOf(provider)).toContain(`${setting}=`);
    expect(sectionOf(provider)).toContain(`https://stats.example.com/webhooks/${provider}`);
  });
});

test("the payment that one signs oneself is recorded, as the README shows", async () => {
  const [, body = ""] = /\nBODY='(.+)'\n/.exec(README) ?? [];
  const world = openWorld({ config: { stripeSecrets: [SECRETS.stripe] } });
  const { text } = await world.request("POST", "/webhooks/stripe", body, sign("stripe", body, SECRETS.stripe, world.clock.now()));
  expect(README).toContain(`\n${text}\n`);
  expect((await world.request("GET", "/customers/als_stripe%3Acus_1")).body.data).toMatchObject({ email: "ann@example.com", ltv: 49 });
  await world.close();
});
