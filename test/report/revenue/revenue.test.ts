// Is revenue in the day, week or month in which it was made, first sales among it, at any edge of a range?
import { afterEach, describe, expect, test } from "bun:test";
import type { RevenueAnswer } from "../../../src/report/revenue/answer.ts";
import { openWorld, type World, type WorldOptions } from "../../harness.ts";
import { failure, report } from "../ask.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});
const open = (options: WorldOptions = {}): World => {
  const world = openWorld({ ...options, config: { snapshotTtl: 0, ...options.config } });
  worlds.push(world);
  return world;
};
const ask = (world: World, query = "") => report<RevenueAnswer>(world, "/customers/revenue", `/customers/revenue${query}`);
const tell = async (world: World, ...entries: object[]) => {
  const { body } = await world.request<{ rejected: number }>("POST", "/events", entries);
  expect(body.data.rejected).toBe(0);
};
const sale = (externalId: string, orderId: string, timestamp: string, value: number, more: object = {}) => ({
  type: "sale",
  externalId,
  orderId,
  timestamp,
  value,
  ...more,
});
/** Some figures of each period. */
const shown = ({ periods }: RevenueAnswer, ...fields: (keyof RevenueAnswer["periods"][number])[]) =>
  periods.map((row) => [row.period, ...fields.map((field) => row[field])]);

describe("a period", () => {
  test("has what happened in it, and zeros where nothing did between the first and the last", async () => {
    const world = open();
    await tell(
      world,
      { type: "click", clickId: "c", externalId: "ann", timestamp: "2025-12-31T23:59:59.999Z" },
      sale("ann", "1", "2026-01-01T00:00:00Z", 10),
      sale("ann", "2", "2026-01-02T00:00:00Z", 5),
      sale("bob", "3", "2026-01-02T00:00:00Z", 7),
      { type: "refund", orderId: "1", timestamp: "2026-01-04T12:00:00Z", value: 4 },
    );
    const answer = await ask(world, "?group_by=day");
    expect(shown(answer, "newCustomers", "newPayingCustomers", "sales", "grossRevenue", "refunds", "revenue")).toEqual([
      ["2025-12-31", 1, 0, 0, 0, 0, 0],
      ["2026-01-01", 0, 1, 1, 10, 0, 10],
      ["2026-01-02", 1, 1, 2, 12, 0, 12],
      ["2026-01-03", 0, 0, 0, 0, 0, 0],
      ["2026-01-04", 0, 0, 0, 0, 4, -4],
    ]);
    expect(shown(answer, "firstSaleRevenue", "repeatRevenue", "averageOrderValue").slice(1)).toEqual([
      ["2026-01-01", 10, 0, 10],
      ["2026-01-02", 7, 5, 6],
      ["2026-01-03", 0, 0, null],
      ["2026-01-04", 0, 0, null],
    ]);
    expect(answer.periods[0]).toMatchObject({ start: "2025-12-31T00:00:00.000Z", end: "2026-01-01T00:00:00.000Z" });
    expect(answer.totals).toEqual({
      newCustomers: 2,
      newPayingCustomers: 2,
      sales: 3,
      grossRevenue: 22,
      refunds: 4,
      revenue: 18,
      firstSaleRevenue: 17,
      repeatRevenue: 5,
      averageOrderValue: 7.33,
    });
    expect(shown(await ask(world, "?group_by=week"), "revenue")).toEqual([["2026-W01", 18]]);
    expect(shown(await ask(world), "newCustomers", "revenue")).toEqual([
      ["2025-12", 1, 0],
      ["2026-01", 1, 18],
    ]);
  });

  test("is of the workspace's zone, whose days may have 23 or 25 hours", async () => {
    const world = open({ config: { timezone: "Europe/Berlin" } });
    await tell(
      world,
      sale("a", "1", "2025-10-25T22:00:00Z", 1),
      sale("a", "2", "2025-10-26T22:59:59.999Z", 2),
      sale("a", "3", "2025-10-26T23:00:00Z", 4),
    );
    const { periods } = await ask(world, "?group_by=day");
    expect(periods.map(({ period, start, end, revenue }) => [period, start, end, revenue])).toEqual([
      ["2025-10-26", "2025-10-25T22:00:00.000Z", "2025-10-26T23:00:00.000Z", 3],
      ["2025-10-27", "2025-10-26T23:00:00.000Z", "2025-10-27T23:00:00.000Z", 4],
    ]);
  });

  test("counts what is dated ahead as soon as it is stored, and once the clock has reached it", async () => {
    const world = open({ now: "2026-01-10T12:00:00Z" });
    await tell(
      world,
      sale("a", "1", "2026-01-10T11:00:00Z", 1),
      sale("a", "2", "2026-01-10T13:00:00Z", 2),
      sale("b", "3", "2026-01-11", 4),
    );
    const days = [
      ["2026-01-10", 1, 3, 1],
      ["2026-01-11", 1, 4, 4],
    ];
    const seen = async () => shown(await ask(world, "?group_by=day"), "newPayingCustomers", "revenue", "firstSaleRevenue");
    expect(await seen()).toEqual(days);
    world.clock.set("2026-01-12T00:00:00Z");
    expect(await seen()).toEqual(days);
  });
});

