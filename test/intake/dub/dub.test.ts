// Does /dub answer and record as Dub's API, in our own terms?
import { describe, expect, test } from "bun:test";
import { fromDub, toDub } from "../../../src/intake/dub/amount.ts";
import { openWorld, type World } from "../../harness.ts";

interface Sale {
  eventName: string;
  customer: { id: string; externalId: string; email: string | null } | null;
  sale: { amount: number; currency: string; paymentProcessor: string; invoiceId: string | null; metadata: object | null } | null;
}
interface DubError {
  error: { code: string; message: string; doc_url: string };
}

const post = async <Body>(world: World, path: string, body: unknown, headers: Record<string, string> = {}) => {
  const { status, text } = await world.request("POST", `/dub/track/${path}`, body, headers);
  return { status, body: JSON.parse(text) as Body };
};
const get = async <Body>(world: World, path: string) => {
  const { status, text } = await world.request("GET", `/dub${path}`);
  return { status, body: JSON.parse(text) as Body };
};
const ltvOf = async (world: World, externalId: string) =>
  (await world.request<{ ltv: number }>("GET", `/customers/ext_${externalId}`)).body.data?.ltv;
const LEAD = { clickId: "c-1", eventName: "Sign up", customerExternalId: "ann", customerEmail: "Ann@Example.com", customerName: null };
const SALE = { customerExternalId: "ann", amount: 4999, currency: "usd", invoiceId: "in_1", paymentProcessor: "stripe" };

describe("a lead", () => {
  test("joins its click, known or not, and is one for each name", async () => {
    const world = openWorld();
    const first = await post(world, "lead", LEAD);
    expect(first).toEqual({
      status: 200,
      body: { click: { id: "c-1" }, link: null, customer: { name: null, email: "ann@example.com", avatar: null, externalId: "ann" } },
    });
    expect((await post(world, "lead", { ...LEAD, eventName: "SIGN UP", customerName: "Ann" })).status).toBe(200);
    await post(world, "lead", { ...LEAD, eventName: "Demo" });
    await world.request("POST", "/events", { type: "click", clickId: "c-1", timestamp: "2026-02-01T00:00:00Z", source: "news" });
    const journey = await world.request<{ summary: object }>("GET", "/customers/ext_ann/journey?summary=true");
    expect(journey.body.data.summary).toMatchObject({ clicks: 1, leads: 2, sources: ["news"] });
    await world.close();
  });

  test("of a quantity is so many, and again no more", async () => {
    const world = openWorld();
    for (let count = 0; count < 2; count += 1) await post(world, "lead", { ...LEAD, eventQuantity: 3 });
    const journey = await world.request<{ summary: object }>("GET", "/customers/ext_ann/journey?summary=true");
    expect(journey.body.data.summary).toMatchObject({ leads: 3 });
    await world.close();
  });

  test("that is deferred makes the customer with their click, and the lead follows without it", async () => {
    const world = openWorld();
    await world.request("POST", "/events", { type: "click", clickId: "c-1", source: "news" });
    expect((await post(world, "lead", { ...LEAD, mode: "deferred" })).status).toBe(200);
    expect((await world.request<object>("GET", "/customers/ext_ann")).body.data).toMatchObject({
      email: "ann@example.com",
      clickId: "c-1",
    });
    await post(world, "lead", { ...LEAD, clickId: "" });
    const journey = await world.request<{ summary: object }>("GET", "/customers/ext_ann/journey?summary=true");
    expect(journey.body.data.summary).toMatchObject({ clicks: 1, leads: 1 });
    await world.close();
  });

  test("leaves nothing by which an erased person could be guessed", async () => {
    const world = openWorld();
    await post(world, "lead", LEAD);
    await world.request("DELETE", "/customers/ext_ann");
    const keys = world.workspace.database.sqlite.prepare("SELECT key, event_id FROM entry").all();
    expect(JSON.stringify(keys)).toMatch(/^\[\{"key":"dub_[\w-]{27}","event_id":"dub_[\w-]{27}"\}\]$/);
    await world.close();
  });
});

