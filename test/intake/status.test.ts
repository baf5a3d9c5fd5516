// Does the status that was said for the newest instant count, also before its entry, over HTTP, after an import and a rebuild? (definitions §4)
import { expect, test } from "bun:test";
import { openDatabase } from "../../db/database.ts";
import { MIGRATIONS } from "../../db/migrate.ts";
import { LEAD, REFUND, SALE } from "../../db/schema.ts";
import { workspacePages } from "../../src/cli/export/workspace.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openStatuses } from "../../src/intake/status.ts";
import { openWorkspaceLines } from "../../src/intake/workspace-line.ts";
import { openWorld, type World } from "../harness.ts";
import { newDatabasePath } from "../temporary-folder.ts";

const NOW = "2026-03-01T00:00:00.000Z";
const DAY = 86_400_000;
const at = (day: number) => Date.UTC(2026, 1, day);
const SALE_OF_50 = { type: "sale", orderId: "o", externalId: "ann", value: 50, timestamp: "2026-02-01" };
const REFUND_OF_50 = { type: "refund", eventId: "r/1", orderId: "o", value: 50, timestamp: "2026-02-10" };

interface Shown {
  type: string;
  status: string | null;
  value: number | null;
  timestamp: string;
}

const say = (world: World, id: string, status: string, statusAt?: unknown) =>
  world.request<Shown>("PATCH", `/conversions/${id}`, { status, ...(statusAt !== undefined && { statusAt }) });
async function ltvOf(world: World): Promise<number> {
  return (await world.request<{ ltv: number }>("GET", "/customers/ext_ann")).body.data.ltv;
}

test("an older status is answered with the one that counts, and in any form of time", async () => {
  const world = openWorld({ now: NOW });
  await world.request("POST", "/events", SALE_OF_50);
  expect((await say(world, "ord_o", "fraud", "2026-02-05")).body.data.status).toBe("fraud");
  expect((await say(world, "ord_o", "approved", "2026-02-04T23:59:59.999Z")).body.data.status).toBe("fraud");
  expect((await say(world, "ord_o", "approved", at(6) / 1000)).body.data.status).toBe("approved");
  expect((await say(world, "ord_o", "pending", at(6) - 1)).body.data.status).toBe("approved");
  expect((await say(world, "ord_o", "rejected", null)).body.data.status).toBe("rejected");
  expect(await ltvOf(world)).toBe(0);
  await world.close();
});

test("of two for one instant, approved goes before pending, rejected before approved, and fraud before rejected, in any order", async () => {
  const ranked = ["fraud", "rejected", "approved", "pending"];
  for (const [index, wanted] of ranked.entries())
    for (const order of [ranked.slice(index), ranked.slice(index).reverse()]) {
      const world = openWorld({ now: NOW });
      await world.request("POST", "/events", SALE_OF_50);
      let shown: string | null = null;
      for (const status of order) shown = (await say(world, "ord_o", status, "2026-02-05")).body.data.status;
      expect([order, shown]).toEqual([order, wanted]);
      await world.close();
    }
});

test("a status without an instant counts, even after one that was said for later", async () => {
  const world = openWorld({ now: NOW });
  await world.request("POST", "/events", SALE_OF_50);
  await say(world, "ord_o", "fraud", Date.parse(NOW) + DAY);
  expect((await say(world, "ord_o", "approved")).body.data.status).toBe("approved");
  expect((await say(world, "ord_o", "refunded")).body.data.status).toBe("refunded");
  const { entries } = (await world.request<{ entries: Shown[] }>("GET", "/customers/ext_ann/journey")).body.data;
  // The refund is for the instant of its status: two milliseconds after the one that was said for tomorrow.
  expect(entries.map(({ timestamp }) => timestamp)).toEqual(["2026-02-01T00:00:00.000Z", "2026-03-02T00:00:00.002Z"]);
  await world.close();
});

test("a rejected refund takes nothing, and its sale is approved again", async () => {
  const world = openWorld({ now: NOW });
  await world.request("POST", "/events", [SALE_OF_50, REFUND_OF_50]);
  expect(await ltvOf(world)).toBe(0);
  const { data } = (await say(world, "ref_r%2F1", "rejected", "2026-02-12")).body;
  expect([data.type, data.status, data.value]).toEqual(["refund", "rejected", 0]);
  expect(await ltvOf(world)).toBe(50);
  const journey = await world.request<{ summary: { refundCount: number }; entries: Shown[] }>("GET", "/customers/ext_ann/journey");
  expect([journey.body.data.summary.refundCount, journey.body.data.entries.map(({ status }) => status)]).toEqual([
    0,
    ["approved", "rejected"],
  ]);
  expect((await world.request("POST", "/events", { ...REFUND_OF_50, eventId: "r2" })).status).toBe(201);
  expect((await say(world, "ref_r%2F1", "approved")).body.data).toMatchObject({ status: "approved", value: 50 });
  expect((await world.request("POST", "/events", { ...REFUND_OF_50, eventId: "r3", value: 1 })).status).toBe(409);
  expect((await world.request("POST", "/events", { ...REFUND_OF_50, eventId: "r4", value: 99, status: "rejected" })).status).toBe(201);
  expect(await ltvOf(world)).toBe(0);
  await world.close();
});

