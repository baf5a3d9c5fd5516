// Do cohorts come out right from totals that can be added up by hand?
import { afterEach, describe, expect, test } from "bun:test";
import type { CohortAnswer } from "../../../src/report/cohort/answer.ts";
import { openWorld, type World } from "../../harness.ts";
import { failure, report } from "../ask.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});
const open = (): World => {
  const world = openWorld();
  worlds.push(world);
  return world;
};
const ask = (world: World, query = ""): Promise<CohortAnswer> =>
  report<CohortAnswer>(world, "/customers/cohorts", `/customers/cohorts${query}`);
const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

type Figures = [customers: number, leads: number, paying: number, sales: number, gross: number | bigint, refunds: number, repeat: number];
const addDay = (world: World, date: string, figures: Figures) =>
  world.workspace.database.sqlite.prepare("INSERT INTO cohort_day VALUES (?, ?, ?, ?, ?, ?, ?, ?)").run(dayOf(date), ...figures);
const addKey = (world: World, key: string, figures: Figures) =>
  world.workspace.database.sqlite.prepare("INSERT INTO cohort_key VALUES ('source', ?, ?, ?, ?, ?, ?, ?, ?)").run(key, ...figures);
const addKeyDay = (world: World, date: string, key: string, figures: Figures) =>
  world.workspace.database.sqlite
    .prepare("INSERT INTO cohort_key_day VALUES ('campaign', ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(dayOf(date), key, ...figures);
const addCustomer = (world: World, at: string, campaign: string, sales: number, gross: number) =>
  world.workspace.database.sqlite
    .prepare(
      "INSERT INTO customer (created_at, updated_at, first_touch_at, first_touch_day, source, campaign, sales, gross_minor) VALUES (0, 0, ?, ?, '(direct)', ?, ?, ?)",
    )
    .run(Date.parse(at), Math.floor(Date.parse(at) / 86_400_000), campaign, sales, gross);

describe("weeks and months", () => {
  test("add up their days, with empty ones between and whole bounds", async () => {
    const world = open();
    addDay(world, "2026-01-05", [2, 1, 1, 2, 3000, 500, 1]);
    addDay(world, "2026-01-11", [1, 0, 0, 0, 0, 0, 0]);
    addDay(world, "2026-01-20", [1, 1, 1, 1, 1001, 0, 0]);
    addDay(world, "2026-03-01", [0, 0, 0, 0, 0, 0, 0]); // fell to nothing: not a member of the answer
    const { cohorts, totals } = await ask(world);
    expect(cohorts.map((row) => [row.cohort, row.start, row.customers])).toEqual([
      ["2026-W02", "2026-01-05T00:00:00.000Z", 3],
      ["2026-W03", "2026-01-12T00:00:00.000Z", 0],
      ["2026-W04", "2026-01-19T00:00:00.000Z", 1],
    ]);
    expect(cohorts[0]).toEqual({
      cohort: "2026-W02",
      start: "2026-01-05T00:00:00.000Z",
      end: "2026-01-12T00:00:00.000Z",
      customers: 3,
      leads: 1,
      payingCustomers: 1,
      conversionRate: 0.3333,
      sales: 2,
      grossRevenue: 30,
      refunds: 5,
      revenue: 25,
      averageOrderValue: 15,
      ltv: 8.33,
      revenuePerPayingCustomer: 25,
      repeatCustomers: 1,
      repeatRate: 1,
    });
    expect(cohorts[1]).toMatchObject({
      customers: 0,
      conversionRate: null,
      grossRevenue: 0,
      averageOrderValue: null,
      ltv: null,
      repeatRate: null,
    });
    expect(totals).toMatchObject({ customers: 4, leads: 2, sales: 3, grossRevenue: 40.01, revenue: 35.01, ltv: 8.75 });
    expect((await ask(world, "?group_by=month")).cohorts.map((row) => row.cohort)).toEqual(["2026-01"]);
  });

  test("of a range that begins and ends within days take those days' customers one by one", async () => {
    const world = open();
    addDay(world, "2026-01-05", [9, 0, 0, 0, 0, 0, 0]); // whole-day totals of ragged days are not to be read
    addDay(world, "2026-01-06", [1, 0, 0, 0, 0, 0, 0]);
    addDay(world, "2026-01-07", [9, 0, 0, 0, 0, 0, 0]);
    addCustomer(world, "2026-01-05T11:59:59.999Z", "a", 0, 0);
    addCustomer(world, "2026-01-05T12:00:00Z", "a", 1, 100);
    addCustomer(world, "2026-01-07T11:59:59.999Z", "a", 2, 300);
    addCustomer(world, "2026-01-07T12:00:00Z", "a", 0, 0);
    const range = "start=2026-01-05T12:00:00Z&end=2026-01-07T12:00:00Z";
    for (const groupBy of ["week", "month"]) {
      const { cohorts, totals } = await ask(world, `?group_by=${groupBy}&${range}`);
      expect(cohorts).toHaveLength(1);
      expect(cohorts[0]).toMatchObject({ customers: 3, payingCustomers: 2, sales: 3, grossRevenue: 4, repeatCustomers: 1 });
      expect(totals).toMatchObject({ customers: 3, sales: 3, grossRevenue: 4 });
    }
    const within = await ask(world, "?start=2026-01-05T12:00:00Z&end=2026-01-05T12:00:00.001Z");
    expect(within.totals.customers).toBe(1);
  });
});

describe("campaigns and sources", () => {
  test("come by customers, then by name in code points; totals are over all, those cut off too", async () => {
    const world = open();
    for (const [key, customers] of [
      ["b", 2],
      ["\u{1F600}", 1],
      ["\uFB00", 1],
      ["Z", 1],
      ["gone", 0],
      ["(direct)", 5],
    ] as const)
      addKey(world, key, [customers, 0, 0, 0, 0, 0, 0]);
    addDay(world, "2026-01-05", [10, 0, 0, 0, 0, 0, 0]);
    const all = await ask(world, "?group_by=source");
    expect(all.cohorts.map((row) => row.cohort)).toEqual(["(direct)", "b", "Z", "\uFB00", "\u{1F600}"]);
    expect(all.cohorts[0]).toMatchObject({ start: null, end: null });
    const cut = await ask(world, "?group_by=source&limit=2");
    expect(cut.cohorts).toHaveLength(2);
    expect(cut.totals).toEqual(all.totals);
    expect([all.more, cut.more]).toEqual([undefined, 3]);
    const inRange = async (limit: number) => (await ask(world, `?group_by=campaign&start=2026-01-06&end=2026-01-06&limit=${limit}`)).more;
    for (const campaign of ["x", "y", "z"]) addKeyDay(world, "2026-01-06", campaign, [1, 0, 0, 0, 0, 0, 0]);
    expect([await inRange(1), await inRange(2), await inRange(3)]).toEqual([2, 1, undefined]);
    expect(cut.totals.customers).toBe(10);
  });

  test("of a range add up its days and its ragged ends", async () => {
    const world = open();
    addKeyDay(world, "2026-01-06", "a", [2, 1, 1, 1, 500, 100, 0]);
    addKeyDay(world, "2026-01-07", "b", [1, 0, 0, 0, 0, 0, 0]);
    addKeyDay(world, "2026-01-08", "a", [7, 0, 0, 0, 0, 0, 0]);
    addCustomer(world, "2026-01-05T23:00:00Z", "b", 2, 700);
    addCustomer(world, "2026-01-05T22:00:00Z", "b", 0, 0);
    const { cohorts } = await ask(world, "?group_by=campaign&start=2026-01-05T22:30:00Z&end=2026-01-07");
    expect(cohorts.map((row) => [row.cohort, row.customers, row.sales, row.revenue, row.repeatCustomers])).toEqual([
      ["a", 2, 1, 4, 0],
      ["b", 2, 2, 7, 1],
    ]);
  });
});

test("sales without a rate are listed in their own money, of the whole days and of the ragged ends", async () => {
  const world = open();
  const { sqlite } = world.workspace.database;
  const total = sqlite.prepare("INSERT INTO unconverted_total VALUES (?, ?, ?, ?, ?, ?)");
  total.run(dayOf("2026-01-06"), 24312, "JPY", 2, 1500, 500);
  total.run(dayOf("2026-01-06"), 999999, "JPY", 1, 10, 0); // dated ahead: cohorts have no clock
  total.run(dayOf("2026-01-06"), 24312, "EUR", 0, 0, 0);
  const { lastInsertRowid } = addCustomer(world, "2026-01-05T13:00:00Z", "a", 0, 0);
  sqlite.prepare("INSERT INTO customer_unconverted VALUES (?, 24312, 0, 0, 'KWD', 1, 12345, 5)").run(lastInsertRowid);
  expect((await ask(world, "?start=2026-01-05T12:00:00Z")).unconverted).toEqual([
    { currency: "JPY", sales: 3, grossRevenue: 1510, refunds: 500, revenue: 1010 },
    { currency: "KWD", sales: 1, grossRevenue: 12.345, refunds: 0.005, revenue: 12.34 },
  ]);
});

describe("what cannot be answered", () => {
  test("is refused with every bad parameter named", async () => {
    const world = open();
    expect(await failure(world, "/customers/cohorts?start=yesterday&end=2026-02-30")).toEqual({
      status: 400,
      code: "VALIDATION_ERROR",
      fields: ["start", "end"],
    });
    expect(await failure(world, "/customers/cohorts?start=2026-02-02&end=2026-02-01")).toEqual({
      status: 400,
      code: "VALIDATION_ERROR",
      fields: ["start"],
    });
    expect((await failure(world, "/customers/cohorts?group_by=year&limit=0")).fields).toEqual(["group_by", "limit"]);
    expect((await ask(world, "?start=2026-02-01&end=2026-02-01")).end).toBe("2026-02-02T00:00:00.000Z");
  });

  test("is an ANALYTICS_ERROR where a sum is beyond 2^53 − 1 minor units, never a rounded number", async () => {
    const world = open();
    addDay(world, "2026-01-05", [1, 0, 1, 1, 2n ** 53n - 1n, 0, 0]);
    expect((await ask(world)).totals.grossRevenue).toBe(90071992547409.91);
    addDay(world, "2026-01-06", [1, 0, 1, 1, 1, 0, 0]);
    expect(await failure(world, "/customers/cohorts")).toMatchObject({ status: 500, code: "ANALYTICS_ERROR" });
  });
});
