// Does ClickHouse come to the state of SQLite, whatever happens on the way?
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { epochOf } from "../../../src/report/clickhouse/cursor.ts";
import type { Shipping } from "../../../src/report/clickhouse/shipping.ts";
import { type Fake, type Fault, openFake } from "../../clickhouse/fake.ts";
import type { World } from "../../harness.ts";
import { record } from "../../record-entries.ts";
import { waitUntil } from "../../wait-until.ts";
import { foundRows, openShop, openShopShipping, settled, wantedRows } from "./shop.ts";

let fake: Fake;
let world: World;
let shipping: Shipping;
beforeEach(async () => {
  fake = openFake();
  world = await openShop(fake);
  shipping = openShopShipping(world, fake);
});
afterEach(async () => {
  await shipping.close();
  await world.close();
  fake.stop();
});

const sale = (orderId: string, externalId: string, value = 10) => ({
  type: "sale",
  orderId,
  timestamp: "2026-02-20T12:00:00Z",
  externalId,
  value,
});
const cursorRow = () =>
  world.workspace.database.sqlite.prepare("SELECT value FROM setting WHERE name = 'analytics_cursor'").pluck().get() as string;
const setCursor = (value: string) =>
  world.workspace.database.sqlite.prepare("UPDATE setting SET value = ? WHERE name = 'analytics_cursor'").run(value);
const base = () => BigInt((JSON.parse(cursorRow()) as { epoch: number }).epoch) << 44n;

/** Tells more, and waits until it is there. */
async function change(...entries: object[]): Promise<void> {
  if (entries.length > 0) await record(world, ...entries);
  await world.workspace.ledger.catchUp();
  await settled(shipping);
}
async function expectEqual(): Promise<void> {
  expect(foundRows(fake, base())).toEqual(await wantedRows(world));
}
/** Ends, and begins again as after a kill: with what was stored before. */
async function restart(stored = cursorRow()): Promise<void> {
  await shipping.close();
  setCursor(stored);
  shipping = openShopShipping(world, fake);
  shipping.start();
  await waitUntil("it goes on", () => shipping.state().phase === "following");
  await settled(shipping);
}

test("everybody is sent first, and then who has other figures, with a higher rev", async () => {
  shipping.start();
  await settled(shipping);
  await expectEqual();
  const before = new Map([...fake.rows()].map(([customer, row]) => [customer, String(row[1])]));
  const inserts = fake.inserts.length;
  await change(sale("o9", "b"));
  await expectEqual();
  const sent = fake.inserts.slice(inserts).flat();
  expect(sent).toHaveLength(1);
  expect(BigInt(String(sent[0]?.[1])) > BigInt(before.get(Number(sent[0]?.[0])) ?? "0")).toBe(true);
});

test("an erased customer stays in the figures, and one to whom nothing belongs any more is gone", async () => {
  shipping.start();
  await settled(shipping);
  expect((await world.request("DELETE", "/customers/ext_b")).status).toBe(200);
  await change();
  await expectEqual();
  expect([...foundRows(fake).values()].filter((row) => (row as { erased: number }).erased === 1)).toHaveLength(1);
  // Who was known by an address alone is merged into whoever has named it before.
  await change({ type: "lead", eventId: "l7", email: "x@shop.example", timestamp: "2026-02-02T00:00:00Z" });
  const count = fake.rows().size;
  await change({ type: "lead", eventId: "l8", email: "x@shop.example", externalId: "c", timestamp: "2026-02-01T00:00:00Z" });
  expect(fake.rows().size).toBe(count - 1);
  await expectEqual();
});

describe("an insert", () => {
  const faults: Fault[] = ["lost", "refused", "exception", "error", "hanging", "garbage", "fewer", "silent"];
  test.each(faults)("that ends as %s is sent again, and comes to the same state", async (fault) => {
    fake.arm("insert", fault, fault);
    shipping.start();
    await settled(shipping);
    await expectEqual();
    expect(shipping.state().failures).toBe(2);
    fake.arm("insert", fault);
    await change(sale("o9", "b"));
    await expectEqual();
    expect(shipping.state().failures).toBe(3);
  });
});

test.each(["refused", "garbage", "cut", "stalled"] as const)(
  "an answer to the first question that is %s is asked for again",
  async (fault) => {
    fake.arm("extent", fault);
    shipping.start();
    await settled(shipping);
    await expectEqual();
  },
);

