// Does the served revenue over time follow from the log, and does it add up to what cohorts add up to? (definitions §7)
import { average, toMajor } from "../value/money.ts";
import type { Value } from "./finding.ts";
import type { ServedOptions } from "./served.ts";

/** New customers, new paying customers, sales, gross, refunds and gross of first sales. */
type Figures = readonly [bigint, bigint, bigint, bigint, bigint, bigint];
type Row = Record<string, Value>;

/** The most periods that the report answers. Where the first and the last are further apart, nothing is compared. */
const MOST_PERIODS = 1100;
const NOTHING: Figures = [0n, 0n, 0n, 0n, 0n, 0n];
const add = (a: Figures, b: Figures) => a.map((figure, index) => figure + (b[index] ?? 0n)) as unknown as Figures;

function fieldsOf([newCustomers, newPaying, sales, gross, refunds, firstSale]: Figures, decimals: number): Row {
  return {
    newCustomers,
    newPayingCustomers: newPaying,
    sales,
    grossRevenue: toMajor(gross, decimals),
    refunds: toMajor(refunds, decimals),
    revenue: toMajor(gross - refunds, decimals),
    firstSaleRevenue: toMajor(firstSale, decimals),
    repeatRevenue: toMajor(gross - firstSale, decimals),
    averageOrderValue: average(gross, sales, decimals),
  };
}

/** Compares the weeks and months of revenue, and their totals. */
export async function verifyRevenue({ ask, calendar, decimals, totals, findings }: ServedOptions): Promise<void> {
  const days: [day: number, figures: Figures][] = [];
  for (const [[day], [customers = 0n]] of totals.cohortDay.entries()) days.push([Number(day), [customers, 0n, 0n, 0n, 0n, 0n]]);
  for (const [[day], [newPaying = 0n, sales = 0n, gross = 0n, refunds = 0n, firstSale = 0n]] of totals.revenueDay.entries())
    days.push([Number(day), [0n, newPaying, sales, gross, refunds, firstSale]]);
  for (const [groupBy, keyOf] of [
    ["week", (day: number) => calendar.weekKey(day)],
    ["month", (day: number) => calendar.monthKey(calendar.monthOfDay(day))],
  ] as const) {
    const path = `/customers/revenue?group_by=${groupBy}`;
    const sums = new Map<string, Figures>();
    let everything = NOTHING;
    for (const [day, figures] of days) {
      sums.set(keyOf(day), add(sums.get(keyOf(day)) ?? NOTHING, figures));
      everything = add(everything, figures);
    }
    const known = days.map(([day]) => day);
    if ((Math.max(...known) - Math.min(...known)) / 7 >= MOST_PERIODS - 1) continue;
    const answer = (await ask(path)) as { periods: Row[]; totals: Row } | undefined;
    if (!answer) continue;
    const compare = (name: string, served: Row | undefined, figures: Figures) => {
      for (const [field, value] of Object.entries(fieldsOf(figures, decimals)))
        findings.compare(() => `${path} ${name}: ${field}`, served?.[field], value);
    };
    compare("totals", answer.totals, everything);
    const served = new Map(answer.periods.map((row) => [String(row.period), row]));
    for (const [name, figures] of sums) if (figures.some((figure) => figure !== 0n)) compare(name, served.get(name), figures);
    for (const [name, row] of served) if (!sums.has(name)) compare(name, row, NOTHING);
  }
}
