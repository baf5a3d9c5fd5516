// Is what a follower lacks kept, and is it all that they need to come to the same state?
import { describe, expect, test } from "bun:test";
import { markAsCopy } from "../../db/lineage.ts";
import { pruneSome } from "../../src/feed/prune.ts";
import { adoptCopy } from "../../src/ops/backup/adopt-copy.ts";
import { lookAtFeed } from "../../src/ops/doctor/feed.ts";
import { openWorld, type World } from "../harness.ts";
import { verifyWorld } from "../verify/world.ts";
import { AT, read, sale, seqsOf } from "./reading.ts";

describe("what is old", () => {
  const DAY = 86_400_000;
  const prune = ({ workspace: { database, feed } }: World, days: number) =>
    pruneSome({ database, followers: feed.followers, keepMs: 30 * DAY, now: () => Date.now() + days * DAY });

  test("is dropped once every follower has it; whoever asks for it gets 410 with the oldest that is left, and the numbers go on", async () => {
    const world = openWorld();
    for (let place = 0; place < 5; place++) await world.request("POST", "/events", sale(`o-${place}`));
    const { next } = await read(world);
    expect(prune(world, 29)).toBe(0);
    await world.request("GET", `/changes/rows?follower=standby&after=${next - 2}`);
    expect(prune(world, 29.9)).toBe(0);
    const later = { ...world.workspace.feed.followers, forget: () => undefined };
    expect(pruneSome({ database: world.workspace.database, followers: later, keepMs: 0, now: () => Date.now() + DAY })).toBe(next - 2);
    expect(seqsOf(world)).toEqual([next - 1, next]);
    expect(prune(world, 61)).toBe(1); // the follower is forgotten, and the newest stays
    expect(seqsOf(world)).toEqual([next]);
    expect(world.workspace.feed.followers.list()).toEqual([]);

    const gone = await world.request("GET", `/changes?after=${next - 3}`);
    expect(gone.status).toBe(410);
    expect(gone.headers.get("x-oldest-seq")).toBe(String(next));
    expect(gone.body.error).toMatchObject({ code: "GONE", details: [{ path: "after" }] });
    expect((await world.request("GET", `/changes?after=${next + 1}`)).status).toBe(410);
    expect((await read(world)).changes).toHaveLength(1);
    await world.request("POST", "/events", sale("o-9"));
    const { changes } = await read(world, `after=${next}`);
    expect(changes.map(({ type }) => type)).toEqual(["customer.created", "entry.created"]);
    expect(changes[0]?.seq).toBe(next + 1);
    await world.close();
  });
});

test("a follower gets every row that was sent or decided, once, and no figures", async () => {
  const world = openWorld();
  await world.request("POST", "/events", sale("o-1", { externalId: undefined, email: "ann@example.com" }));
  await world.request("POST", "/events", { type: "refund", eventId: "r-2", orderId: "o-2", value: 1, timestamp: AT });
  world.workspace.database.sqlite.exec("UPDATE entry SET value = 9007199254740993 WHERE key = 'r-2'");
  await world.request("POST", "/events", { type: "refund", eventId: "r-1", orderId: "o-1", value: 1, timestamp: AT });
  await world.request("POST", "/customers", { externalId: "ann", email: "ann@example.com" });
  await world.request("PATCH", "/conversions/ord_o-1", { status: "pending" });
  await world.request("PUT", "/rates", { currency: "EUR", date: "2026-01-31", rate: "1.1" });
  await world.workspace.ledger.catchUp();
  const { body } = await world.request<{
    history: string;
    newest: number;
    rows: { table: string; id: unknown; row: Record<string, unknown> }[];
  }>("GET", "/changes/rows?limit=1000");
  const rowsOf = (table: string) => body.data.rows.filter((each) => each.table === table).map(({ row }) => row);
  expect(body.data.history).toMatch(/^[0-9a-f-]{36}$/);
  expect(body.data.newest).toBe(seqsOf(world).at(-1) ?? 0);
  expect(rowsOf("entry")).toMatchObject([
    { id: 1, type: 2, key: "o-1", email: "ann@example.com", value: 1000 },
    { id: 2, type: 4, key: "r-2", value: "9007199254740993" },
    { id: 3, type: 4, key: "r-1" },
  ]);
  expect(rowsOf("customer")).toContainEqual(expect.objectContaining({ external_id: "ann", external_ids: '["ann"]' }));
  expect(rowsOf("profile_update")).toMatchObject([{ email: "ann@example.com", is_creation: 0 }]);
  expect(rowsOf("said_status")).toMatchObject([{ type: 2, key: "o-1", status: "pending" }]);
  expect(rowsOf("rate")).toMatchObject([{ currency: "EUR", rate: "1.1" }]);
  expect(rowsOf("customer")[0]).not.toHaveProperty("gross_minor");
  await world.close();
});

test("a page of a follower does not end between an entry and the customer that it made", async () => {
  const world = openWorld();
  await world.request("POST", "/events", sale("o-1", { externalId: undefined, email: "ann@example.com" }));
  const { body } = await world.request<{ changes: { type: string }[] }>("GET", "/changes/rows?after=1&limit=1");
  expect(body.data.changes.map(({ type }) => type)).toEqual(["entry.created", "customer.created"]);
  await world.close();
});

test("a restored backup goes on with numbers that the feed never had, in another history", async () => {
  const world = openWorld();
  const { workspace } = world;
  await world.request("POST", "/events", sale("o-1"));
  const historyOf = async () => (await world.request<{ history: string }>("GET", "/changes/rows")).body.data.history;
  const [before, newest] = [await historyOf(), seqsOf(world).at(-1) ?? 0];
  markAsCopy(workspace.database.sqlite);
  await adoptCopy(workspace);
  expect(await historyOf()).not.toBe(before);
  expect(seqsOf(world).filter((seq) => seq > newest)[0]).toBe(newest + 2 ** 32);
  // Whoever had read changes that are lost with the former database finds what came after.
  await world.request("POST", "/events", sale("o-2"));
  const { changes } = await read(world, `after=${newest + 7}`);
  expect(changes.map(({ type }) => type)).toContain("entry.created");
  expect((await verifyWorld(world, "stored")).count).toBe(0);
  await world.close();
});

test("verify, the doctor and the metrics know the feed", async () => {
  const world = openWorld();
  const { sqlite } = world.workspace.database;
  for (const order of ["o-1", "o-2", "o-3"]) await world.request("POST", "/events", sale(order));
  await world.workspace.ledger.catchUp();
  const newest = seqsOf(world).at(-1) ?? 0;
  expect(lookAtFeed(sqlite)).toMatchObject({ level: "ok", text: `changes from 1 to ${newest} are kept` });
  await world.request("GET", `/changes/rows?follower=standby&after=${newest - 2}`);
  expect(lookAtFeed(sqlite).text).toEndWith(`standby has them up to ${newest - 2}`);
  expect(lookAtFeed(sqlite, Date.now() + 3_600_000)).toMatchObject({ level: "warn", text: expect.stringContaining("is 2 behind") });
  const { text } = await world.request("GET", "/metrics");
  expect(text).toContain(`regulars_changes_newest ${newest}\n`);
  expect(text).toContain('regulars_follower_lag_changes{follower="standby"} 2\n');

  expect((await verifyWorld(world, "stored")).count).toBe(0);
  sqlite.exec("DELETE FROM change WHERE type = 0 AND id = 2");
  expect((await verifyWorld(world, "stored")).kept.map(({ what }) => what)).toEqual([
    "change: gaps between numbers",
    "change: entries that are not told",
  ]);
  await world.close();
});
