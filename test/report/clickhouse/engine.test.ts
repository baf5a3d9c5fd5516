// What does a caller get while ClickHouse answers, lags, fails or is away?
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { silentLog } from "../../../src/host/log.ts";
import type { Shipping } from "../../../src/report/clickhouse/shipping.ts";
import { openTurns } from "../../../src/report/clickhouse/turns.ts";
import { type Fake, openFake } from "../../clickhouse/fake.ts";
import type { World } from "../../harness.ts";
import { record } from "../../record-entries.ts";
import { waitUntil } from "../../wait-until.ts";
import { openShop, settled } from "./shop.ts";

const REVENUE = "/customers/revenue?group_by=month";
const ATTRIBUTION = "/customers/attribution?model=linear";
/** Sales of many customers, each of whom is sent by itself. */
const MANY = Array.from({ length: 10 }, (_, index) => ({
  type: "sale",
  orderId: `many-${index}`,
  externalId: `m${index}`,
  value: 1,
  timestamp: "2026-02-21T00:00:00Z",
}));
const SALE = { type: "sale", orderId: "later", externalId: "b", value: 5, timestamp: "2026-02-20T00:00:00Z" };

let fake: Fake;
let world: World;
let shipping: Shipping;
let logged: string[];

async function open(hasFallback = false): Promise<void> {
  const note = (fields: object) => void logged.push(JSON.stringify(fields));
  world = await openShop(fake, { analyticsFallback: hasFallback }, { ...silentLog(), warn: note, error: note });
  shipping = shippingOf(world);
  shipping.start();
  await settled(shipping);
}
function shippingOf({ workspace }: World): Shipping {
  if (workspace.shipping === undefined) throw new Error("The world tells ClickHouse nothing");
  return workspace.shipping;
}
/** The revenue of all time by an answer. The fake engine has none. */
const revenueOf = (text: string) => (JSON.parse(text) as { data: { totals: { revenue: number } } }).data.totals.revenue;

beforeEach(() => {
  fake = openFake();
  logged = [];
});
afterEach(async () => {
  await world.close();
  fake.stop();
});

test("reports about everybody are asked of ClickHouse, those of one customer and of parts of days are not", async () => {
  await open();
  fake.failAlways("report", "refused");
  for (const path of [
    REVENUE,
    ATTRIBUTION,
    "/customers/cohorts",
    "/customers/ltv-cohorts",
    "/customers/cohorts?start=2026-01-01T10:00:00Z",
  ]) {
    expect([path, (await world.request("GET", path)).status]).toEqual([path, 503]);
    await settled(shipping);
  }
  for (const path of [
    "/customers/ext_b/journey",
    "/customers/ext_b/attribution",
    `${REVENUE}&start=2026-01-01T10:00:00Z`,
    `${ATTRIBUTION}&end=2026-01-20T10:00:00Z`,
    `${ATTRIBUTION}&window_days=7`,
  ])
    expect([path, (await world.request("GET", path)).status]).toEqual([path, 200]);
});