test("a refund that was replayed without a status, or with another, is compared", async () => {
  const world = openWorld({ now: NOW });
  await world.request("POST", "/events", [SALE_OF_50, REFUND_OF_50]);
  await say(world, "ref_r%2F1", "rejected");
  expect(
    (await world.request<{ duplicate: boolean }>("POST", "/events", { ...REFUND_OF_50, status: "approved" })).body.data.duplicate,
  ).toBe(true);
  expect((await world.request("POST", "/events", { ...REFUND_OF_50, status: "rejected" })).status).toBe(409);
  await world.close();
});

test("a status waits for its entry, through an export, an import and a rebuild", async () => {
  const world = openWorld({ now: NOW });
  const statuses = openStatuses(world.workspace);
  const told = world.workspace.ledger.write(() => [
    statuses.say({ type: SALE, key: "o" }, "fraud", at(1)),
    statuses.say({ type: REFUND, key: "r/1" }, "rejected", at(20)),
    statuses.say({ type: REFUND, key: "r/1" }, "rejected", at(20)),
  ]);
  expect(told).toEqual([true, true, false]);
  expect(() => world.workspace.ledger.write(() => statuses.say({ type: REFUND, key: "r/2" }, "pending", at(20)))).toThrow();
  const into = openWorld({ now: NOW });
  const lines = [...workspacePages(world.workspace)].flat().slice(1);
  const importer = openWorkspaceLines(into.workspace, openEvents(into.workspace));
  expect(importer.many(lines)).toEqual([{ duplicate: false }, { duplicate: false }]);
  expect(importer.many(lines)).toEqual([{ duplicate: true }, { duplicate: true }]);
  for (const each of [world, into]) {
    await each.request("POST", "/events", [REFUND_OF_50, SALE_OF_50]);
    expect(await ltvOf(each)).toBe(0);
    await say(each, "ord_o", "approved", "2026-02-02");
    expect(await ltvOf(each)).toBe(50);
    each.workspace.database.sqlite.exec("UPDATE entry SET set_status = 'pending', status = 'pending'");
    await each.workspace.ledger.rebuild();
    const { entries } = (await each.request<{ entries: Shown[] }>("GET", "/customers/ext_ann/journey")).body.data;
    expect(entries.map(({ status }) => status)).toEqual(["approved", "rejected"]);
    await each.close();
  }
});

test("an exported line of an earlier version says its status for the entry's own instant", async () => {
  const world = openWorld({ now: NOW });
  await world.request("POST", "/events", { ...SALE_OF_50, status: "pending" });
  const importer = openWorkspaceLines(world.workspace, openEvents(world.workspace));
  const line = { type: "status", of: "sale", key: "o", status: "refunded" };
  expect(importer.many([line, line, { ...line, key: "none" }])).toEqual([
    { duplicate: false },
    { duplicate: true },
    { error: expect.objectContaining({ code: "NOT_FOUND" }) },
  ]);
  expect(await ltvOf(world)).toBe(50);
  await world.close();
});

test("the statuses of an earlier version's database are kept, and its refunds are approved", () => {
  const path = newDatabasePath();
  const before = openDatabase(
    path,
    {},
    {
      migrations: MIGRATIONS.slice(
        0,
        MIGRATIONS.findIndex(({ name }) => name.endsWith("_statuses")),
      ),
    },
  );
  const insert = before.sqlite.prepare(
    "INSERT INTO entry (type, at, key, defaulted, received_at, sent_status, set_status, status) VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
  );
  insert.run(LEAD, 100, "as-sent", 500, "approved", "approved", "approved");
  insert.run(LEAD, 100, "set", 500, "approved", "fraud", "fraud");
  insert.run(SALE, 900, "ahead", 500, "pending", "refunded", "refunded");
  insert.run(REFUND, 100, "r", 500, null, null, null);
  before.close();
  const after = openDatabase(path);
  expect(after.sqlite.prepare("SELECT type, key, at, status FROM said_status").all()).toEqual([
    { type: LEAD, key: "set", at: 500, status: "fraud" },
    { type: SALE, key: "ahead", at: 900, status: "approved" },
  ]);
  expect(after.sqlite.prepare("SELECT set_status FROM entry ORDER BY id").pluck().all()).toEqual([
    "approved",
    "fraud",
    "approved",
    "approved",
  ]);
  expect(after.sqlite.prepare("SELECT sent_status, status FROM entry WHERE type = 4").get()).toEqual({
    sent_status: "approved",
    status: "approved",
  });
  after.close();
});