describe("a sale", () => {
  test("is answered with what was stored, in its own currency", async () => {
    const world = openWorld();
    const { status, body } = await post<Sale>(world, "sale", {
      ...SALE,
      currency: "eur",
      metadata: { plan: "pro" },
      leadEventName: "Sign up",
    });
    expect([status, body]).toEqual([
      200,
      {
        eventName: "Purchase",
        customer: { id: expect.stringMatching(/^cus_/), name: null, email: null, avatar: null, externalId: "ann" } as never,
        sale: { amount: 4999, currency: "eur", paymentProcessor: "stripe", invoiceId: "in_1", metadata: { plan: "pro" } },
      },
    ]);
    await world.close();
  });

  test("with a known invoiceId is answered with the first, whatever it says", async () => {
    const world = openWorld();
    const first = await post<Sale>(world, "sale", SALE);
    for (const other of [SALE, { ...SALE, amount: 1, eventName: "Other" }, { ...SALE, customerExternalId: "bob" }])
      expect(await post<Sale>(world, "sale", other)).toEqual(first);
    expect<unknown>([await ltvOf(world, "ann"), await ltvOf(world, "bob")]).toEqual([49.99, undefined]);
    await world.close();
  });

  test("without an invoiceId is another each time, unless an Idempotency-Key repeats it", async () => {
    const world = openWorld();
    const { invoiceId: _, ...keyless } = SALE;
    await post(world, "sale", keyless);
    await post(world, "sale", { ...keyless, invoiceId: null });
    for (let count = 0; count < 2; count += 1) await post(world, "sale", keyless, { "idempotency-key": "k" });
    expect(await ltvOf(world, "ann")).toBe(149.97);
    await world.close();
  });

  test("of 0 is none; of an erased customer it is answered without them", async () => {
    const world = openWorld();
    expect((await post<Sale>(world, "sale", { ...SALE, amount: 0 })).body).toMatchObject({ customer: null, sale: null });
    expect(await ltvOf(world, "ann")).toBeUndefined();
    await post(world, "sale", SALE);
    await world.request("DELETE", "/customers/ext_ann");
    const { status, body } = await post<Sale>(world, "sale", SALE);
    expect([status, body.customer, body.sale?.amount]).toEqual([200, null, 4999]);
    await world.close();
  });

  test.each([
    [4999, "USD", 4999n],
    [1580, "JPY", 1580n],
    [300, "MGA", 30_000n],
    [1000, "KWD", 1000n],
    [500, "ISK", 5n],
    [550, "ISK", undefined],
    [7, "UGX", 7n],
    [1, "XXX", undefined],
  ])("of %d in %s is %p minor units", (amount, currency, minor) => {
    expect(fromDub(amount, currency)).toBe(minor as bigint);
    if (minor !== undefined) expect(toDub(minor, currency)).toBe(BigInt(amount));
  });
});

