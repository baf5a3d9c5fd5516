// Does a POST with an Idempotency-Key happen once, and is the first answer given again?
import { describe, expect, test } from "bun:test";
import { createKey } from "../../src/access/api-key.ts";
import { openWorld, type World } from "../harness.ts";

const ROUTES: readonly (readonly [path: string, body: unknown])[] = [
  ["/customers", { externalId: "ann", name: "Ann" }],
  ["/customers/ext_ann/recalculate-ltv", undefined],
  ["/events", { type: "lead", externalId: "ann" }],
  ["/events", [{ type: "lead", externalId: "ann" }, { type: "sale" }, { type: "custom", externalId: "ann", event: "e" }]],
  ["/conversions/track", { clickId: "c-ann", event: "purchase", value: 5 }],
  ["/conversions/s2s", { click_id: "c-ann", event: "signup" }],
];

/** A world in which ann is there. */
async function withAnn(): Promise<World> {
  const world = openWorld();
  await world.request("POST", "/events", { type: "click", clickId: "c-ann", externalId: "ann" });
  return world;
}
const rows = (world: World) => world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get();
const key = (value: string) => ({ "idempotency-key": value });

describe.each(ROUTES.map(([path, body]) => ({ path, body, name: Array.isArray(body) ? `${path} with an array` : path })))(
  "POST $name",
  ({ path, body }) => {
    test("carried out once, is answered again as the first time", async () => {
      const world = await withAnn();
      const first = await world.request("POST", path, body, key("k"));
      const before = rows(world);
      const again = await world.request("POST", path, body, key("k"));
      expect([again.status, again.text]).toEqual([first.status, first.text]);
      expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([null, "true"]);
      expect(rows(world)).toBe(before);
      world.close();
    });

    test("with another body under the same key is 409, and does nothing", async () => {
      const world = await withAnn();
      await world.request("POST", path, body, key("k"));
      const before = rows(world);
      const other = await world.request("POST", "/events", { type: "click" }, key("k"));
      expect([other.status, other.body.error?.code, other.body.error?.details?.[0]?.path]).toEqual([409, "CONFLICT", "Idempotency-Key"]);
      expect(rows(world)).toBe(before);
      world.close();
    });

    test("is 404 once its customer is erased", async () => {
      const world = await withAnn();
      await world.request("POST", path, body, key("k"));
      await world.request("DELETE", "/customers/ext_ann");
      const again = await world.request("POST", path, body, key("k"));
      expect([again.status, again.text.includes("ann")]).toEqual([404, false]);
      world.close();
    });
  },
);

describe("an Idempotency-Key", () => {
  test("of another API key is another", async () => {
    const world = await withAnn();
    const other = createKey(world.workspace, { scopes: ["conversions:write"] });
    const body = { type: "click" };
    const first = await world.request<{ id: string }>("POST", "/events", body, key("k"));
    const second = await world.request<{ id: string }>("POST", "/events", body, { ...key("k"), authorization: `Bearer ${other}` });
    expect(second.body.data.id).not.toBe(first.body.data.id);
    world.close();
  });

  test("is kept for 24 hours", async () => {
    const world = await withAnn();
    const send = async () => (await world.request<{ id: string }>("POST", "/events", { type: "click" }, key("k"))).body.data.id;
    const first = await send();
    world.clock.set(world.clock.now() + 24 * 3_600_000 - 1);
    expect(await send()).toBe(first);
    world.clock.set(world.clock.now() + 1);
    expect(await send()).not.toBe(first);
    expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM idempotency").pluck().get()).toBe(1);
    world.close();
  });

  test("of a request that failed can be used again", async () => {
    const world = await withAnn();
    const refund = { type: "refund", orderId: "o", value: 5 };
    await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 4 });
    expect((await world.request("POST", "/events", refund, key("k"))).status).toBe(409);
    expect((await world.request("POST", "/events", { ...refund, value: 3 }, key("k"))).status).toBe(201);
    world.close();
  });

  test("is visible ASCII, and is named beside what else is wrong", async () => {
    const world = await withAnn();
    const reply = await world.request("POST", "/customers", { email: "x" }, key("two words"));
    expect(reply.body.error?.details?.map(({ path }) => path).sort()).toEqual(["Idempotency-Key", "email", "externalId"]);
    world.close();
  });

  test.each([
    ["/customers", { externalId: "new" }, "customer"],
    ["/events", { type: "lead", externalId: "ann" }, "entry"],
    ["/events", [{ type: "lead", externalId: "ann" }], "entry"],
  ])("that cannot be stored leaves nothing of what POST %s did", async (path, body, table) => {
    const world = await withAnn();
    const { sqlite } = world.workspace.database;
    const count = () => sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    const before = count();
    sqlite.exec("CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.idempotency BEGIN SELECT RAISE(ABORT, 'refused'); END");
    expect((await world.request("POST", path, body, key("k"))).status).toBe(500);
    expect(count()).toBe(before);
    sqlite.exec("DROP TRIGGER refuse");
    expect([200, 201]).toContain((await world.request("POST", path, body, key("k"))).status);
    world.close();
  });

  test("sent many times at once happens once", async () => {
    const world = await withAnn();
    const before = Number(rows(world));
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => world.request("POST", "/events", { type: "lead", externalId: "ann" }, key("k"))),
    );
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(Number(rows(world)) - before).toBe(1);
    world.close();
  });

  test("leaves no text of the caller's in the database", async () => {
    const world = await withAnn();
    await world.request(
      "POST",
      "/events",
      [
        { type: "lead", "marker-field": 1 },
        { type: "click", name: "marker-name" },
      ],
      key("marker-key"),
    );
    await world.request("POST", "/customers", { externalId: "marker-id" }, key("marker-key-2"));
    expect(JSON.stringify(world.workspace.database.sqlite.prepare("SELECT * FROM idempotency").all())).not.toContain("marker");
    world.close();
  });

  test("tells what was wrong with an entry of an array again", async () => {
    const world = await withAnn();
    const body = [
      { type: "lead", color: "red" },
      { type: "sale", orderId: "o", externalId: "ann", value: 1, timestamp: "soon" },
    ];
    const [first, again] = [await world.request("POST", "/events", body, key("k")), await world.request("POST", "/events", body, key("k"))];
    expect(again.text).toBe(first.text);
    expect(first.text).toContain("0.color");
    world.close();
  });
});
