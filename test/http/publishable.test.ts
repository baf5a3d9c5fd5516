// What can a visitor do with the key that stands in a page?
import { describe, expect, test } from "bun:test";
import { createKey } from "../../src/access/api-key.ts";
import { openWorld, type World } from "../harness.ts";
import { verifyWorld } from "../verify/world.ts";

const SHOP = "https://shop.example";

/** Sends to a path with a publishable key of SHOP, from a page of `origin`. */
function visitor(world: World, origin: string | undefined = SHOP) {
  const key = createKey(world.workspace, { origins: [SHOP, "http://localhost:5173"] });
  const headers = { authorization: `Bearer ${key}`, ...(origin && { origin }) };
  return (body: unknown, path = "/events", method = "POST") => world.request<Record<string, unknown>>(method, path, body, headers);
}

describe("a publishable key", () => {
  test("looks like one, and records a click and a lead that tell nothing of whose they are", async () => {
    const world = openWorld();
    expect(createKey(world.workspace, { origins: [SHOP] })).toMatch(/^rgp_[0-9A-Za-z]{36}$/);
    const send = visitor(world);
    const click = await send({
      type: "click",
      clickId: "c-1",
      visitorId: "v",
      url: "https://shop.example/?utm_source=google",
      link: "https://l.example/a",
    });
    expect([click.status, Object.keys(click.body.data).sort()]).toEqual([201, ["clickId", "id", "type"]]);
    await world.request("POST", "/events", { type: "lead", eventId: "l", externalId: "ann", clickId: "c-1" });
    const batch = await send([{ type: "lead", clickId: "c-1", visitorId: "v", event: "newsletter" }]);
    expect([batch.status, batch.text.includes("customerId"), batch.text.includes("cus_")]).toEqual([200, false, false]);
    const journey = await world.request<{ entries: { source: string; timestamp: string }[] }>("GET", "/customers/ext_ann/journey");
    expect(journey.body.data.entries[0]).toMatchObject({ source: "google", timestamp: "2026-03-01T00:00:00.000Z" });
    world.close();
  });

  for (const field of [
    "externalId",
    "email",
    "name",
    "avatar",
    "country",
    "eventId",
    "timestamp",
    "orderId",
    "value",
    "currency",
    "status",
    "metadata",
  ])
    test(`does not take ${field}`, async () => {
      const world = openWorld();
      const send = visitor(world);
      const values: Record<string, unknown> = {
        timestamp: "2026-01-01",
        email: "a@b.example",
        avatar: "https://x.example/a.png",
        country: "DE",
      };
      const value = values[field] ?? (field === "value" ? 1 : field === "metadata" ? {} : field === "currency" ? "USD" : "approved");
      const reply = await send({ type: "lead", clickId: "c", [field]: value });
      expect([reply.status, reply.body.error?.details?.map(({ path }) => path)]).toEqual([400, [field]]);
      world.close();
    });

  for (const type of ["sale", "custom", "refund"])
    test(`records no ${type}`, async () => {
      const world = openWorld();
      const reply = await visitor(world)({ type, clickId: "c", event: "e" });
      expect([reply.status, reply.body.error?.details?.[0]?.path]).toEqual([400, "type"]);
      world.close();
    });

  test("opens no other route", async () => {
    const world = openWorld();
    const send = visitor(world);
    for (const { method, path, admission, publishable } of world.app.endpoints)
      if (typeof admission === "string" && admission !== "open" && !publishable) {
        const reply = await send(undefined, path.replace(":id", "cus_0000000001"), method);
        expect(`${method} ${path} ${reply.status} ${reply.body.error?.code.toUpperCase()}`).toBe(`${method} ${path} 403 FORBIDDEN`);
      }
    world.close();
  });

  test("learns nothing of what was known: new, sent again, another's, an erased person's", async () => {
    const world = openWorld();
    const server = (entry: object) => world.request("POST", "/events", entry);
    await server({ type: "click", clickId: "c-ann", externalId: "ann", campaign: "secret" });
    await server({ type: "click", clickId: "c-bob", externalId: "bob", campaign: "secret" });
    await server({ type: "lead", clickId: "c-named", externalId: "bob", eventId: "l" });
    await world.request("DELETE", "/customers/ext_bob");
    const send = visitor(world);
    await send({ type: "click", clickId: "c-own" });
    const answerTo = async (clickId: string, type: string, isArray: boolean) => {
      const entry = { type, clickId, campaign: "guess" };
      const { status, body } = await send(isArray ? [entry] : entry);
      expect(JSON.stringify(body.data)).toMatch(/"id":"ent_z[0-9a-z]{9}"/);
      return [
        status,
        JSON.stringify(body.data)
          .replace(/"ent_\w+"/, "an id")
          .replace(clickId, "a clickId"),
      ].join(" ");
    };
    for (const type of ["click", "lead"])
      for (const isArray of [false, true]) {
        const answers = new Set<string>();
        for (const clickId of ["c-new", "c-new", "c-own", "c-ann", "c-bob", "c-named"]) answers.add(await answerTo(clickId, type, isArray));
        expect([...answers]).toHaveLength(1);
      }
    const journey = await world.request<{ entries: { campaign: string }[] }>("GET", "/customers/ext_ann/journey");
    expect(journey.body.data.entries[0]?.campaign).toBe("secret");
    world.close();
  });

  test("is given a clickId that tells nothing of the click's content", async () => {
    const world = openWorld();
    const send = visitor(world);
    const ids = [
      await send({ type: "click", url: "https://shop.example" }),
      await send({ type: "click", url: "https://shop.example" }),
    ].map(({ body }) => String(body.data.clickId));
    expect(ids.map((id) => /^clk_[0-9a-f-]{36}$/.test(id))).toEqual([true, true]);
    expect(ids[0]?.slice(4, 12)).not.toBe(ids[1]?.slice(4, 12));
    world.close();
  });

  test("takes no Idempotency-Key, which all visitors would share", async () => {
    const world = openWorld();
    const key = createKey(world.workspace, { origins: [SHOP] });
    const headers = { "x-api-key": key, authorization: "", origin: SHOP, "idempotency-key": "k" };
    for (const body of [{ type: "click" }, [{ type: "click" }]]) {
      const reply = await world.request("POST", "/events", body, headers);
      expect([reply.status, reply.body.error?.details?.map(({ path }) => path)]).toEqual([400, ["Idempotency-Key"]]);
      expect(reply.headers.get("access-control-allow-origin")).toBe(SHOP);
    }
    expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get()).toBe(0);
    world.close();
  });

  test("cannot make a customer of a visitor known to the shop answer to another", async () => {
    const world = openWorld();
    await world.request("POST", "/events", { type: "lead", eventId: "1", externalId: "ann", clickId: "c-ann", visitorId: "v-ann" });
    const send = visitor(world);
    await send({ type: "lead", clickId: "c-mallory", visitorId: "v-ann" });
    await send({ type: "click", clickId: "c-mallory", visitorId: "v-mallory" });
    await world.request("POST", "/events", { type: "lead", eventId: "2", visitorId: "v-ann", clickId: "c-ann" });
    const journey = await world.request<{ summary: { leads: number } }>("GET", "/customers/ext_ann/journey");
    expect(journey.body.data.summary.leads).toBeGreaterThanOrEqual(2);
    expect((await world.request<{ count: number }>("GET", "/customers/count")).body.data.count).toBe(1);
    world.close();
  });
});