describe("customers", () => {
  /** Customers u-1 to u-5, made a minute apart, of whom u-1 has bought. */
  async function opened(): Promise<World> {
    const world = openWorld();
    for (let index = 1; index <= 5; index += 1) {
      world.clock.set(`2026-02-01T00:0${index}:00Z`);
      await world.request("POST", "/customers", {
        externalId: `u-${index}`,
        email: `u${index}@example.com`,
        country: index > 3 ? "DE" : "FR",
      });
    }
    await post(world, "sale", { ...SALE, customerExternalId: "u-1" });
    await world.request("POST", "/events", { type: "refund", orderId: "in_1", eventId: "r", value: 9.99 });
    return world;
  }
  const idsOf = async (world: World, query: string) =>
    (await get<{ externalId: string }[]>(world, `/customers${query}`)).body.map((each) => each.externalId);

  test("are listed newest first, filtered, and page by page until a page is empty", async () => {
    const world = await opened();
    expect(await idsOf(world, "")).toEqual(["u-5", "u-4", "u-3", "u-2", "u-1"]);
    expect(await idsOf(world, "?sortOrder=asc&pageSize=2&page=2")).toEqual(["u-3", "u-4"]);
    expect(await idsOf(world, "?country=FR")).toEqual(["u-3", "u-2", "u-1"]);
    expect(await idsOf(world, "?search=u2%40")).toEqual(["u-2"]);
    expect(await idsOf(world, "?email=U3%40example.com&externalId=u-1")).toEqual(["u-3"]);
    expect(await idsOf(world, "?externalId=u-1&search=u2")).toEqual(["u-1"]);
    expect(await idsOf(world, "?externalId=u-9")).toEqual([]);
    expect(await idsOf(world, "?partnerId=pn_1&unknown=ignored")).toEqual([]);
    const seen: string[] = [];
    for (let after = "", turn = 0; turn < 9; turn += 1) {
      const { body } = await get<{ id: string; externalId: string }[]>(world, `/customers?pageSize=2${after}`);
      if (body.length === 0) break;
      seen.push(...body.map(({ externalId }) => externalId));
      after = `&startingAfter=${body.at(-1)?.id}`;
    }
    expect(seen).toEqual(["u-5", "u-4", "u-3", "u-2", "u-1"]);
    expect(await idsOf(world, "?pageSize=2&endingBefore=ext_u-2")).toEqual(["u-4", "u-3"]);
    expect(await idsOf(world, "?externalId=u-1&startingAfter=ext_u-1")).toEqual([]);
    await world.close();
  });

  test("have gross sales in cents, and are changed and erased", async () => {
    const world = await opened();
    expect((await get(world, "/customers/ext_u-1?includeExpandedFields=true")).body).toMatchObject({
      ...{ externalId: "u-1", email: "u1@example.com", country: "FR", sales: 1, saleAmount: 4999, createdAt: "2026-02-01T00:01:00.000Z" },
      ...{ firstSaleAt: "2026-02-01T00:05:00.000Z", subscriptionCanceledAt: null, link: null },
    });
    const change = (body: unknown) => world.request("PATCH", "/dub/customers/ext_u-2", body);
    expect(JSON.parse((await change({ name: "Two", email: null, externalId: "u-two", ignored: 1 })).text)).toMatchObject({
      name: "Two",
      email: null,
      externalId: "u-two",
    });
    expect((await world.request("PATCH", "/dub/customers/ext_u-two", { externalId: "u-1" })).status).toBe(409);
    expect((await world.request("PATCH", "/dub/customers/ext_u-two", {})).status).toBe(200);
    const { text } = await world.request("DELETE", "/dub/customers/ext_u-two");
    expect(JSON.parse(text)).toEqual({ id: expect.stringMatching(/^cus_/) });
    expect((await get<DubError>(world, "/customers/ext_u-two")).body.error.code).toBe("not_found");
    await world.close();
  });

  test("have the id of Stripe that an alias says, and are found by it", async () => {
    const world = await opened();
    expect((await get<{ stripeCustomerId: unknown }>(world, "/customers/ext_u-1")).body.stripeCustomerId).toBeNull();
    await world.request("PATCH", "/dub/customers/ext_u-1", { stripeCustomerId: "cus_123" });
    expect((await get(world, "/customers/ext_u-1")).body).toMatchObject({ stripeCustomerId: "cus_123" });
    await world.request("POST", "/events", { type: "sale", orderId: "pi_1", aliases: ["stripe:cus_123"], value: 1 });
    expect((await get(world, "/customers/als_stripe:cus_123")).body).toMatchObject({ externalId: "u-1", sales: 2 });
    expect((await world.request("PATCH", "/dub/customers/ext_u-1", { stripeCustomerId: null })).status).toBe(200);
    await world.close();
  });

  test("who are known by email alone have an empty externalId, which the library can read", async () => {
    const world = openWorld();
    await world.request("POST", "/events", { type: "lead", eventId: "l", email: "x@example.com" });
    expect(await idsOf(world, "")).toEqual([""]);
    await world.close();
  });

  test("are off where revenue tracking is, but for erasure", async () => {
    const world = openWorld({ config: { revenueTracking: false } });
    await post(world, "lead", LEAD);
    expect((await get<DubError>(world, "/customers")).body.error.code).toBe("forbidden");
    expect((await world.request("DELETE", "/dub/customers/ext_ann")).status).toBe(200);
    await world.close();
  });
});

describe("errors", () => {
  test.each([
    ["no customer", "sale", { amount: 1 }, 400, "bad_request", "customerExternalId: is required"],
    ["broken JSON", "sale", "{", 400, "bad_request", "It is not valid JSON"],
    ["a wrong amount", "sale", { ...SALE, amount: 1.5 }, 422, "unprocessable_entity", "amount: "],
    ["a negative amount", "sale", { ...SALE, amount: -1 }, 422, "unprocessable_entity", "amount: "],
    ["no currency of the world", "sale", { ...SALE, currency: "abc" }, 422, "unprocessable_entity", "currency: "],
    ["several bad fields", "lead", { customerEmail: "none", customerExternalId: "a" }, 422, "unprocessable_entity", "eventName: "],
    ["a bad address", "lead", { ...LEAD, customerEmail: "none" }, 422, "unprocessable_entity", "customerEmail: "],
  ])("%s in a %s is in Dub's shape", async (_, path, body, status, code, message) => {
    const world = openWorld();
    const reply = await post<DubError>(world, path, body);
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
    expect(reply.body.error.message).toContain(message);
    expect(reply.body.error.doc_url).toEndWith(`#${code.replaceAll("_", "-")}`);
    await world.close();
  });

  test("older names of the customer's id are taken", async () => {
    const world = openWorld();
    await post(world, "sale", { externalId: "old-1", amount: 100 });
    await post(world, "sale", { customerId: "old-2", amount: 200 });
    expect([await ltvOf(world, "old-1"), await ltvOf(world, "old-2")]).toEqual([1, 2]);
    await world.close();
  });
});