test("a kill between an insert and the note of it sends the same again", async () => {
  shipping.start();
  await settled(shipping);
  await change(sale("o9", "b"));
  const before = cursorRow();
  await change(sale("o10", "c"), sale("o11", "b"));
  const inserts = fake.inserts.length;
  await restart(before);
  expect(fake.inserts.length).toBeGreaterThan(inserts);
  expect(epochOf(BigInt(String(fake.inserts.at(-1)?.[0]?.[1])))).toBe(1);
  await expectEqual();
});

test("a kill amid the filling goes on with it", async () => {
  shipping.start();
  await settled(shipping);
  const cursor = JSON.parse(cursorRow()) as object;
  await restart(JSON.stringify({ ...cursor, filledTo: 1, seq: 1 }));
  await expectEqual();
  expect(epochOf(base())).toBe(1);
});

describe("a new filling, which covers all rows of the one before, begins", () => {
  beforeEach(async () => {
    shipping.start();
    await settled(shipping);
  });

  test("when the table is gone", async () => {
    fake.drop();
    await restart();
    await expectEqual();
  });

  test("when the database has another history, as after an older backup was restored", async () => {
    const cursor = JSON.parse(cursorRow()) as { basis: string };
    await restart(JSON.stringify({ ...cursor, basis: `other${cursor.basis}` }));
    expect(epochOf(base())).toBe(2);
    await expectEqual();
  });

  test("when the attribution window is another", async () => {
    await shipping.close();
    const { workspace } = world;
    const other = { ...world, workspace: { ...workspace, config: { ...workspace.config, attributionWindowDays: 7 } } };
    shipping = openShopShipping(other, fake);
    shipping.start();
    await waitUntil("it is filled again", () => cursorRow().includes('"epoch":2') && shipping.state().phase === "following");
  });

  test("when somebody else has written to the table", async () => {
    const { epoch } = JSON.parse(cursorRow()) as { epoch: number };
    await fake.connect().insert("facts_v1", [[1, String(BigInt(epoch + 3) << 44n), 0]]);
    await restart();
    expect(epochOf(base())).toBe(epoch + 4);
    await expectEqual();
  });

  test("when changes were dropped that it has not seen", async () => {
    const before = cursorRow();
    await change(sale("o9", "b"));
    await shipping.close();
    world.workspace.database.sqlite.exec("DELETE FROM change WHERE seq < (SELECT max(seq) FROM change)");
    await restart(before);
    expect(epochOf(base())).toBe(2);
    await expectEqual();
  });
});

test("rows of customers that an older history had are in no filling", async () => {
  shipping.start();
  await settled(shipping);
  await fake.connect().insert("facts_v1", [[999, String((1n << 44n) + 1n), 0]]);
  const cursor = JSON.parse(cursorRow()) as { basis: string };
  await restart(JSON.stringify({ ...cursor, basis: "other" }));
  expect(fake.rows().has(999)).toBe(true);
  await expectEqual();
});

test("where nothing can be stored, as on a full disk, it goes on", async () => {
  shipping.start();
  await settled(shipping);
  await record(world, sale("o9", "b"));
  await world.workspace.ledger.catchUp();
  const { sqlite } = world.workspace.database;
  sqlite.pragma("query_only = ON");
  await settled(shipping);
  await shipping.close();
  expect(shipping.state().failures).toBe(0);
  sqlite.pragma("query_only = OFF");
  await expectEqual();
});

test("a standby sends nothing", async () => {
  const following = { primary: "http://primary.example", name: "s", seq: 0, asOfAt: 0, isWhole: true };
  world.workspace.database.sqlite.prepare("INSERT INTO setting (name, value) VALUES ('following', ?)").run(JSON.stringify(following));
  shipping.start();
  await Bun.sleep(100);
  expect([shipping.state().phase, fake.received()]).toEqual(["standby", ""]);
});

test("who has very many entries is told again once their attribution is computed", async () => {
  shipping.start();
  await settled(shipping);
  // As while it is still to be computed: the other figures are there and were told.
  const { sqlite } = world.workspace.database;
  sqlite.exec("DELETE FROM customer_activity WHERE customer_id = 1; INSERT INTO change (type, id) VALUES (6, 1)");
  await settled(shipping);
  await expectEqual();
  const without = fake.rows().get(1);
  sqlite.exec("INSERT INTO pending_credit (customer_id, version, noted_at) VALUES (1, 1, 0)");
  await change();
  expect(fake.rows().get(1)).not.toEqual(without);
  await expectEqual();
});