describe("first sales move", () => {
  const seen = async (world: World) => shown(await ask(world), "newPayingCustomers", "firstSaleRevenue", "repeatRevenue");

  test("when an earlier sale comes late, by log order at the same instant", async () => {
    const world = open();
    await tell(world, sale("a", "m", "2026-02-01T00:00:00Z", 10));
    await tell(world, sale("a", "b", "2026-02-01T00:00:00Z", 3));
    expect(await seen(world)).toEqual([["2026-02", 1, 3, 10]]);
    expect((await ask(world, "?start=2026-01-31T12:00:00Z&end=2026-02-01T12:00:00Z")).totals).toMatchObject({ firstSaleRevenue: 3 });
    await tell(world, sale("a", "z", "2026-01-31T00:00:00Z", 1));
    expect(await seen(world)).toEqual([
      ["2026-01", 1, 1, 0],
      ["2026-02", 0, 0, 13],
    ]);
  });

  test("when the status of one changes, and back", async () => {
    const world = open();
    await tell(world, sale("a", "1", "2026-01-05", 10), sale("a", "2", "2026-02-05", 20));
    const before = await seen(world);
    await world.request("PATCH", "/conversions/ord_1", { status: "fraud" });
    expect(await seen(world)).toEqual([
      ["2026-01", 0, 0, 0],
      ["2026-02", 1, 20, 0],
    ]);
    await world.request("PATCH", "/conversions/ord_1", { status: "approved" });
    expect(await seen(world)).toEqual(before);
  });

  test("when a rate arrives for one", async () => {
    const world = open();
    await tell(world, sale("a", "1", "2026-01-05", 10, { currency: "EUR" }), sale("a", "2", "2026-02-05", 20));
    expect(await seen(world)).toEqual([
      ["2026-01", 0, 0, 0],
      ["2026-02", 1, 20, 0],
    ]);
    await world.request("PUT", "/rates", { currency: "EUR", date: "2026-01-01", rate: "1.5" });
    expect(await seen(world)).toEqual([
      ["2026-01", 1, 15, 0],
      ["2026-02", 0, 0, 20],
    ]);
  });

  test("not when the customer is erased", async () => {
    const world = open();
    await tell(world, sale("a", "1", "2026-01-05", 10), sale("a", "2", "2026-02-05", 20));
    const before = await ask(world);
    await world.request("DELETE", "/customers/ext_a");
    expect(await ask(world)).toEqual(before);
  });
});

