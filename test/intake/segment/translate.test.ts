// Does a message of Segment's API mean what its spec says, whatever form its amounts and ids have?
import { describe, expect, test } from "bun:test";
import { type Call, readMessage } from "../../../src/intake/segment/message.ts";
import { type Meaning, translate } from "../../../src/intake/segment/translate.ts";
import { siteOf } from "../../../src/intake/segment/visit.ts";

const READING = { currency: "USD", leadEvents: ["signed up", "lead *"], otherEvents: "record" } as const;

function meaningOf(message: Record<string, unknown>, call?: Call, reading: Parameters<typeof translate>[1] = READING): Meaning {
  const read = readMessage(message, call);
  if (!read) throw new Error("This is no message.");
  return translate(read, reading);
}

/** The entry of a track of user u. */
function entryOf(event: string, properties: Record<string, unknown>, beside: Record<string, unknown> = {}): Record<string, unknown> {
  const meaning = meaningOf({ type: "track", userId: "u", messageId: "m-1", event, properties, ...beside });
  return "entry" in meaning ? meaning.entry : { ...meaning };
}

describe("an order", () => {
  test.each([
    ["its total", { total: 27.5, revenue: 22.5, tax: 2, shipping: 3 }, 27.5],
    ["a total in text", { total: "27.50" }, 27.5],
    ["a total of 19.99 with the noise of floats", { total: 19.990000000000002 }, 19.99],
    ["0.1 + 0.2", { total: 0.1 + 0.2 }, 0.3],
    ["half a cent, away from zero", { total: "10.005" }, 10.01],
    ["revenue, tax and shipping", { revenue: "22.50", tax: 2, shipping: "3" }, 27.5],
    ["revenue and what is there", { revenue: 22.5, tax: null, shipping: "" }, 22.5],
    ["parts that are rounded once, together", { revenue: 0.333, tax: 0.333, shipping: 0.333 }, 1],
    ["yen without decimals", { total: 1580.4, currency: "jpy" }, 1580],
    ["dinars with three", { total: 1.2345, currency: "KWD" }, 1.235],
  ])("is worth %s", (_, properties, value) => {
    expect(entryOf("Order Completed", { order_id: "o", ...properties })).toMatchObject({ type: "sale", orderId: "o", value });
  });

  test.each([
    ["a number as its id", { order_id: 1234 }, "1234"],
    ["orderId as well", { orderId: "o-2" }, "o-2"],
    ["the messageId without one", {}, "m-1"],
  ])("has %s", (_, properties, orderId) => {
    expect(entryOf("Order Completed", { total: 1, ...properties })).toMatchObject({ orderId });
  });

  test.each([
    ["an id that JSON rounded", { order_id: Number.NaN, total: 1 }, "properties.order_id"],
    ["no amount", { order_id: "o" }, "properties.total"],
    ["an amount that is no number", { order_id: "o", total: "$27.50" }, "properties.total"],
    ["an amount with separators", { order_id: "o", total: "1,234.50" }, "properties.total"],
    ["only tax", { order_id: "o", tax: 2 }, "properties.total"],
    ["a part that is no number", { order_id: "o", revenue: 5, tax: "some" }, "properties.total"],
    ["no such currency", { order_id: "o", total: 1, currency: "points" }, "properties.currency"],
  ])("with %s is refused", (_, properties, path) => {
    expect(entryOf("Order Completed", properties)).toMatchObject({ problems: [{ path }] });
  });

  test("of 0 is none, and its old and other names are known", () => {
    expect(entryOf("Order Completed", { order_id: "o", total: "0.00" })).toHaveProperty("ignored");
    for (const name of ["Completed Order", "order completed", " ORDER COMPLETED "]) expect(entryOf(name, { total: 1 }).type).toBe("sale");
    for (const name of ["Order Cancelled", "Order Updated", "Order.Completed"]) expect(entryOf(name, { total: 1 }).type).toBe("custom");
  });

  test("names its user, visitor, email and campaign, and keeps the rest; nothing of the device", () => {
    const context = {
      ip: "8.8.8.8",
      userAgent: "Mozilla",
      traits: { email: "ann@example.com" },
      campaign: { name: "spring", source: "news", medium: "email" },
    };
    const entry = entryOf(
      "Order Completed",
      { total: 5, coupon: "HALF", products: [{}] },
      { anonymousId: "a", context, timestamp: "2026-2-01T10:00:00Z" },
    );
    expect(entry).toEqual({
      ...{ type: "sale", event: "Order Completed", timestamp: "2026-02-01T10:00:00Z", orderId: "m-1", value: 5, currency: undefined },
      ...{ externalId: "u", visitorId: "a", email: "ann@example.com", clickId: undefined, metadata: { coupon: "HALF" } },
      ...{ source: "news", campaign: "spring", medium: "email" },
    });
  });
});

describe("a refund", () => {
  test.each([
    ["its total", { total: "30" }, 30],
    [
      "its products",
      {
        products: [
          { price: "19", quantity: 1 },
          { price: 3.1, quantity: 2 },
        ],
      },
      25.2,
    ],
    ["all that is left", {}, undefined],
    ["all that is left, without products", { products: [] }, undefined],
  ])("is worth %s", (_, properties, value) => {
    const entry = entryOf("Order Refunded", { order_id: "o", ...properties });
    expect([entry.type, entry.orderId, entry.eventId, entry.value]).toEqual(["refund", "o", "m-1", value]);
  });

  test("names its order", () => {
    expect(entryOf("Order Refunded", { total: 1 })).toMatchObject({ problems: [{ path: "properties.order_id" }] });
    expect(entryOf("Order Refunded", { order_id: "o", products: [{ quantity: 1 }] })).toMatchObject({
      problems: [{ path: "properties.total" }],
    });
  });
});

