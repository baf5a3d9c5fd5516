// Does POST /v1/… take what Segment's and RudderStack's clients send: keys, encodings, batches, repetitions, and bad messages?
import { describe, expect, test } from "bun:test";
import { createKey } from "../../../src/access/api-key.ts";
import type { Scope } from "../../../src/access/keyring.ts";
import { openLog } from "../../../src/host/log.ts";
import { ADMIN_KEY, openWorld, type World } from "../../harness.ts";

const basic = (name: string) => `Basic ${Buffer.from(`${name}:`).toString("base64")}`;
const ORDER = {
  type: "track",
  userId: "u",
  messageId: "m",
  event: "Order Completed",
  timestamp: "2026-02-01T10:00:00Z",
  properties: { order_id: "o", total: 27.5 },
};
const send = (world: World, path: string, body: unknown, headers: Record<string, string> = {}) =>
  world.request("POST", path, body, headers);
const ltvOf = async (world: World, externalId: string) =>
  (await world.request<{ ltv: number }>("GET", `/customers/ext_${externalId}`)).body.data?.ltv;

describe("the key", () => {
  const keyOf = (world: World, scopes: Scope[]) => createKey(world.workspace, { scopes });

  test("may be the user name of HTTP Basic, writeKey in the body, or a bearer's", async () => {
    const world = openWorld();
    const key = keyOf(world, ["conversions:write"]);
    const none = { authorization: "" };
    const asked = [
      await send(world, "/v1/track", ORDER, { authorization: basic(key) }),
      await send(world, "/v1/track", ORDER, { authorization: `Bearer ${key}` }),
      await send(world, "/v1/track", { ...ORDER, writeKey: key }, none),
      await send(world, "/v1/batch", { batch: [ORDER], writeKey: key }, none),
      await send(
        world,
        "/api/v1/batch",
        { batch: [ORDER], writeKey: "in the header there is a better one" },
        { authorization: basic(key) },
      ),
    ];
    expect(asked.map(({ status, text }) => [status, text])).toEqual(asked.map(() => [200, '{"success":true}']));
    await world.close();
  });

  test("that is missing, wrong or lacks the scope is refused, in each of its places, and never repeated", async () => {
    const world = openWorld();
    const none = { authorization: "" };
    const reading = keyOf(world, ["links:read"]);
    const publishable = createKey(world.workspace, { origins: ["https://shop.example"] });
    for (const [headers, body, status, code] of [
      [none, ORDER, 401, "UNAUTHORIZED"],
      [none, "not json", 401, "UNAUTHORIZED"],
      [{ authorization: basic("") }, ORDER, 401, "UNAUTHORIZED"],
      [{ authorization: "Basic %" }, ORDER, 401, "UNAUTHORIZED"],
      [{ authorization: basic("rg_wrong") }, ORDER, 401, "INVALID_API_KEY"],
      [none, { ...ORDER, writeKey: "rg_wrong" }, 401, "INVALID_API_KEY"],
      [none, { ...ORDER, writeKey: 5 }, 401, "UNAUTHORIZED"],
      [{ authorization: basic(reading) }, ORDER, 403, "FORBIDDEN"],
      [none, { ...ORDER, writeKey: reading }, 403, "FORBIDDEN"],
      [none, { ...ORDER, writeKey: publishable }, 403, "FORBIDDEN"],
    ] as const) {
      const reply = await send(world, "/v1/track", body, headers);
      expect([reply.status, reply.body.error?.code]).toEqual([status, code]);
      for (const secret of ["rg_wrong", reading, publishable]) expect(reply.text).not.toContain(secret);
    }
    expect(await ltvOf(world, "u")).toBeUndefined();
    await world.close();
  });

  test("in the body or as a user name opens no other route", async () => {
    const world = openWorld();
    expect((await send(world, "/events", { type: "click", writeKey: ADMIN_KEY }, { authorization: "" })).status).toBe(401);
    expect((await send(world, "/events", { type: "click" }, { authorization: basic(ADMIN_KEY) })).status).toBe(401);
    await world.close();
  });

  test("in the body is limited like any other, a batch by its messages", async () => {
    const world = openWorld({ config: { rateLimit: 3 } });
    const body = { writeKey: keyOf(world, ["conversions:write"]), batch: [ORDER, ORDER, ORDER] };
    expect((await send(world, "/v1/batch", body, { authorization: "" })).status).toBe(200);
    const reply = await send(world, "/v1/batch", body, { authorization: "" });
    expect([reply.status, reply.headers.has("retry-after")]).toEqual([429, true]);
    await world.close();
  });

  test("and what a message says of somebody are in no log line", async () => {
    const lines: string[] = [];
    const world = openWorld({ log: openLog("debug", async (text) => void lines.push(text)) });
    const key = keyOf(world, ["conversions:write"]);
    const bad = { ...ORDER, userId: "secret-person", properties: { total: "secret-amount" } };
    await send(world, "/v1/batch", { batch: [bad], writeKey: key }, { authorization: "" });
    await world.workspace.log.flush();
    expect(lines.join("")).toContain('"fields":["properties.total"]');
    for (const secret of [key, "secret"]) expect(lines.join("")).not.toContain(secret);
    await world.close();
  });
});