describe("what a page sends links nobody", () => {
  const MALLORY = { type: "lead", externalId: "mallory" };
  const url = "https://shop.example/?secret=1";
  /** What mallory's own export says after these requests, in this order, and whose a later sale of the visitor is. */
  async function play(steps: readonly (readonly ["page" | "server", object])[]) {
    const world = openWorld();
    const send = visitor(world);
    for (const [index, [who, entry]] of steps.entries())
      if (who === "page") expect((await send(entry)).status).toBe(201);
      else await world.request("POST", "/events", { eventId: `step-${index}`, ...entry });
    const exported = (await world.request("GET", "/customers/ext_mallory/export")).text;
    const sale = await world.request<{ customerId: string | null }>("POST", "/events", {
      type: "sale",
      orderId: "o",
      clickId: "c-victim",
      visitorId: "v-victim",
      value: 5,
    });
    expect((await verifyWorld(world, "stored")).kept).toEqual([]);
    expect(await isSameWhenRebuilt(world)).toBe(true);
    world.close();
    return { exported, saleOf: sale.body.data.customerId };
  }
  async function isSameWhenRebuilt(world: World): Promise<boolean> {
    const owners = () => world.workspace.database.sqlite.prepare("SELECT id, customer_id FROM entry ORDER BY id").all();
    const claims = () => world.workspace.database.sqlite.prepare("SELECT * FROM claim ORDER BY kind, value").all();
    const before = JSON.stringify([owners(), claims()]);
    await world.workspace.ledger.rebuild();
    return JSON.stringify([owners(), claims()]) === before;
  }

  test.each([
    [
      "a lead of a clickId that is somebody's",
      [
        ["server", { ...MALLORY, clickId: "c" }],
        ["page", { type: "lead", clickId: "c", visitorId: "v-victim", url }],
      ],
    ],
    [
      "a click of a clickId that is somebody's",
      [
        ["server", { ...MALLORY, clickId: "c" }],
        ["page", { type: "click", clickId: "c", visitorId: "v-victim", url }],
      ],
    ],
    [
      "a lead of another visitor's clickId, which is named later",
      [
        ["page", { type: "click", clickId: "c", visitorId: "v-mallory" }],
        ["page", { type: "lead", clickId: "c", visitorId: "v-victim", url }],
        ["server", { ...MALLORY, clickId: "c" }],
      ],
    ],
    [
      "a lead of a clickId that a server sent for nobody",
      [
        ["server", { type: "lead", clickId: "c" }],
        ["page", { type: "lead", clickId: "c", visitorId: "v-victim", url }],
        ["server", { ...MALLORY, clickId: "c" }],
      ],
    ],
    [
      "a lead without a visitorId",
      [
        ["page", { type: "click", clickId: "c" }],
        ["server", { ...MALLORY, clickId: "c" }],
        ["page", { type: "lead", clickId: "c", url }],
      ],
    ],
    [
      "another's visitorId on a click of one's own",
      [
        ["page", { type: "click", clickId: "c-victim", visitorId: "v-victim", url }],
        ["page", { type: "click", clickId: "c", visitorId: "v-victim" }],
        ["server", { ...MALLORY, clickId: "c" }],
      ],
    ],
  ] as const)("%s", async (_, steps) => {
    const { exported, saleOf } = await play(steps);
    expect([exported.includes('"externalId":"mallory"'), exported.includes("secret=1"), saleOf]).toEqual([true, false, null]);
  });

  test("what is sent again under another's clickId is stored once", async () => {
    const world = openWorld();
    await world.request("POST", "/events", { ...MALLORY, eventId: "l", clickId: "c" });
    const send = visitor(world);
    for (let count = 0; count < 3; count += 1) await send({ type: "click", clickId: "c", visitorId: "v" });
    expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry WHERE type = 0").pluck().get()).toBe(1);
    world.close();
  });
});
