// What became of the customers of each week, month, campaign or source? From daily and all-time totals. (definitions §7)
import { type Analytics, guarded } from "../analytics.ts";
import type { Context } from "../context.ts";
import { requireDecimals, toUnconverted, type UnconvertedRow } from "../figure.ts";
import { toIso } from "../instant.ts";
import { average, ratio, toMajor } from "../money.ts";
import type { CohortAnswer, CohortFigures, CohortQuestion, CohortRow } from "./answer.ts";
import byKeySql from "./by-key.sql" with { type: "text" };
import byKeyInRangeSql from "./by-key-in-range.sql" with { type: "text" };
import bySpanSql from "./by-span.sql" with { type: "text" };
import { type Days, daysOf, spansOf } from "./days.ts";
import totalsSql from "./totals.sql" with { type: "text" };
import unconvertedSql from "./unconverted.sql" with { type: "text" };

interface FigureRow {
  customers: bigint;
  leads: bigint;
  payingCustomers: bigint;
  sales: bigint;
  grossMinor: bigint;
  refundsMinor: bigint;
  repeatCustomers: bigint;
}
type TotalsRow = FigureRow & { firstDay: bigint | null; lastDay: bigint | null };

/** The figures of a cohort from its sums. Throws RangeError beyond 2^53 − 1 minor units. */
export function toFigures(row: FigureRow, decimals: number): CohortFigures {
  const revenueMinor = row.grossMinor - row.refundsMinor;
  return {
    customers: Number(row.customers),
    leads: Number(row.leads),
    payingCustomers: Number(row.payingCustomers),
    conversionRate: ratio(row.payingCustomers, row.customers),
    sales: Number(row.sales),
    grossRevenue: toMajor(row.grossMinor, decimals),
    refunds: toMajor(row.refundsMinor, decimals),
    revenue: toMajor(revenueMinor, decimals),
    averageOrderValue: average(row.grossMinor, row.sales, decimals),
    ltv: average(revenueMinor, row.customers, decimals),
    revenuePerPayingCustomer: average(revenueMinor, row.payingCustomers, decimals),
    repeatCustomers: Number(row.repeatCustomers),
    repeatRate: ratio(row.repeatCustomers, row.payingCustomers),
  };
}

/** The embedded engine's answer to `Analytics.cohorts`; prepares its statements at once. */
export function openCohorts({ config, database, calendar, ledger }: Context): Analytics["cohorts"] {
  const { sqlite } = database;
  const decimals = requireDecimals(config.currency);
  const totals = sqlite.prepare(totalsSql).safeIntegers();
  const bySpan = sqlite.prepare(bySpanSql).safeIntegers();
  const byKey = sqlite.prepare(byKeySql).safeIntegers();
  const byKeyInRange = sqlite.prepare(byKeyInRangeSql).safeIntegers();
  const unconverted = sqlite.prepare(unconvertedSql).safeIntegers();

  function keyRows({ groupBy, startAt, endAt, limit }: CohortQuestion, days: Days): CohortRow[] {
    const allTime = startAt === undefined && endAt === undefined;
    const rows = (allTime ? byKey : byKeyInRange).all({ grouping: groupBy, limit, ...days }) as (FigureRow & { key: string })[];
    return rows.map((row) => ({ cohort: row.key, start: null, end: null, ...toFigures(row, decimals) }));
  }

  function spanRows(groupBy: "week" | "month", days: Days, { firstDay, lastDay }: TotalsRow): CohortRow[] {
    if (firstDay === null || lastDay === null) return [];
    const spans = spansOf(groupBy, Number(firstDay), Number(lastDay), calendar);
    const rows = bySpan.all({ spans: JSON.stringify(spans.map((span) => [span.firstDay, span.lastDay])), ...days }) as (FigureRow & {
      place: bigint;
    })[];
    return rows.map((row) => {
      const span = spans[Number(row.place)];
      if (!span) throw new RangeError(`Cannot find the span of a row: ${row.place}`);
      return { cohort: span.key, start: toIso(span.startAt), end: toIso(span.endAt), ...toFigures(row, decimals) };
    });
  }

  const read = sqlite.transaction((question: CohortQuestion): CohortAnswer => {
    const { groupBy, startAt, endAt } = question;
    const days = daysOf(question, calendar);
    const total = totals.get(days) as TotalsRow;
    return {
      groupBy,
      start: startAt === undefined ? null : toIso(startAt),
      end: endAt === undefined ? null : toIso(endAt),
      timezone: config.timezone,
      currency: config.currency,
      unconverted: toUnconverted(unconverted.all(days) as UnconvertedRow[]),
      cohorts: groupBy === "week" || groupBy === "month" ? spanRows(groupBy, days, total) : keyRows(question, days),
      totals: toFigures(total, decimals),
    };
  });

  return guarded(async (question) => {
    await ledger.fresh();
    return read(question);
  });
}
