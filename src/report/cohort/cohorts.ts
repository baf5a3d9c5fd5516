// What became of the customers of each week, month, campaign or source? From daily and all-time totals. (definitions §7)

import type { Context } from "../../context.ts";
import { toIso } from "../../value/instant.ts";
import { average, ratio, requireDecimals, toMajor } from "../../value/money.ts";
import { type Days, daysOf, type Months, monthsOf, type Span, spansOf } from "../days.ts";
import { type Analytics, guarded } from "../engine.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import { AFTER_ALL, BEFORE_ALL } from "../range.ts";
import type { CohortAnswer, CohortFigures, CohortQuestion, CohortRow, Grouping } from "./answer.ts";
import byKeySql from "./cohort-by-key.sql" with { type: "text" };
import byKeyInRangeSql from "./cohort-by-key-in-range.sql" with { type: "text" };
import bySpanSql from "./cohort-by-span.sql" with { type: "text" };
import erasedSql from "./cohort-erased.sql" with { type: "text" };
import totalsSql from "./cohort-totals.sql" with { type: "text" };
import unconvertedSql from "./cohort-unconverted.sql" with { type: "text" };
import { cohortRules, type FigureRow, sumOf, toExplanation } from "./explain.ts";

type TotalsRow = FigureRow & { firstDay: bigint | null; lastDay: bigint | null };
type SpanRow = FigureRow & { place: bigint };
/** `rows` is how many keys there are, also beyond the limit. */
type KeyRow = FigureRow & { key: string; rows: bigint };
type ErasedRow = FigureRow & { key: string | bigint };
type KeyLimit = { grouping: Grouping; limit: number };

/** The figures of a cohort (definitions §4, §7) from its sums in minor units. Throws RangeError beyond 2^53 − 1 minor units. */
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

/** `Analytics.cohorts` of the embedded engine. Prepares its statements at once. */
export function openCohorts({ config, database, calendar }: Context): Analytics["cohorts"] {
  const { sqlite } = database;
  const decimals = requireDecimals(config.currency);
  const totals = sqlite.prepare<Days, TotalsRow>(totalsSql).safeIntegers();
  const bySpan = sqlite.prepare<Days & { spans: string }, SpanRow>(bySpanSql).safeIntegers();
  const byKey = sqlite.prepare<KeyLimit, KeyRow>(byKeySql).safeIntegers();
  const byKeyInRange = sqlite.prepare<KeyLimit & Days & Months, KeyRow>(byKeyInRangeSql).safeIntegers();
  const unconverted = sqlite.prepare<Days, UnconvertedRow>(unconvertedSql).safeIntegers();
  const findErased = sqlite.prepare<{ grouping: Grouping; startAt: number; endAt: number }, ErasedRow>(erasedSql).safeIntegers();

  /**
   * Gives the function that adds `explain` to a row, or nothing if the question does not ask for it. `key` is the row's campaign or source, or
   * its week or month; without a key, the row is the totals.
   */
  function openExplain({ groupBy, startAt, endAt, explain }: CohortQuestion) {
    if (!explain) return () => ({});
    const bounds = { startAt: startAt ?? BEFORE_ALL, endAt: endAt ?? AFTER_ALL };
    const erased = findErased.all({ grouping: groupBy, ...bounds });
    const range = {
      firstTouchAfter: startAt === undefined ? undefined : toIso(startAt),
      firstTouchBefore: endAt === undefined ? undefined : toIso(endAt),
    };
    const byName = new Map(erased.map((each) => [each.key, each]));
    const erasedIn = (key: string | Span | undefined): FigureRow[] => {
      if (key === undefined) return erased;
      if (typeof key === "string") return [byName.get(key) ?? []].flat();
      return erased.filter(({ key: day }) => key.firstDay <= Number(day) && Number(day) <= key.lastDay);
    };
    return (row: FigureRow, key?: string | Span) => {
      const people = key === undefined ? range : { [groupBy]: typeof key === "string" ? key : key.key, ...range };
      return { explain: toExplanation(row, sumOf(erasedIn(key)), people, decimals) };
    };
  }
  type Explain = ReturnType<typeof openExplain>;

  type Rows = Pick<CohortAnswer, "cohorts" | "more">;

  function keyRows({ groupBy, startAt, endAt, limit }: CohortQuestion, days: Days, explain: Explain): Rows {
    const allTime = startAt === undefined && endAt === undefined;
    const asked = { grouping: groupBy, limit };
    const rows = allTime ? byKey.all(asked) : byKeyInRange.all({ ...asked, ...days, ...monthsOf(days, calendar) });
    const more = Number(rows[0]?.rows ?? 0n) - rows.length;
    const toRow = (row: KeyRow) => ({ cohort: row.key, start: null, end: null, ...toFigures(row, decimals), ...explain(row, row.key) });
    return { cohorts: rows.map(toRow), ...(more > 0 && { more }) };
  }

  function spanRows(groupBy: "week" | "month", days: Days, { firstDay, lastDay }: TotalsRow, explain: Explain): Rows {
    if (firstDay === null || lastDay === null) return { cohorts: [] };
    const spans = spansOf(groupBy, Number(firstDay), Number(lastDay), calendar);
    const rows = bySpan.all({ spans: JSON.stringify(spans.map((span) => [span.firstDay, span.lastDay])), ...days });
    const toRow = (row: SpanRow): CohortRow => {
      const span = spans[Number(row.place)];
      if (!span) throw new RangeError(`Cannot find the span of a row: ${row.place}`);
      const { key, startAt, endAt } = span;
      return { cohort: key, start: toIso(startAt), end: toIso(endAt), ...toFigures(row, decimals), ...explain(row, span) };
    };
    return { cohorts: rows.map(toRow) };
  }

  const read = sqlite.transaction((question: CohortQuestion): CohortAnswer => {
    const { groupBy, startAt, endAt } = question;
    const days = daysOf(question, calendar);
    const total = totals.get(days);
    if (!total) throw new RangeError("The query of the totals gave no row");
    const explain = openExplain(question);
    return {
      groupBy,
      start: startAt === undefined ? null : toIso(startAt),
      end: endAt === undefined ? null : toIso(endAt),
      timezone: config.timezone,
      currency: config.currency,
      unconverted: toUnconverted(unconverted.all(days)),
      ...(groupBy === "week" || groupBy === "month" ? spanRows(groupBy, days, total, explain) : keyRows(question, days, explain)),
      totals: { ...toFigures(total, decimals), ...explain(total) },
      ...(question.explain && { rules: cohortRules(groupBy, question, config) }),
    };
  });

  return guarded(read);
}
