// Do deliveries mean what their providers' documents say? Each rule by a small payload of ours.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Effect, Meaning, ProviderEntry } from "../../src/provider/effect.ts";
import { parseBody, toFields } from "../../src/provider/json.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { TRANSLATE } from "../../src/provider/translate.ts";
import { OTHER_STORIES } from "../intake/webhooks/stories/others.ts";
import { SHOPIFY_STORIES } from "../intake/webhooks/stories/shopify.ts";
import { STRIPE_STORIES } from "../intake/webhooks/stories/stripe.ts";

const ID_KEYS = ["regularsExternalId", "userId"];
const translate = (provider: Provider, body: unknown, headers: Record<string, string> = {}) =>
  TRANSLATE[provider]({ headers: new Headers(headers), body: toFields(body) }, ID_KEYS);
const effectsOf = (meaning: Meaning): readonly Effect[] => ("ignored" in meaning ? [] : meaning);
const entriesOf = (meaning: Meaning): ProviderEntry[] =>
  effectsOf(meaning).flatMap((effect) => (effect.kind === "entry" ? [effect.entry] : []));

const stripe = (type: string, object: object, more: object = {}) =>
  translate("stripe", { id: "evt_1", type, created: 1_770_000_000, livemode: true, data: { object }, ...more });
const CHARGE = {
  id: "ch_1",
  amount: 1000,
  captured: true,
  created: 1_769_000_000,
  currency: "usd",
  customer: "cus_1",
  status: "succeeded",
};

