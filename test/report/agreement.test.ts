// Do the reports agree with each other? One number on every screen, to the cent and to the head.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MODELS } from "../../src/credit/model.ts";
import type { AttributionAnswer } from "../../src/report/attribution/answer.ts";
import type { TotalsAnswer } from "../../src/report/attribution/totals-answer.ts";
import type { CohortAnswer, CohortFigures } from "../../src/report/cohort/answer.ts";
import type { JourneyAnswer } from "../../src/report/journey/answer.ts";
import type { LtvAnswer } from "../../src/report/ltv/answer.ts";
import type { RevenueAnswer } from "../../src/report/revenue/answer.ts";
import { randomLog } from "../oracle/random-log.ts";
import { iso } from "../oracle/zone.ts";
import { type Told, tellLog, tellSmallWorld } from "../told.ts";

const DAY = 86_400_000;
const SUMS = ["customers", "leads", "payingCustomers", "sales", "grossRevenue", "refunds", "revenue", "repeatCustomers"] as const;
type Sums = Record<(typeof SUMS)[number], number>;
const cents = (amount: number | null | undefined) => Math.round(Number(amount) * 100);
const sum = <T>(list: readonly T[], of: (item: T) => number) => list.reduce((all, item) => all + of(item), 0);
/** The sums of a row, money in cents. */
const sumsOf = (row: CohortFigures): Sums =>
  Object.fromEntries(SUMS.map((name) => [name, /revenue|refunds/i.test(name) ? cents(row[name]) : row[name]])) as Sums;

