// Does a customer with very many entries come out the same when another thread reads their log, whatever happens meanwhile?
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { addFunctions, connectReader } from "../../db/connection.ts";
import { openDatabase } from "../../db/database.ts";
import { openLargeCustomers } from "../../src/ledger/large-customers.ts";
import { openPipeline } from "../../src/ledger/pipeline.ts";
import { openRecompute, type RecomputeOrder } from "../../src/ledger/recompute-beside.ts";
import { sqlFunctions } from "../../src/ledger/sql-functions.ts";
import { CatchingUp } from "../../src/value/error.ts";
import { openWorld, type World, type WorldOptions } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder();
const DERIVED = [
  "customer",
  "customer_cell",
  "customer_unconverted",
  "stale",
  "cohort_day",
  "cohort_key",
  "cohort_key_day",
  "cohort_key_month",
];
const TOTALS = ["ltv_cohort", "ltv_cell", "revenue_day", "unconverted_total", "revenue_unconverted"];
const NOW = Date.parse("2026-03-01T00:00:00Z");
const at = (day: number, minutes = 0) => new Date(NOW + day * 86_400_000 + minutes * 60_000).toISOString();

/** Everything derived, by table. Totals that fell to nothing may stay as zeros. */
function derivedIn({ workspace: { database } }: World): Record<string, unknown[]> {
  return Object.fromEntries(
    [...DERIVED, ...TOTALS].map((table) => {
      const rows = database.sqlite.prepare<[], unknown[]>(`SELECT * FROM ${table} ORDER BY 1, 2`).raw().all();
      return [table, rows.filter((row) => row.some((value) => typeof value === "number" && value !== 0)).sort()];
    }),
  );
}

/** Entries of every kind: some in other currencies, some before the first one known, some of the future. */
const ENTRIES = [
  ...Array.from({ length: 30 }, (_, n) => ({ type: "sale", orderId: `o-${n}`, externalId: "ann", value: n + 5, timestamp: at(-9 * n) })),
  ...Array.from({ length: 6 }, (_, n) => ({ type: "refund", eventId: `r-${n}`, orderId: `o-${n}`, value: 3, timestamp: at(-n) })),
  ...Array.from({ length: 8 }, (_, n) => ({
    type: "sale",
    orderId: `e-${n}`,
    externalId: "ann",
    value: 7,
    currency: "EUR",
    timestamp: at(-30 * n),
  })),
  { type: "refund", eventId: "r-e", orderId: "e-1", value: 2, timestamp: at(-2) },
  { type: "sale", orderId: "future", externalId: "ann", value: 100, timestamp: at(0, 4) },
  { type: "lead", eventId: "l-1", externalId: "ann", email: "ann@example.com", name: "Ann Ærø", timestamp: at(-400) },
  { type: "click", clickId: "c-1", externalId: "ann", source: "bing", campaign: "x", country: "DE", timestamp: at(-500) },
  { type: "sale", orderId: "b-1", externalId: "bob", value: 9, timestamp: at(-40) },
];

let count = 0;
/** A world where 20 entries are many, with all entries sent. */
async function openLarge(options: WorldOptions = {}): Promise<World> {
  count += 1;
  const world = openWorld({ config: { databasePath: join(folder, `${count}.db`) }, now: NOW, largeFrom: 20, ...options });
  await world.request("POST", "/events", ENTRIES);
  return world;
}

async function plainWorld(more: readonly object[] = []): Promise<World> {
  const world = openWorld({ now: NOW });
  await world.request("POST", "/events", ENTRIES);
  await world.workspace.ledger.catchUp();
  for (const entry of more) {
    await world.request("POST", "/events", entry);
    await world.workspace.ledger.catchUp();
  }
  return world;
}

const late = { type: "sale", orderId: "late", externalId: "ann", value: 11, timestamp: at(-700) };
const idOf = ({ workspace: { database } }: World) =>
  Number(database.sqlite.prepare("SELECT customer_id FROM external_id WHERE external_id = 'ann'").pluck().get());