describe("Stripe", () => {
  test.each([
    ["its PaymentIntent", { payment_intent: "pi_1" }, "pi_1"],
    ["its PaymentIntent, as an object", { payment_intent: { id: "pi_1", object: "payment_intent" } }, "pi_1"],
    ["itself, without one", {}, "ch_1"],
  ])("a charge's sale is keyed by %s, and so are its refunds and disputes", (_name, more, key) => {
    expect(entriesOf(stripe("charge.succeeded", { ...CHARGE, ...more }).meaning)).toMatchObject([
      { type: "sale", orderId: key, value: 10 },
    ]);
    const back = { id: "re_1", amount: 400, charge: "ch_1", created: 1_769_500_000, currency: "usd", status: "succeeded", ...more };
    expect(entriesOf(stripe("refund.created", back).meaning)).toMatchObject([{ type: "refund", eventId: "re_1", orderId: key, value: 4 }]);
    expect(entriesOf(stripe("charge.dispute.created", { ...back, status: "needs_response" }).meaning)).toMatchObject([{ orderId: key }]);
    const old = { ...CHARGE, ...more, refunds: { data: [back] } }; // up to 2022-08-01
    expect(entriesOf(stripe("charge.refunded", old).meaning)).toMatchObject([{ eventId: "re_1", orderId: key, value: 4 }]);
  });

  test.each([
    ["jpy", 1580, 1580],
    ["isk", 50_000, 500],
    ["ugx", 50_000, 500],
    ["mga", 300, 300],
    ["kwd", 1000, 1],
    ["usd", 1, 0.01],
    ["huf", 150_050, 1500.5],
  ])("%s %i is %d", (currency, amount, value) => {
    expect(entriesOf(stripe("charge.succeeded", { ...CHARGE, currency, amount }).meaning)).toMatchObject([
      { value, currency: currency.toUpperCase() },
    ]);
  });

  test("money comes from charges alone", () => {
    for (const type of [
      "checkout.session.completed",
      "invoice.paid",
      "payment_intent.succeeded",
      "invoice.payment_succeeded",
      "invoice_payment.paid",
    ])
      for (const object of [
        { id: "x", amount_total: 500, amount_paid: 500, amount_received: 500, amount: 500, currency: "usd", customer: "cus_1", created: 1 },
      ])
        expect([type, entriesOf(stripe(type, object).meaning).filter((entry) => entry.type === "sale")]).toEqual([type, []]);
  });

  test.each([
    ["failed", { status: "failed" }],
    ["pending", { status: "pending", paid: false }],
    ["not captured", { captured: false }],
    ["of nothing", { amount: 0 }],
    ["without a currency", { currency: null }],
    ["of half a cent", { amount: 0.5 }],
  ])("a charge that is %s is ignored", (_name, more) => {
    expect(stripe("charge.succeeded", { ...CHARGE, ...more }).meaning).toHaveProperty("ignored");
  });

  test("what a charge captured before 2020 counts without what was released", () => {
    const charge = { ...CHARGE, amount: 1000, amount_refunded: 300 };
    expect(entriesOf(stripe("charge.captured", charge).meaning)).toMatchObject([{ value: 7 }]);
  });

  test("a refund's own status counts, not the name of its event", () => {
    const back = { id: "re_1", amount: 400, charge: "ch_1", created: 1_769_500_000, currency: "usd" };
    const statusOf = (status: string | undefined, type = "refund.updated") =>
      effectsOf(stripe(type, { ...back, status }).meaning).flatMap((effect) => (effect.kind === "status" ? [effect.status.status] : []));
    expect(["succeeded", "failed", "canceled", "pending", "requires_action", undefined].map((status) => statusOf(status))).toEqual([
      ["approved"],
      ["rejected"],
      ["rejected"],
      [],
      [],
      ["approved"],
    ]);
    expect(statusOf("succeeded", "refund.failed")).toEqual(["approved"]);
  });

  test("who pays: the id in the metadata, then client_reference_id; the customer is always an alias", () => {
    const session = { id: "cs_1", created: 1_769_000_000, customer: "cus_1", customer_details: { email: "a@example.com" } };
    const named = (more: object) => entriesOf(stripe("checkout.session.completed", { ...session, ...more }).meaning)[0];
    expect(named({ client_reference_id: "ref-1" })).toMatchObject({
      externalId: "ref-1",
      aliases: ["stripe:cus_1"],
      email: "a@example.com",
    });
    expect(named({ client_reference_id: "ref-1", metadata: { userId: 42 } })).toMatchObject({ externalId: "42" });
    expect(named({ client_reference_id: "ref-1", metadata: { userId: 42, regularsExternalId: "best" } })).toMatchObject({
      externalId: "best",
    });
    const clicked = named({ client_reference_id: "dub_id_abc" });
    expect([clicked?.externalId, clicked?.clickId]).toEqual([undefined, "abc"]);
    expect(named({ metadata: { clickId: "c1", utm_source: "x", utm_campaign: "y", utm_medium: "z" } })).toMatchObject({
      clickId: "c1",
      source: "x",
      campaign: "y",
      medium: "z",
    });
  });

  test("a trial that begins later in a subscription's life is none that converts", () => {
    const trialing = { id: "sub_1", customer: "cus_1", status: "trialing", trial_start: 1_769_000_000 };
    const previous = { data: { object: trialing, previous_attributes: { status: "active" } } };
    expect(stripe("customer.subscription.updated", trialing, previous).meaning).toHaveProperty("ignored");
  });

  test("the test mode is told by livemode", () => {
    expect([false, true, undefined].map((livemode) => stripe("charge.succeeded", CHARGE, { livemode }).isTest)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("Shopify", () => {
  const HEADERS = { "x-shopify-topic": "orders/paid", "x-shopify-shop-domain": "a-shop.myshopify.com" };
  const ORDER = { id: 1, currency: "USD", processed_at: "2026-01-05T10:00:00-05:00", total_price: "10.00", customer: { id: 7 } };

  test("ids keep their digits, and have the shop before them", () => {
    const body = parseBody(
      new TextEncoder().encode(
        '{"id":820982911946154508,"customer":{"id":0},"currency":"USD","total_price":"1.00","processed_at":"2026-01-05T10:00:00Z"}',
      ),
    );
    expect(entriesOf(translate("shopify", body, HEADERS).meaning)).toMatchObject([
      { orderId: "shopify:a-shop:820982911946154508", aliases: [] },
    ]);
  });

  test("an id that cannot be stored names nobody", () => {
    for (const id of ["\u0000", "a\nb", "\ud800"])
      expect(entriesOf(translate("shopify", { ...ORDER, customer: { id } }, HEADERS).meaning)).toMatchObject([{ aliases: [] }]);
  });

  test("no shop, no order", () => {
    for (const domain of ["", "evil.example", "x.myshopify.com.evil.example", "a:b.myshopify.com"])
      expect(translate("shopify", ORDER, { ...HEADERS, "x-shopify-shop-domain": domain }).meaning).toHaveProperty("ignored");
  });

  test("the value is in the money of the shop, whatever the buyer saw", () => {
    const set = { shop_money: { amount: "12.50", currency_code: "EUR" }, presentment_money: { amount: "14.00", currency_code: "CHF" } };
    expect(entriesOf(translate("shopify", { ...ORDER, total_price_set: set }, HEADERS).meaning)).toMatchObject([
      { value: 12.5, currency: "EUR" },
    ]);
  });

  test("where the order came from is in its landing page", () => {
    const order = { ...ORDER, landing_site: "/?utm_source=x", referring_site: "https://t.example/" };
    expect(entriesOf(translate("shopify", order, HEADERS).meaning)).toMatchObject([
      { url: "https://a-shop.myshopify.com/?utm_source=x", referrer: "https://t.example/" },
    ]);
  });

  test("tests are told by the order, its transactions or the header", () => {
    expect(translate("shopify", { ...ORDER, test: true }, HEADERS).isTest).toBe(true);
    expect(translate("shopify", { ...ORDER, transactions: [{ test: true }] }, HEADERS).isTest).toBe(true);
    expect(translate("shopify", ORDER, { ...HEADERS, "x-shopify-test": "true" }).isTest).toBe(true);
    expect(translate("shopify", ORDER, HEADERS).isTest).toBe(false);
  });
});

test("whatever is in a signed body, nothing throws", () => {
  const deliveries = [...STRIPE_STORIES, ...SHOPIFY_STORIES, ...OTHER_STORIES].flatMap(({ provider, deliveries: all }) =>
    all.map(({ body, headers = {} }) => ({ provider, headers, text: typeof body === "string" ? body : JSON.stringify(body) })),
  );
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e300, 2 ** 53, "", "0", "\u0000", [], {}, null, "2026-13-99T99:99:99Z"));
  fc.assert(
    fc.property(
      fc.constantFrom(...deliveries),
      fc.array(fc.tuple(fc.nat(200), odd), { maxLength: 5 }),
      ({ provider, headers, text }, changes) => {
        const changed = new Map(changes);
        let index = 0;
        const mutated = JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
          changed.has(index++) && index > 2 ? changed.get(index - 1) : value,
        );
        const body = parseBody(new TextEncoder().encode(mutated));
        if (body) translate(provider, body, headers);
      },
    ),
    { numRuns: 3000 },
  );
});

test("a body that is no JSON object is none", () => {
  for (const text of ["", "null", "[]", "1", '"x"', "{", '{"a":1}x'])
    expect([text, parseBody(new TextEncoder().encode(text))]).toEqual([text, undefined]);
  expect(parseBody(new Uint8Array([0x7b, 0xff, 0x7d]))).toBeUndefined();
});
