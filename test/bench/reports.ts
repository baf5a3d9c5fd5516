// How fast are cold cohorts, curves, revenue over time and attribution compared with DuckDB, which computes the same table from the raw entries? The answers are compared first.

import { createApp } from "../../src/app/app.ts";
import type { Workspace } from "../../src/app/workspace.ts";
import { attributionLines } from "./attribution.ts";
import { type Duck, type DuckCell, type DuckCohort, GROUPINGS, type Grouping, openDuck, type Period } from "./duck.ts";
import { ADMIN_KEY, ensureDatabase, openBench } from "./load.ts";
import { alternate, judge, type Line, timed } from "./measure.ts";
import { peopleLines } from "./people.ts";
import type { Progress } from "./progress.ts";
import { revenueLines } from "./revenue.ts";
import type { Size } from "./size.ts";
import { LAST_MONTH } from "./world.ts";

export const cohortsPath = (grouping: string, range = "") => `/customers/cohorts?group_by=${grouping}&limit=10000${range}`;
export const curvesPath = (period: string) => `/customers/ltv-cohorts?months=24&end=${LAST_MONTH}&period=${period}`;
/** Its ends are within periods, so that both kinds of totals and single customers are read. */
const RANGE = { start: "2023-03-05T10:30:00Z", end: "2024-10-20T15:45:00Z" };

/** A report is given up after so many requests, each of which may take half a minute. */
const MOST_TRIES = 20;

/** Sends a request to the whole app, without a network and without snapshots. What takes longer than a request may is asked for again, and goes on. */
export function openAsk(context: Workspace): (path: string) => Promise<unknown> {
  const app = createApp(context);
  const send = (path: string) => app.handle(new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } }));
  return async (path) => {
    let response = await send(path);
    for (let tries = 1; response.status === 503 && tries < MOST_TRIES; tries += 1) response = await send(path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { data: unknown }).data;
  };
}

const cents = (major: number) => Math.round(major * 100);
const line = (values: readonly unknown[]) => values.join(" ");

interface OurCohort extends DuckCohort {
  cohort: string;
  start: string | null;
  grossRevenue: number;
}

function sameCohorts(ours: unknown, theirs: readonly DuckCohort[]): boolean {
  const rows = (ours as { cohorts: OurCohort[] }).cohorts.filter((row) => row.customers > 0);
  const told = (key: string, row: DuckCohort, gross: number, refunds: number) =>
    line([key, row.customers, row.leads, row.payingCustomers, row.sales, gross, refunds, row.repeatCustomers]);
  const a = rows.map((row) => told(row.start?.slice(0, 10) ?? row.cohort, row, cents(row.grossRevenue), cents(row.refunds)));
  const b = theirs.map((row) => told(row.key.replace(/ 00:00:00$/, ""), row, row.gross, row.refunds));
  return line(a.sort()) === line(b.sort());
}

interface OurCell {
  period: number;
  status: string;
  revenue: number;
  cumulativeRevenue: number;
  activeCustomers: number;
  payingCustomers: number;
}

function sameCurves(ours: unknown, theirs: readonly DuckCell[]): boolean {
  const known = new Map(theirs.map((cell) => [`${cell.cohort} ${cell.k}`, cell]));
  const { cohorts } = ours as { cohorts: { cohort: string; customers: number; periods: OurCell[] }[] };
  return cohorts.every(({ cohort, customers, periods }) =>
    periods.every((cell) => {
      const other = known.get(`${cohort} ${cell.period}`);
      if (cell.status === "future") return true;
      if (!other) return customers === 0;
      const a = [customers, cents(cell.revenue), cents(cell.cumulativeRevenue), cell.activeCustomers, cell.payingCustomers];
      return line(a) === line([other.customers, other.revenue, other.cumulative, other.active, other.paying]);
    }),
  );
}

async function cohortLines(ask: (path: string) => Promise<unknown>, duck: Duck, rounds: number, progress: Progress): Promise<Line[]> {
  const lines: Line[] = [];
  for (const grouping of Object.keys(GROUPINGS) as Grouping[]) {
    for (const [how, range] of [
      ["cold", undefined],
      ["start and end within days, cold", RANGE],
    ] as const) {
      const what = `cohorts by ${grouping}, ${how}`;
      progress(what);
      const path = cohortsPath(grouping, range && `&start=${range.start}&end=${range.end}`);
      const wrong = !sameCohorts(await ask(path), await duck.cohorts(grouping, range));
      const figures = await alternate(
        rounds,
        () => timed(() => ask(path)),
        () => timed(() => duck.cohorts(grouping, range)),
      );
      const about = { part: "reports", what, unit: "ms", against: "DuckDB", wrong, ...(wrong && { note: "the answers differ" }) } as const;
      lines.push(judge(about, figures, { of: "faster", least: 25 }));
    }
  }
  return lines;
}

async function curveLines(ask: (path: string) => Promise<unknown>, duck: Duck, rounds: number, progress: Progress): Promise<Line[]> {
  const lines: Line[] = [];
  for (const period of ["calendar", "elapsed"] as Period[]) {
    progress(`curves, ${period}`);
    const wrong = !sameCurves(await ask(curvesPath(period)), await duck.curves(period));
    const figures = await alternate(
      rounds,
      () => timed(() => ask(curvesPath(period))),
      () => timed(() => duck.curves(period)),
    );
    const about = { part: "reports", what: `ltv-cohorts, 24 months, ${period}, cold`, unit: "ms", against: "DuckDB", wrong } as const;
    lines.push(judge({ ...about, ...(wrong && { note: "the answers differ" }) }, figures, { of: "faster", least: 50 }));
  }
  return lines;
}

/** Cold cohorts by each grouping, curves of both periods, revenue over time, everybody's attribution, and the journey and attribution of one customer. */
export async function measureReports(size: Size, progress: Progress): Promise<Line[]> {
  const path = await ensureDatabase(size, progress);
  const context = openBench(path);
  const duck = await openDuck(size, progress);
  const rounds = size.entries > 1_000_000 ? 7 : 15;
  const ask = openAsk(context);
  const lines: Line[] = [];
  try {
    lines.push(...(await cohortLines(ask, duck, rounds, progress)), ...(await curveLines(ask, duck, rounds, progress)));
    lines.push(...(await revenueLines(ask, duck, RANGE, rounds, progress)));
    lines.push(...(await attributionLines(ask, duck, rounds, size.entries > 1_000_000 ? 1 : 3, progress)));
  } finally {
    duck.close();
    await context.close();
  }
  progress("journey and attribution");
  lines.push(...(await peopleLines(path)));
  return lines;
}