/** Everything of a world is in these reports: its clock is beyond all entries. */
async function compare(told: Told): Promise<void> {
  const { api, world } = told;
  await told.tell({ op: "clock", now: world.now + 2 * DAY });
  const ask = <Data>(path: string) => api.ask(path) as Promise<Data>;

  const cohorts = await Promise.all(
    ["week", "month", "campaign", "source"].map((by) => ask<CohortAnswer>(`/customers/cohorts?group_by=${by}&limit=10000&explain=true`)),
  );
  const [first, byMonth] = cohorts;
  if (!first || !byMonth) throw new Error("no cohorts");
  const totals = sumsOf(first.totals);
  for (const { cohorts: rows, totals: theirs } of cohorts) {
    expect(sumsOf(theirs)).toEqual(totals);
    const rowSums = rows.map(sumsOf);
    for (const name of SUMS) expect([name, sum(rowSums, (row) => row[name])]).toEqual([name, totals[name]]);
    const erasedRows = rows.map((row) => row.explain?.erased.customers ?? -1);
    expect(sum(erasedRows, (each) => each)).toBe(theirs.explain?.erased.customers ?? -1);
  }

  for (const span of ["week", "month"]) {
    const { totals: own, periods, unconverted } = await ask<RevenueAnswer>(`/customers/revenue?group_by=${span}`);
    expect([own.newCustomers, own.newPayingCustomers, own.sales]).toEqual([totals.customers, totals.payingCustomers, totals.sales]);
    expect([own.grossRevenue, own.refunds, own.revenue].map(cents)).toEqual([totals.grossRevenue, totals.refunds, totals.revenue]);
    expect(cents(own.firstSaleRevenue) + cents(own.repeatRevenue)).toBe(totals.grossRevenue);
    expect(unconverted).toEqual(first.unconverted);
    for (const [name, value] of Object.entries(own))
      if (name !== "averageOrderValue")
        expect([name, sum(periods, (row) => cents(row[name as keyof typeof own] as number))]).toEqual([name, cents(value as number)]);
    if (span !== "month") continue;
    const found = (key: string) => periods.find(({ period }) => period === key)?.newCustomers ?? 0;
    expect(byMonth.cohorts.map(({ cohort }) => found(cohort))).toEqual(byMonth.cohorts.map(({ customers }) => customers));
  }

  const erased = first.totals.explain?.erased;
  if (!erased) throw new Error("the totals are not explained");
  const people = (await api.customers()) as { id: string; ltv: number; grossRevenue: number; refunds: number; sales: number }[];
  const { count } = await ask<{ count: number }>("/customers/count");
  expect([count, people.length + erased.customers]).toEqual([people.length, totals.customers]);
  expect(sum(people, ({ ltv }) => cents(ltv)) + cents(erased.revenue)).toBe(totals.revenue);
  expect(sum(people, ({ grossRevenue }) => cents(grossRevenue)) + cents(erased.grossRevenue)).toBe(totals.grossRevenue);
  expect(sum(people, ({ refunds }) => cents(refunds)) + cents(erased.refunds)).toBe(totals.refunds);
  expect(sum(people, ({ sales }) => sales) + erased.sales).toBe(totals.sales);
  expect(people.filter(({ sales }) => sales > 0).length + erased.payingCustomers).toBe(totals.payingCustomers);
  expect(people.filter(({ sales }) => sales > 1).length + erased.repeatCustomers).toBe(totals.repeatCustomers);

  for (const [name, filter] of [
    ["customers", ""],
    ["leads", "?lead=true"],
    ["payingCustomers", "?paying=true"],
    ["repeatCustomers", "?minSales=2"],
  ] as const) {
    const { count: listed } = await ask<{ count: number }>(`/customers/count${filter}`);
    expect([name, listed + erased[name]]).toEqual([name, totals[name]]);
  }

  const lastMonth = iso(world.now + 31 * DAY).slice(0, 7);
  for (const period of ["calendar", "elapsed"]) {
    const curves = await ask<LtvAnswer>(`/customers/ltv-cohorts?months=60&end=${lastMonth}&period=${period}&explain=true`);
    const shown = byMonth.cohorts.filter(({ cohort }) => curves.cohorts.some((each) => each.cohort === cohort));
    for (const row of shown) {
      const curve = curves.cohorts.find(({ cohort }) => cohort === row.cohort);
      const last = curve?.periods.findLast(({ status }) => status !== "future");
      expect([curve?.customers, last?.payingCustomers, cents(last?.cumulativeRevenue)]).toEqual([
        row.customers,
        row.payingCustomers,
        cents(row.revenue),
      ]);
      expect([
        curve?.explain?.erased.customers,
        last?.explain?.erased.payingCustomers,
        cents(last?.explain?.erased.cumulativeRevenue),
      ]).toEqual([row.explain?.erased.customers, row.explain?.erased.payingCustomers, cents(row.explain?.erased.revenue)]);
    }
    if (shown.length < byMonth.cohorts.length) continue; // a cohort is older than the longest curve
    const lasts = curves.cohorts.map(({ periods }) => periods.findLast(({ status }) => status !== "future"));
    expect(sum(lasts, (cell) => cents(cell?.cumulativeRevenue ?? 0))).toBe(totals.revenue);
    expect(sum(lasts, (cell) => cell?.payingCustomers ?? 0)).toBe(totals.payingCustomers);
    expect(sum(curves.cohorts, ({ customers }) => customers)).toBe(totals.customers);
  }

  let clicks = 0;
  for (const { id, ltv, sales } of people) {
    for (const model of MODELS) {
      const own = await ask<AttributionAnswer>(`/customers/${id}/attribution?model=${model}`);
      expect(own.revenue).toBe(ltv);
      for (const rows of [own.links, own.campaigns, own.sources])
        expect([
          sum(rows, (row) => cents(row.revenue)),
          sum(rows, (row) => Math.round(row.sales * 10_000)),
          sum(rows, (row) => row.clicks),
        ]).toEqual([cents(ltv), sales * 10_000, own.clicks]);
      if (model === "last") clicks += own.clicks;
    }
    const { summary } = await ask<JourneyAnswer>(`/customers/${id}/journey?summary=true`);
    expect([summary.sales, summary.revenue]).toEqual([sales, ltv]);
  }

  const months = byMonth.cohorts.length === 0 ? [] : monthsFrom("2019-10", lastMonth);
  for (const groupBy of ["source", "campaign", "link"]) {
    const query = `/customers/attribution?group_by=${groupBy}&limit=10000`;
    const all = await ask<TotalsAnswer>(`${query}&compare=${MODELS.join(",")}`);
    expect([cents(all.totals.revenue), all.totals.sales, all.totals.customers]).toEqual([
      totals.revenue,
      totals.sales,
      totals.payingCustomers,
    ]);
    expect(sum(all.rows, (row) => row.clicks)).toBe(all.totals.clicks);
    expect(all.totals.clicks).toBeGreaterThanOrEqual(clicks); // those of the erased too
    expect(all.unconverted).toEqual(first.unconverted);
    for (const model of MODELS) {
      expect([model, sum(all.rows, (row) => cents(row.compare?.[model]?.revenue))]).toEqual([model, totals.revenue]);
      expect(sum(all.rows, (row) => Math.round((row.compare?.[model]?.sales ?? 0) * 10_000))).toBe(totals.sales * 10_000);
    }
    const parts: TotalsAnswer[] = [];
    for (const month of months) parts.push(await ask<TotalsAnswer>(`${query}&model=linear&start=${month}-01&end=${endOf(month)}`));
    for (const { rows, totals: own } of parts) expect(sum(rows, (row) => cents(row.revenue))).toBe(cents(own.revenue));
    expect(sum(parts, (part) => cents(part.totals.revenue))).toBe(totals.revenue);
    expect([sum(parts, (part) => part.totals.sales), sum(parts, (part) => part.totals.clicks)]).toEqual([totals.sales, all.totals.clicks]);
    for (const { key, clicks: own, compare: models } of all.rows) {
      const rows = parts.flatMap((part) => part.rows.filter((row) => row.key === key));
      expect([key, sum(rows, (row) => cents(row.revenue)), sum(rows, (row) => row.clicks)]).toEqual([
        key,
        cents(models?.linear?.revenue),
        own,
      ]);
    }
  }
}

function monthsFrom(first: string, last: string): string[] {
  const months: string[] = [];
  for (let at = new Date(`${first}-01T00:00:00Z`); at.toISOString().slice(0, 7) <= last; at.setUTCMonth(at.getUTCMonth() + 1))
    months.push(at.toISOString().slice(0, 7));
  return months;
}

const endOf = (month: string) => {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + 1, 0);
  return at.toISOString().slice(0, 10);
};

describe("cohorts, revenue over time, curves, customers, journeys and attribution agree", () => {
  test("on the small world", async () => {
    using told = await tellSmallWorld();
    await compare(told);
  });

  for (const [index, log] of fc.sample(randomLog, { numRuns: 8, seed: 4711 }).entries())
    test(`on random log ${index + 1} (${log.timezone})`, async () => {
      using told = await tellLog(log);
      await compare(told);
    });
});
