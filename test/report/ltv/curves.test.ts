// Do LTV curves come out right from cells that can be added up by hand?
import { afterEach, expect, test } from "bun:test";
import type { LtvAnswer } from "../../../src/report/ltv/answer.ts";
import { openWorld, type World } from "../../harness.ts";
import { failure, report } from "../ask.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});
const ask = (world: World, query = ""): Promise<LtvAnswer> =>
  report<LtvAnswer>(world, "/customers/ltv-cohorts", `/customers/ltv-cohorts${query}`);
const month = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5)) - 1;

/** Two customers of January, one of whom buys in both months of their first elapsed period, and one of February. Now is 15 March 2026. */
function open(): World {
  const world = openWorld({ now: "2026-03-15T12:00:00Z" });
  worlds.push(world);
  const { sqlite } = world.workspace.database;
  const cohort = sqlite.prepare("INSERT INTO ltv_cohort VALUES (?, ?)");
  cohort.run(month("2026-01"), 2);
  cohort.run(month("2026-02"), 1);
  cohort.run(month("2025-12"), 0);
  const cell = sqlite.prepare("INSERT INTO ltv_cell VALUES (?, ?, ?, ?, ?, ?, ?)");
  const [jan, feb, mar] = [month("2026-01"), month("2026-02"), month("2026-03")];
  cell.run(jan, jan, 0, 1000, 1, 1, 1);
  cell.run(jan, feb, 0, 500, 1, 0, 0); // same period, next month: active anew by month, not by period
  cell.run(jan, mar, 1, -300, 0, 0, 0); // a refund
  cell.run(jan, mar, 2, 700, 1, 1, 1);
  cell.run(feb, mar, 1, 200, 1, 1, 1);
  return world;
}
const row = (answer: LtvAnswer, cohort: string) =>
  answer.cohorts
    .find((each) => each.cohort === cohort)
    ?.periods.map((cell): (number | string | null)[] => [
      cell.revenue,
      cell.cumulativeRevenue,
      cell.ltv,
      cell.activeCustomers,
      cell.retention,
      cell.payingCustomers,
      cell.status,
    ]);
const FUTURE: (number | string | null)[] = [null, null, null, null, null, null, "future"];

test("calendar periods are the months from the cohort's own", async () => {
  const answer = await ask(open(), "?months=4");
  expect(answer).toMatchObject({ months: 4, end: "2026-03", period: "calendar", timezone: "UTC", currency: "USD", unconverted: [] });
  expect(answer.cohorts.map((each) => [each.cohort, each.customers])).toEqual([
    ["2025-12", 0],
    ["2026-01", 2],
    ["2026-02", 1],
    ["2026-03", 0],
  ]);
  expect(row(answer, "2026-01")).toEqual([
    [10, 10, 5, 1, 0.5, 1, "complete"],
    [5, 15, 7.5, 1, 0.5, 1, "complete"],
    [4, 19, 9.5, 1, 0.5, 2, "partial"],
    FUTURE,
  ]);
  expect(row(answer, "2026-02")).toEqual([[0, 0, 0, 0, 0, 0, "complete"], [2, 2, 2, 1, 1, 1, "partial"], FUTURE, FUTURE]);
  expect(row(answer, "2025-12")?.at(0)).toEqual([0, 0, null, 0, null, 0, "complete"]);
  expect(answer.average).toEqual([
    { period: 0, ltv: 3.33, cohorts: 2, customers: 3 },
    { period: 1, ltv: 7.5, cohorts: 1, customers: 2 },
    { period: 2, ltv: null, cohorts: 0, customers: 0 },
    { period: 3, ltv: null, cohorts: 0, customers: 0 },
  ]);
});

test("elapsed periods are complete only when the last member has lived them", async () => {
  const answer = await ask(open(), "?months=3&period=elapsed");
  expect(row(answer, "2026-01")).toEqual([
    [15, 15, 7.5, 1, 0.5, 1, "complete"],
    [-3, 12, 6, 0, 0, 1, "partial"],
    [7, 19, 9.5, 1, 0.5, 2, "partial"],
  ]);
  expect(row(answer, "2026-02")).toEqual([[0, 0, 0, 0, 0, 0, "partial"], [2, 2, 2, 1, 1, 1, "partial"], FUTURE]);
  expect(answer.average[0]).toEqual({ period: 0, ltv: 7.5, cohorts: 1, customers: 2 });
});

test("nothing after the end of `end` counts, in either kind of period", async () => {
  const world = open();
  expect(row(await ask(world, "?months=2&end=2026-02"), "2026-01")).toEqual([
    [10, 10, 5, 1, 0.5, 1, "complete"],
    [5, 15, 7.5, 1, 0.5, 1, "complete"],
  ]);
  expect(row(await ask(world, "?months=2&end=2026-02&period=elapsed"), "2026-01")).toEqual([
    [15, 15, 7.5, 1, 0.5, 1, "complete"],
    [0, 15, 7.5, 0, 0, 1, "partial"],
  ]);
  expect(row(await ask(world, "?months=1&end=2026-01&period=elapsed"), "2026-01")).toEqual([[10, 10, 5, 1, 0.5, 1, "partial"]]);
});

test("an end to come shows months to come as future", async () => {
  const answer = await ask(open(), "?months=2&end=2026-05");
  expect(answer.cohorts.map((each) => each.periods.map((cell) => cell.status))).toEqual([
    ["future", "future"],
    ["future", "future"],
  ]);
});

test("sales without a rate are listed up to `end`, of members of the months shown, never those after the clock", async () => {
  const world = open();
  const total = world.workspace.database.sqlite.prepare("INSERT INTO unconverted_total VALUES (?, ?, ?, ?, ?, ?)");
  const day = (text: string) => Date.parse(text) / 86_400_000;
  total.run(day("2026-01-31"), month("2026-02"), "EUR", 1, 1000, 0);
  total.run(day("2026-01-31"), month("2026-03"), "EUR", 1, 500, 100);
  total.run(day("2026-01-31"), 999999, "EUR", 9, 9, 0);
  total.run(day("2025-12-31"), month("2026-02"), "EUR", 7, 7, 0);
  expect((await ask(world, "?months=2&end=2026-02")).unconverted).toEqual([
    { currency: "EUR", sales: 1, grossRevenue: 10, refunds: 0, revenue: 10 },
  ]);
  expect((await ask(world, "?months=3")).unconverted).toEqual([{ currency: "EUR", sales: 2, grossRevenue: 15, refunds: 1, revenue: 14 }]);
});

test("sixty months have sixty periods each", async () => {
  const { cohorts, average } = await ask(open(), "?months=60&end=2026-03");
  expect([cohorts.length, cohorts[0]?.cohort, cohorts[0]?.periods.length, average.length]).toEqual([60, "2021-04", 60, 60]);
});

test("what cannot be asked is refused", async () => {
  const world = open();
  for (const [query, fields] of [
    ["months=0", ["months"]],
    ["months=61", ["months"]],
    ["end=2026-13", ["end"]],
    ["end=0001-01", ["end"]],
    ["end=2026-1&period=weekly", ["end", "period"]],
  ] as const)
    expect(await failure(world, `/customers/ltv-cohorts?${query}`)).toMatchObject({ status: 400, code: "VALIDATION_ERROR", fields });
});
