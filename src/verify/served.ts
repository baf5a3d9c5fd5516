// Do the served cohorts and curves follow from the log? (definitions §7, §8)
import type { Calendar } from "../value/calendar.ts";
import { average, ratio, toMajor } from "../value/money.ts";
import type { CreditOfAll, CreditRange } from "./attribution.ts";
import type { Findings, Value } from "./finding.ts";
import type { Totals } from "./tally.ts";

/** Sends GET to a path of the app, as a caller does. Gives the `data` of the answer; rejects if there is none. */
export type Ask = (path: string) => Promise<unknown>;

/** The same, but a failure becomes a finding and gives `undefined`. */
export function openAsk(ask: Ask, findings: Findings): Ask {
  return async (path) => {
    try {
      return await ask(path);
    } catch (error) {
      findings.compare(() => path, `no answer (${error instanceof Error ? error.message : "unknown"})`, "an answer");
      return undefined;
    }
  };
}

export interface ServedOptions {
  readonly ask: Ask;
  readonly calendar: Calendar;
  readonly now: number;
  /** Decimals of the reporting currency. */
  readonly decimals: number;
  readonly totals: Totals;
  readonly credit: CreditOfAll;
  readonly ranges: readonly CreditRange[];
  readonly findings: Findings;
}

type Row = Record<string, Value>;
type Figures = readonly bigint[];

interface CurvesAnswer {
  cohorts: { cohort: string; customers: number; periods: (Row & { status: string })[] }[];
}

const NOTHING: Figures = [0n, 0n, 0n, 0n, 0n, 0n, 0n];
/** The most rows that the report of cohorts answers. */
const MOST_ROWS = 10_000;
const MONTHS = 24;

/** The fields of a cohort (definitions §7) from its seven sums. */
function cohortFields(figures: Figures, decimals: number): Row {
  const [customers = 0n, leads = 0n, paying = 0n, sales = 0n, gross = 0n, refunds = 0n, repeat = 0n] = figures;
  return {
    customers,
    leads,
    payingCustomers: paying,
    conversionRate: ratio(paying, customers),
    sales,
    grossRevenue: toMajor(gross, decimals),
    refunds: toMajor(refunds, decimals),
    revenue: toMajor(gross - refunds, decimals),
    averageOrderValue: average(gross, sales, decimals),
    ltv: average(gross - refunds, customers, decimals),
    revenuePerPayingCustomer: average(gross - refunds, paying, decimals),
    repeatCustomers: repeat,
    repeatRate: ratio(repeat, paying),
  };
}

/** Adds up figures by the name that a report gives to a row. Undefined: the row is left out. */
function regrouped(
  entries: Iterable<[key: (number | string)[], figures: Figures]>,
  nameOf: (key: (number | string)[]) => string | undefined,
) {
  const sums = new Map<string, Figures>();
  for (const [key, figures] of entries) {
    const name = nameOf(key);
    if (name === undefined) continue;
    const before = sums.get(name) ?? NOTHING;
    sums.set(
      name,
      figures.map((figure, index) => figure + (before[index] ?? 0n)),
    );
  }
  return sums;
}

/** Compares the cohorts of every grouping, row by row and in total. */
export async function verifyCohorts({ ask, calendar, decimals, totals, findings }: ServedOptions): Promise<void> {
  const groupings: Record<string, Map<string, Figures>> = {
    week: regrouped(totals.cohortDay.entries(), ([day]) => calendar.weekKey(Number(day))),
    month: regrouped(totals.cohortDay.entries(), ([day]) => calendar.monthKey(calendar.monthOfDay(Number(day)))),
    source: regrouped(totals.cohortKey.entries(), ([grouping, key]) => (grouping === "source" ? String(key) : undefined)),
    campaign: regrouped(totals.cohortKey.entries(), ([grouping, key]) => (grouping === "campaign" ? String(key) : undefined)),
  };
  for (const [grouping, sums] of Object.entries(groupings)) {
    const path = `/customers/cohorts?group_by=${grouping}&limit=${MOST_ROWS}`;
    const answer = (await ask(path)) as { cohorts: Row[]; totals: Row } | undefined;
    if (!answer) continue;
    const compare = (name: string, served: Row | undefined, figures: Figures) => {
      for (const [field, value] of Object.entries(cohortFields(figures, decimals)))
        findings.compare(() => `${path} ${name}: ${field}`, served?.[field], value);
    };
    const everybody = [...sums.values()].reduce((all, figures) => all.map((figure, index) => figure + (figures[index] ?? 0n)), NOTHING);
    compare("totals", answer.totals, everybody);
    const rows = new Map(answer.cohorts.map((row) => [String(row.cohort), row]));
    if (sums.size <= MOST_ROWS) for (const [name, figures] of sums) compare(name, rows.get(name), figures);
    for (const [name, row] of rows) if (!sums.has(name)) compare(name, row, NOTHING);
  }
}

/** Compares the curves of all acquisition months cell by cell, 24 months at a time, for both kinds of period. */
export async function verifyCurves(options: ServedOptions): Promise<void> {
  const { calendar, now, totals } = options;
  const months = [...totals.ltvCohort.entries()].map(([[month]]) => Number(month));
  const first = months.reduce((least, month) => Math.min(least, month), calendar.monthOf(now));
  for (const period of ["calendar", "elapsed"] as const)
    for (let last = calendar.monthOf(now); last >= first; last -= MONTHS) await verifyWindow(options, period, last);
}

async function verifyWindow({ ask, calendar, decimals, totals, findings }: ServedOptions, period: "calendar" | "elapsed", last: number) {
  const path = `/customers/ltv-cohorts?months=${MONTHS}&period=${period}&end=${calendar.monthKey(last)}`;
  const answer = (await ask(path)) as CurvesAnswer | undefined;
  if (!answer) return;
  findings.compare(() => `${path}: cohorts`, answer.cohorts.length, MONTHS);
  const cells = regrouped(totals.ltvCell.entries(), ([cohort, month, elapsed]) => {
    return Number(month) > last ? undefined : `${cohort} ${period === "elapsed" ? elapsed : Number(month) - Number(cohort)}`;
  });
  answer.cohorts.forEach((served, index) => {
    const month = last - MONTHS + 1 + index;
    const customers = totals.ltvCohort.get([month])?.[0] ?? 0n;
    const what = (name: string) => () => `${path} ${calendar.monthKey(month)}: ${name}`;
    findings.compare(what("cohort"), served.cohort, calendar.monthKey(month));
    findings.compare(what("customers"), served.customers, customers);
    let [cumulative, paying] = [0n, 0n];
    served.periods.forEach((cell, k) => {
      const [revenue = 0n, activeMonth = 0n, activePeriod = 0n, newPaying = 0n] = cells.get(`${month} ${k}`) ?? [];
      cumulative += revenue;
      paying += newPaying;
      const active = period === "elapsed" ? activePeriod : activeMonth;
      const computed: Row = {
        revenue: toMajor(revenue, decimals),
        cumulativeRevenue: toMajor(cumulative, decimals),
        ltv: average(cumulative, customers, decimals),
        activeCustomers: active,
        retention: ratio(active, customers),
        payingCustomers: paying,
      };
      for (const [field, value] of Object.entries(computed))
        findings.compare(what(`period ${k}, ${field}`), cell[field], cell.status === "future" ? null : value);
    });
  });
}