describe("a range", () => {
  const ENTRIES = [
    sale("a", "1", "2026-01-01T11:59:59.999Z", 1),
    sale("b", "2", "2026-01-01T12:00:00Z", 2),
    sale("a", "3", "2026-01-01T12:00:00Z", 4),
    sale("c", "4", "2026-01-02T12:00:00Z", 8),
    sale("d", "5", "2026-01-03T11:59:59.999Z", 16),
    sale("d", "6", "2026-01-03T12:00:00Z", 32),
    { type: "refund", orderId: "1", timestamp: "2026-01-03T11:00:00Z" },
    { type: "refund", orderId: "4", timestamp: "2026-01-03T13:00:00Z" },
  ];

  test("is exact where it begins and ends within a day", async () => {
    const world = open();
    await tell(world, ...ENTRIES);
    for (const span of ["day", "week", "month"]) {
      const { totals, periods } = await ask(world, `?group_by=${span}&start=2026-01-01T12:00:00Z&end=2026-01-03T12:00:00Z`);
      expect(totals).toMatchObject({
        newCustomers: 3, // not a, whose first touch was before
        newPayingCustomers: 3,
        sales: 4,
        grossRevenue: 30,
        refunds: 1, // of a sale before the range
        firstSaleRevenue: 26,
        repeatRevenue: 4,
      });
      expect(periods.reduce((sum, row) => sum + row.grossRevenue, 0)).toBe(30);
      expect(periods.reduce((sum, row) => sum + row.firstSaleRevenue, 0)).toBe(26);
    }
    const within = await ask(world, "?group_by=day&start=2026-01-01T11:59:59.999Z&end=2026-01-01T12:00:00Z");
    expect(shown(within, "newCustomers", "sales", "firstSaleRevenue")).toEqual([["2026-01-01", 1, 1, 1]]);
    expect(within).toMatchObject({ start: "2026-01-01T11:59:59.999Z", end: "2026-01-01T12:00:00.000Z" });
  });

  test("lists sales without a rate that are in it, and those of their refunds that are too", async () => {
    const world = open();
    const yen = (orderId: string, timestamp: string, value: number) => sale("a", orderId, timestamp, value, { currency: "JPY" });
    const refund = (orderId: string, timestamp: string, value: number) => ({ type: "refund", orderId, timestamp, value });
    await tell(
      world,
      ...[yen("1", "2026-01-01T12:00:00Z", 1000), yen("2", "2026-01-02T12:00:00Z", 2000), yen("3", "2026-01-03T12:00:00Z", 4000)],
      ...[refund("1", "2026-01-02T13:00:00Z", 1), refund("1", "2026-01-03T13:00:00Z", 2), refund("2", "2026-01-02T14:00:00Z", 4)],
      ...[refund("2", "2026-01-05T00:00:00Z", 8), refund("3", "2026-01-01T11:00:00Z", 16)],
    );
    const listed = async (range: string) => (await ask(world, range)).unconverted.map((row) => [row.sales, row.grossRevenue, row.refunds]);
    expect(await listed("")).toEqual([[3, 7000, 31]]);
    expect(await listed("?start=2026-01-01&end=2026-01-02")).toEqual([[2, 3000, 5]]);
    expect(await listed("?start=2026-01-01T12:00:00Z&end=2026-01-03T12:00:00Z")).toEqual([[2, 3000, 5]]);
    expect(await listed("?start=2026-01-01T11:30:00Z&end=2026-01-03T12:30:00Z")).toEqual([[3, 7000, 5]]);
    expect(await listed("?start=2026-01-01T12:00:00.001Z")).toEqual([[2, 6000, 12]]);
    expect(await listed("?start=2026-01-02T12:00:00Z&end=2026-01-02T14:00:00Z")).toEqual([[1, 2000, 0]]);
    expect(await listed("?end=2026-01-01T12:00:00Z")).toEqual([]);
  });

  test("without anything is empty", async () => {
    const world = open();
    await tell(world, ...ENTRIES);
    const { periods, totals } = await ask(world, "?start=2020-01-01&end=2020-12-31");
    expect([periods, totals.newCustomers, totals.averageOrderValue]).toEqual([[], 0, null]);
  });
});

describe("what cannot be answered", () => {
  test("is refused with every bad parameter named", async () => {
    const world = open();
    expect(await failure(world, "/customers/revenue?group_by=year&start=soon&end=2026-02-30")).toEqual({
      status: 400,
      code: "VALIDATION_ERROR",
      fields: ["group_by", "start", "end"],
    });
    expect((await failure(world, "/customers/revenue?start=2026-02-02&end=2026-02-01")).fields).toEqual(["start"]);
  });

  test("is more than 1,100 periods: the message says to group more coarsely", async () => {
    const world = open();
    await tell(world, sale("a", "1", "2020-01-01", 1), sale("a", "2", "2023-01-04", 1));
    expect((await ask(world, "?group_by=day")).periods).toHaveLength(1100);
    await tell(world, sale("a", "3", "2023-01-05", 1));
    const { status, body } = await world.request("GET", "/customers/revenue?group_by=day");
    expect([status, body.error?.code, body.error?.details?.[0]?.path]).toEqual([400, "VALIDATION_ERROR", "group_by"]);
    expect(body.error?.details?.[0]?.message).toContain("week or month");
    expect((await ask(world, "?group_by=day&start=2023-01-01")).periods).toHaveLength(2);
    expect((await ask(world, "?group_by=week")).totals.sales).toBe(3);
    await tell(world, sale("a", "4", "1970-01-02", 1));
    expect((await failure(world, "/customers/revenue?group_by=week")).fields).toEqual(["group_by"]);
    expect((await ask(world)).periods).toHaveLength(637);
  });

  test("is an ANALYTICS_ERROR where a sum is beyond 2^53 − 1 minor units, never a rounded number", async () => {
    const world = open();
    const add = world.workspace.database.sqlite.prepare("INSERT INTO revenue_day VALUES (?, 0, 1, ?, 0, 0)");
    add.run(20_000, 2n ** 53n - 1n);
    expect((await ask(world)).totals.grossRevenue).toBe(90071992547409.91);
    add.run(20_001, 1n);
    expect(await failure(world, "/customers/revenue")).toMatchObject({ status: 500, code: "ANALYTICS_ERROR" });
  });
});