describe("a customer with very many entries", () => {
  test("is recomputed beside the requests, to the same figures, totals and profile", async () => {
    const [world, plain] = [await openLarge(), await plainWorld()];
    expect(() => world.workspace.ledger.ensureCustomerFresh(idOf(world))).toThrow(CatchingUp);
    await world.workspace.ledger.catchUp();
    expect(derivedIn(world)).toEqual(derivedIn(plain));
    expect((await world.request("GET", "/customers/ext_ann")).body.data).toMatchObject({ name: "Ann Ærø", country: "DE", sales: 31 });
    for (const each of [world, plain]) {
      each.clock.set(NOW + 300_000); // the entry of the future
      await each.workspace.ledger.catchUp();
    }
    expect(derivedIn(world)).toEqual(derivedIn(plain));
    await Promise.all([world.close(), plain.close()]);
  });

  test("is also somebody who was told very many times", async () => {
    const world = openWorld({ config: { databasePath: join(folder, "told.db") }, now: NOW, largeFrom: 20 });
    const told = async (name: string) =>
      (await world.request<{ name: string }>("POST", "/customers", { externalId: "ann", name })).body.data.name;
    for (let count = 1; count < 20; count += 1) expect(await told(`Ann ${count}`)).toBe(`Ann ${count}`);
    expect(world.workspace.ledger.isLarge(idOf(world))).toBe(false);
    expect(await told("Ann")).toBe("Ann");
    expect(world.workspace.ledger.isLarge(idOf(world))).toBe(true);
    expect(await told("Anna")).toBe("Anna");
    await world.close();
  });

  test("and whatever arrives meanwhile is not lost", async () => {
    const [world, plain] = [await openLarge(), await plainWorld([late])];
    expect(() => world.workspace.ledger.ensureCustomerFresh(idOf(world))).toThrow(CatchingUp);
    await world.request("POST", "/events", late); // what the thread reads is from before or after it
    await world.workspace.ledger.catchUp();
    expect(derivedIn(world).customer_cell).toEqual(derivedIn(plain).customer_cell ?? []);
    expect(derivedIn(world).revenue_day).toEqual(derivedIn(plain).revenue_day ?? []);
    expect((await world.request("GET", "/customers/ext_ann")).body.data).toMatchObject({ sales: 32, firstTouchAt: at(-700) });
    await Promise.all([world.close(), plain.close()]);
  });

  test("is not stored as it was before another write", async () => {
    const world = await openLarge();
    await world.workspace.ledger.catchUp();
    const { databasePath } = world.workspace.config;
    const database = openDatabase(databasePath, sqlFunctions(world.workspace.calendar)); // another process
    const reader = connectReader(databasePath);
    addFunctions(reader, sqlFunctions(world.workspace.calendar));
    const recompute = openRecompute(reader);
    let meanwhile = "";
    const beside = async (order: RecomputeOrder) => {
      const recomputed = recompute(order);
      world.workspace.database.sqlite.exec(meanwhile);
      return recomputed;
    };
    const large = openLargeCustomers({
      database,
      pipeline: openPipeline(database, { calendar: world.workspace.calendar, windowDays: 30 }),
      from: 20,
      beside,
    });
    const isStale = database.sqlite.prepare("SELECT count(*) FROM stale WHERE due_at = 0").pluck();
    const [id, now] = [idOf(world), NOW];
    await world.request("POST", "/events", late);
    meanwhile = "UPDATE stale SET changes = changes + 1 WHERE due_at = 0";
    await large.ask(id, now, now);
    expect([large.store(now), isStale.get()]).toEqual([1, 1]);
    meanwhile = "";
    await large.ask(id, now, now);
    expect([large.store(now), isStale.get()]).toEqual([1, 0]);
    expect((await world.request("GET", "/customers/ext_ann")).body.data).toMatchObject({ sales: 32 });
    reader.close();
    database.close();
    await world.close();
  });

  test("is rebuilt and recalculated with the same result; a wrong figure is told", async () => {
    const [world, plain] = [await openLarge(), await plainWorld()];
    await world.workspace.ledger.catchUp();
    const recalculate = async () =>
      (await world.request<{ changed: boolean; after: object }>("POST", "/customers/ext_ann/recalculate-ltv")).body.data;
    expect(await recalculate()).toMatchObject({ changed: false });
    world.workspace.database.sqlite.exec("UPDATE customer SET gross_minor = gross_minor + 1, sales = sales + 1 WHERE external_id = 'ann'");
    expect(await recalculate()).toMatchObject({ changed: true, after: { sales: 31 } });
    world.workspace.database.sqlite.exec("UPDATE customer SET gross_minor = gross_minor + 1 WHERE external_id = 'ann'");
    await world.workspace.ledger.rebuild();
    expect(derivedIn(world)).toEqual(derivedIn(plain));
    await Promise.all([world.close(), plain.close()]);
  });

  test("is recomputed here if the other thread cannot", async () => {
    const broken = join(folder, "broken.ts");
    writeFileSync(broken, "throw new Error('broken');");
    const world = await openLarge({ recomputeThread: pathToFileURL(broken) });
    expect(() => world.workspace.ledger.ensureCustomerFresh(idOf(world))).toThrow(CatchingUp);
    expect((await world.request("GET", "/customers/ext_ann")).body.data).toMatchObject({ sales: 31 });
    await world.close();
  });

  test("does not hold up a step with others: a step reads a bounded number of entries", async () => {
    const world = openWorld({ now: NOW });
    for (let round = 0; round < 12; round += 1)
      await world.request(
        "POST",
        "/events",
        Array.from({ length: 1000 }, (_, n) => ({ type: "sale", orderId: `${round}-${n}`, externalId: `u-${n % 4}`, value: 1 })),
      );
    const { ledger, database } = world.workspace;
    await ledger.catchUp();
    database.sqlite.exec("INSERT INTO stale (customer_id, due_at) SELECT id, 0 FROM customer");
    const steps: number[] = [];
    await ledger.catchUp((done) => steps.push(done));
    expect(steps.slice(0, 4)).toEqual([1, 2, 3, 4]); // of 3,000 entries each; steps for attribution follow
    await world.close();
  });
});