describe("other tracks", () => {
  test("are leads by their names, else custom, or nothing where the setting says so", () => {
    expect(entryOf("Signed Up", { plan: "trial" })).toMatchObject({ type: "lead", eventId: "m-1", metadata: { plan: "trial" } });
    expect(entryOf("Lead Captured", {}).type).toBe("lead");
    for (const name of ["Song Played", "Leaderboard Viewed"]) expect(entryOf(name, {}).type).toBe("custom");
    const ignoring = { ...READING, otherEvents: "ignore" } as const;
    expect(meaningOf({ type: "track", userId: "u", event: "Song Played" }, undefined, ignoring)).toHaveProperty("ignored");
    expect(meaningOf({ type: "track", userId: "u", event: "Signed Up" }, undefined, ignoring)).toHaveProperty("entry");
  });

  test("need a name and somebody", () => {
    expect(meaningOf({ type: "track", userId: "u" })).toMatchObject({ problems: [{ path: "event" }] });
    expect(meaningOf({ type: "track", event: "Song Played", userId: null, anonymousId: "" })).toMatchObject({
      problems: [{ path: "userId" }],
    });
  });
});

describe("a page", () => {
  const page = (properties: Record<string, unknown>, context = {}) =>
    meaningOf({ type: "page", anonymousId: "a", messageId: "m", properties, context });

  test.each([
    ["UTM parameters", { url: "https://shop.example/?utm_source=news" }, {}],
    ["an ad's click id", { url: "https://shop.example/?gclid=x" }, {}],
    ["a campaign in its context", { url: "https://shop.example/" }, { campaign: { name: "spring" } }],
    ["another site before it", { url: "https://shop.example/", referrer: "https://news.example/a" }, {}],
    ["another site before it, in its context", {}, { page: { url: "https://shop.co.uk/", referrer: "https://news.co.uk/" } }],
  ])("with %s is a click", (_, properties, context) => {
    expect(page(properties, context)).toMatchObject({ entry: { type: "click", clickId: "m", visitorId: "a" } });
  });

  test.each([
    ["none of them", { url: "https://shop.example/" }, {}],
    ["a page of the same site before it", { url: "https://shop.example/a", referrer: "https://www.shop.example/" }, {}],
    ["only an address that cannot be read", { url: "no address", referrer: "https://news.example" }, {}],
    ["an empty campaign", { url: "https://shop.example/" }, { campaign: {} }],
  ])("with %s is nothing", (_, properties, context) => {
    expect(page(properties, context)).toHaveProperty("ignored");
  });

  test("of the same site is no source of a campaign's click", () => {
    const meaning = page({ url: "https://shop.example/?utm_campaign=spring", referrer: "https://blog.shop.example/" });
    expect(meaning).toMatchObject({ entry: { url: "https://shop.example/?utm_campaign=spring", referrer: undefined } });
  });

  test.each([
    ["shop.example", "shop.example"],
    ["a.b.shop.example", "shop.example"],
    ["www.shop.co.uk", "shop.co.uk"],
    ["www.co.de", "co.de"],
    ["localhost", "localhost"],
  ])("%s is of the site %s", (host, site) => expect(siteOf(host)).toBe(host === "www.co.de" ? "www.co.de" : site));
});

describe("a person", () => {
  test("is told by an identify, with what is theirs in fields and the rest in metadata", () => {
    const traits = {
      email: "ann@example.com",
      firstName: "Ann",
      lastName: "Lee",
      avatar: "https://x.example/a.png",
      address: { country: "de", city: "Berlin" },
      plan: "pro",
      createdAt: "2026-01-01",
    };
    expect(meaningOf({ userId: 42, anonymousId: "a", traits, timestamp: "2026-02-01T10:00:00Z" }, "identify")).toEqual({
      told: {
        profile: {
          ...{ externalId: "42", email: "ann@example.com", name: "Ann Lee", avatar: "https://x.example/a.png", country: "DE" },
          ...{ visitorId: "a", clickId: undefined, metadata: { plan: "pro" } },
        },
        time: "2026-02-01T10:00:00Z",
        createdAt: "2026-01-01",
      },
    });
  });

  test("is joined to an earlier id by an alias, and is nobody yet without a userId", () => {
    expect(meaningOf({ userId: "u", previousId: "a" }, "alias")).toMatchObject({ told: { profile: { externalId: "u", visitorId: "a" } } });
    expect(meaningOf({ anonymousId: "a", traits: { email: "a@b.example" } }, "identify")).toHaveProperty("ignored");
    expect(meaningOf({ userId: "u" }, "alias")).toMatchObject({ problems: [{ path: "previousId" }] });
    for (const call of ["group", "screen"] as const) expect(meaningOf({ userId: "u" }, call)).toHaveProperty("ignored");
  });
});

test("what is no message is none", () => {
  for (const raw of [null, 1, "text", [], {}, { type: "delete" }, { type: 1 }]) expect(readMessage(raw)).toBeUndefined();
});