describe("the body", () => {
  const gzip = (body: unknown) => Bun.gzipSync(Buffer.from(JSON.stringify(body)));

  test("may be gzipped, and JSON that is called a form", async () => {
    const world = openWorld();
    const asked = [
      await send(world, "/v1/batch", gzip({ batch: [ORDER] }), { "content-encoding": "gzip" }),
      await send(world, "/v1/batch", gzip({ batch: [ORDER] }), {
        "content-encoding": "gzip",
        "content-type": "application/x-www-form-urlencoded",
      }),
      await send(world, "/v1/track", ORDER, { "content-type": "application/x-www-form-urlencoded" }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await ltvOf(world, "u")).toBe(27.5);
    await world.close();
  });

  test("that is too large when unpacked, no gzip, or of another type is refused; and elsewhere gzip is", async () => {
    const world = openWorld();
    const bomb = Bun.gzipSync(Buffer.alloc(600 * 1024, " "));
    expect((await send(world, "/v1/batch", bomb, { "content-encoding": "gzip" })).status).toBe(413);
    expect((await send(world, "/v1/batch", "{}", { "content-encoding": "gzip" })).status).toBe(400);
    expect((await send(world, "/v1/batch", "{}", { "content-encoding": "br" })).status).toBe(415);
    expect((await send(world, "/v1/batch", "{}", { "content-type": "text/plain" })).status).toBe(415);
    expect((await send(world, "/events", gzip({ type: "click" }), { "content-encoding": "gzip" })).status).toBe(415);
    expect((await send(world, "/events", { type: "click" }, { "content-type": "application/x-www-form-urlencoded" })).status).toBe(415);
    await world.close();
  });
});

describe("messages", () => {
  test("of one story come to the same person and amount in any order, and repeated change nothing", async () => {
    const at = (time: string) => ({ timestamp: `2026-02-01T${time}:00Z` });
    const story = [
      {
        type: "page",
        anonymousId: "a",
        messageId: "p",
        ...at("09:00"),
        properties: { url: "https://shop.example/?utm_source=news&utm_campaign=spring" },
      },
      { type: "track", anonymousId: "a", messageId: "l", ...at("09:10"), event: "Signed Up" },
      { type: "identify", userId: "u", anonymousId: "a", messageId: "i", ...at("09:20"), traits: { email: "ann@example.com" } },
      { ...ORDER, ...at("10:00") },
      { type: "track", userId: "u", messageId: "r", ...at("11:00"), event: "Order Refunded", properties: { order_id: "o", total: "7.5" } },
    ];
    for (const messages of [story, story.toReversed(), [...story, ...story]]) {
      const world = openWorld();
      expect((await send(world, "/v1/batch", { batch: messages })).text).toBe('{"success":true}');
      const customer = await world.request<object>("GET", "/customers/ext_u");
      expect(customer.body.data).toMatchObject({ email: "ann@example.com", source: "news", campaign: "spring", ltv: 20, sales: 1 });
      const journey = await world.request<{ summary: object }>("GET", "/customers/ext_u/journey?summary=true");
      expect(journey.body.data.summary).toMatchObject({ clicks: 1, leads: 1, sales: 1, refundCount: 1 });
      await world.close();
    }
  });

  test("of an order that is told again with other content keep the first, and are answered 200", async () => {
    const world = openWorld();
    await send(world, "/v1/track", ORDER);
    const again = { ...ORDER, messageId: "n", timestamp: "2026-02-01T10:00:05Z", properties: { order_id: "o", total: 99 } };
    expect((await send(world, "/v1/track", again)).status).toBe(200);
    expect((await send(world, "/v1/batch", { batch: [again] })).status).toBe(200);
    expect(await ltvOf(world, "u")).toBe(27.5);
    await world.close();
  });

  test("of a person say it for their own time: the newest counts, in any order, and again nothing changes", async () => {
    const identify = (day: number, traits: object) => ({ type: "identify", userId: "u", timestamp: `2026-02-0${day}T10:00:00Z`, traits });
    const messages = [
      identify(1, { name: "Ann", plan: "free" }),
      identify(3, { name: "Ann Lee" }),
      identify(2, { name: "A. L.", plan: "pro" }),
    ];
    for (const batch of [messages, messages.toReversed(), [...messages, ...messages]]) {
      const world = openWorld();
      await send(world, "/v1/track", { ...ORDER, timestamp: "2026-01-01T10:00:00Z" });
      await send(world, "/v1/batch", { batch });
      expect((await world.request<object>("GET", "/customers/ext_u")).body.data).toMatchObject({
        name: "Ann Lee",
        metadata: { plan: "pro" },
      });
      expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM profile_update").pluck().get()).toBe(3);
      await world.close();
    }
  });

  test("that make the customer do so at createdAt, or else at their own time", async () => {
    const world = openWorld();
    await send(world, "/v1/identify", { userId: "a", timestamp: "2026-02-03T10:00:00Z", traits: { createdAt: "2026-01-05T00:00:00Z" } });
    await send(world, "/v1/identify", { userId: "b", timestamp: "2026-02-03T10:00:00Z", traits: {} });
    const createdAt = async (id: string) => (await world.request<{ createdAt: string }>("GET", `/customers/ext_${id}`)).body.data.createdAt;
    expect([await createdAt("a"), await createdAt("b")]).toEqual(["2026-01-05T00:00:00.000Z", "2026-02-03T10:00:00.000Z"]);
    await world.close();
  });

  test("of a refund of more than its order take what is left", async () => {
    const world = openWorld();
    const refund = { type: "track", userId: "u", messageId: "r", event: "Order Refunded", properties: { order_id: "o", total: 30 } };
    await send(world, "/v1/batch", { batch: [ORDER, refund] });
    expect((await world.request<object>("GET", "/customers/ext_u")).body.data).toMatchObject({ grossRevenue: 27.5, refunds: 27.5, ltv: 0 });
    await world.close();
  });

  test("that are bad do not stop the others; one alone is 400 with its fields", async () => {
    const world = openWorld();
    const bad = [
      null,
      5,
      { type: "nonsense" },
      { type: "track", userId: "u" },
      { ...ORDER, messageId: "x", properties: { order_id: "x", total: "much" } },
    ];
    expect((await send(world, "/v1/batch", { batch: [...bad, ORDER] })).status).toBe(200);
    expect(await ltvOf(world, "u")).toBe(27.5);
    const alone = await send(world, "/v1/track", { event: "Order Completed", properties: { total: "much" }, userId: "u" });
    expect([alone.status, alone.body.error?.details?.map(({ path }) => path)]).toEqual([400, ["properties.total"]]);
    const early = await send(world, "/v1/track", { ...ORDER, timestamp: "1969-01-01T00:00:00Z" });
    expect([early.status, early.body.error?.details?.map(({ path }) => path)]).toEqual([400, ["timestamp"]]);
    await world.close();
  });

  test("are counted by what became of them, as their answers do not say it", async () => {
    const world = openWorld();
    const again = { ...ORDER, properties: { order_id: "o", total: 99 } };
    await send(world, "/v1/batch", { batch: [ORDER, ORDER, again, { type: "screen", userId: "u" }, { type: "nonsense" }, null] });
    const { text } = await world.request("GET", "/metrics");
    const counts = [...text.matchAll(/^regulars_segment_messages_total\{result="(\w+)"\} (\d+)$/gm)].map(([, result, count]) => [
      result,
      count,
    ]);
    expect(Object.fromEntries(counts)).toEqual({ recorded: "1", duplicate: "1", conflict: "1", ignored: "1", refused: "2" });
    await world.close();
  });

  test("with a bad field that is not needed are recorded without it", async () => {
    const world = openWorld();
    const context = { traits: { email: "no address" }, campaign: { source: "a\u0000b", name: "x".repeat(300) } };
    expect((await send(world, "/v1/track", { ...ORDER, context })).status).toBe(200);
    const traits = { email: "also none", avatar: "none", address: { country: "Deutschland" }, name: "Ann", long: "x".repeat(20_000) };
    expect((await send(world, "/v1/identify", { userId: "u", traits })).status).toBe(200);
    const { data } = (await world.request<object>("GET", "/customers/ext_u")).body;
    expect(data).toMatchObject({
      name: "Ann",
      email: null,
      avatar: null,
      country: null,
      metadata: null,
      ltv: 27.5,
      source: "a b",
      campaign: "(none)",
    });
    await world.close();
  });

  test("of a guest belong to them once they are identified", async () => {
    const world = openWorld();
    await send(world, "/v1/track", { ...ORDER, userId: null, anonymousId: "a" });
    expect(await ltvOf(world, "u")).toBeUndefined();
    await send(world, "/v1/alias", { userId: "u", previousId: "a" });
    expect(await ltvOf(world, "u")).toBe(27.5);
    await world.close();
  });

  test("have ids of their own, so that an Idempotency-Key is refused", async () => {
    const world = openWorld();
    const reply = await send(world, "/v1/track", ORDER, { "idempotency-key": "k" });
    expect([reply.status, reply.body.error?.details?.[0]?.path]).toEqual([400, "Idempotency-Key"]);
    await world.close();
  });

  test("come 2,500 at most in a batch", async () => {
    const world = openWorld();
    const screens = (count: number) => ({ batch: Array.from({ length: count }, () => ({ type: "screen", userId: "u" })) });
    expect((await send(world, "/v1/batch", screens(2500))).status).toBe(200);
    const large = { batch: Array.from({ length: 400 }, (_, index) => ({ ...ORDER, messageId: `m-${index}`, note: "x".repeat(900) })) };
    expect((await send(world, "/v1/batch", large)).status).toBe(200); // larger than an entry may be
    for (const body of [screens(2501), {}, { batch: 5 }, []]) expect((await send(world, "/v1/batch", body)).status).toBe(400);
    await world.close();
  });
});