describe("without ANALYTICS_FALLBACK", () => {
  beforeEach(() => open());

  test.each(["refused", "hanging", "stalled"] as const)(
    "a question that is %s is a 503 that says when to try again, within the deadline",
    async (fault) => {
      fake.failAlways("report", fault);
      const startedAt = performance.now();
      const { status, text, headers } = await world.request("GET", REVENUE);
      expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
      expect(text).toContain("SERVICE_UNAVAILABLE");
      expect(performance.now() - startedAt).toBeLessThan(2000);
    },
  );

  test.each(["error", "exception", "garbage", "cut"] as const)(
    "a question that ends as %s is an ANALYTICS_ERROR, and what was said is in the log alone",
    async (fault) => {
      fake.failAlways("report", fault);
      const { status, text } = await world.request("GET", REVENUE);
      expect(status).toBe(500);
      expect(text).toContain("ANALYTICS_ERROR");
      expect(text).not.toContain("secret detail");
      if (fault === "error") expect(logged.join()).toContain("secret detail");
      expect(shipping.isUsable()).toBe(true);
    },
  );

  test("while it is being filled, reports are 503", async () => {
    await world.close();
    world = await openShop(fake);
    expect((await world.request("GET", REVENUE)).status).toBe(503);
  });

  test("an answer includes what was acknowledged before, and otherwise says how far it goes", async () => {
    await record(world, SALE);
    const fresh = await world.request("GET", REVENUE);
    expect([fresh.status, fresh.headers.get("x-behind"), shipping.state().behind]).toEqual([200, null, 0]);
    fake.failAlways("insert", "slow");
    await record(world, MANY);
    const before = new Date(world.workspace.now()).toISOString();
    const late = await world.request("GET", REVENUE);
    expect(late.status).toBe(200);
    expect(Number(late.headers.get("x-behind"))).toBeGreaterThan(0);
    expect(late.headers.get("x-data-as-of")).toBe(before);
    await settled(shipping);
    const caughtUp = await world.request("GET", REVENUE);
    expect([caughtUp.status, caughtUp.headers.get("x-behind")]).toEqual([200, null]);
  });

  test("once it is back, it is behind and says so until it has caught up", async () => {
    fake.arm("insert", "refused");
    fake.failAlways("insert", "slow");
    await record(world, MANY);
    await world.workspace.ledger.catchUp();
    await waitUntil("it is away", () => !shipping.isUsable());
    expect((await world.request("GET", REVENUE)).status).toBe(503);
    await waitUntil("it is back", () => shipping.isUsable());
    const late = await world.request("GET", REVENUE);
    expect([late.status, late.headers.get("x-behind") === null]).toEqual([200, false]);
    await settled(shipping);
    expect((await world.request("GET", REVENUE)).headers.get("x-behind")).toBeNull();
  });
});

describe("with ANALYTICS_FALLBACK", () => {
  beforeEach(() => open(true));

  test.each(["refused", "garbage", "hanging"] as const)("SQLite answers a question that is %s", async (fault) => {
    expect(revenueOf((await world.request("GET", REVENUE)).text)).toBe(0);
    fake.failAlways("report", fault);
    const { status, text, headers } = await world.request("GET", REVENUE);
    expect([status, revenueOf(text), headers.get("x-behind")]).toEqual([200, 151, null]);
    expect(logged.join()).toContain("SQLite answers a report");
  });

  test("SQLite answers until ClickHouse has caught up", async () => {
    fake.arm("insert", "refused");
    fake.failAlways("insert", "slow");
    await record(world, SALE, MANY);
    await world.workspace.ledger.catchUp();
    await waitUntil("it is away", () => shipping.state().phase === "away");
    expect(revenueOf((await world.request("GET", REVENUE)).text)).toBe(166);
    await waitUntil("it is back", () => shipping.state().phase === "following");
    const { text, headers } = await world.request("GET", REVENUE);
    expect([revenueOf(text), headers.get("x-behind")]).toEqual([166, null]);
    await settled(shipping);
  });
});

test("on a standby SQLite answers", async () => {
  await open();
  const following = { primary: "http://primary.example", name: "s", seq: 0, asOfAt: 0, isWhole: true };
  world.workspace.database.sqlite.prepare("INSERT INTO setting (name, value) VALUES ('following', ?)").run(JSON.stringify(following));
  expect(revenueOf((await world.request("GET", REVENUE)).text)).toBe(151);
});

test("an insert waits for the reports that have begun, and the next reports wait for it", async () => {
  await open();
  const turns = openTurns(50);
  const done: string[] = [];
  const step = (name: string, milliseconds: number) => async () => {
    await Bun.sleep(milliseconds);
    done.push(name);
  };
  await Promise.all([turns.read(step("first report", 30)), turns.insert(step("insert", 10)), turns.read(step("next report", 0))]);
  expect(done).toEqual(["first report", "insert", "next report"]);
  const long = turns.insert(step("long insert", 200));
  await expect(turns.read(step("never", 0))).rejects.toThrow("takes too long");
  await long;
});
