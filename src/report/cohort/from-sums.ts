// How does an answer of cohorts follow from its sums? The arithmetic is the same whichever engine has added up. (definitions §7)
import type { Context } from "../../context.ts";
import type { Calendar } from "../../value/calendar.ts";
import { toIso } from "../../value/instant.ts";
import { average, ratio, requireDecimals, toMajor } from "../../value/money.ts";
import { type Span, spansOf } from "../days.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import type { CohortAnswer, CohortFigures, CohortQuestion, CohortRow, Grouping } from "./answer.ts";
import { cohortRules, type FigureRow, sumOf, toExplanation } from "./explain.ts";

/** Sums over all customers of the range, and the first and the last day of their first touches. */
export type TotalsRow = FigureRow & { firstDay: bigint | null; lastDay: bigint | null };
export type SpanRow = FigureRow & { place: bigint };
/** `rows` is how many keys there are, also beyond the limit. */
export type KeyRow = FigureRow & { key: string; rows: bigint };
/** `key`: the source or campaign; for weeks and months, the day of the first touch. */
export type ErasedRow = FigureRow & { key: string | bigint };

/** What an answer is made of. */
export interface CohortSums {
  readonly total: TotalsRow;
  /** The campaigns or sources in the order of the answer; none for weeks and months. */
  readonly keys: readonly KeyRow[];
  /** The weeks or months by their place among `cohortSpans`; none for campaigns and sources. */
  readonly spans: readonly SpanRow[];
  readonly unconverted: readonly UnconvertedRow[];
  /** Erased members; none unless the question asks for `explain`. */
  readonly erased: readonly ErasedRow[];
}

export const isSpan = (groupBy: Grouping): groupBy is "week" | "month" => groupBy === "week" || groupBy === "month";

/** The weeks or months of an answer, ascending; none for campaigns and sources, and without customers. */
export function cohortSpans(groupBy: Grouping, { firstDay, lastDay }: TotalsRow, calendar: Calendar): Span[] {
  if (!isSpan(groupBy) || firstDay === null || lastDay === null) return [];
  return spansOf(groupBy, Number(firstDay), Number(lastDay), calendar);
}

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

/**
 * Gives the function that adds `explain` to a row, or nothing if the question does not ask for it. `key` is the row's campaign or source, or
 * its week or month; without a key, the row is the totals.
 */
function openExplain({ groupBy, startAt, endAt, explain }: CohortQuestion, erased: readonly ErasedRow[], decimals: number) {
  if (!explain) return () => ({});
  const range = {
    firstTouchAfter: startAt === undefined ? undefined : toIso(startAt),
    firstTouchBefore: endAt === undefined ? undefined : toIso(endAt),
  };
  const byName = new Map(erased.map((each) => [each.key, each]));
  const erasedIn = (key: string | Span | undefined): readonly FigureRow[] => {
    if (key === undefined) return erased;
    if (typeof key === "string") return [byName.get(key) ?? []].flat();
    return erased.filter(({ key: day }) => key.firstDay <= Number(day) && Number(day) <= key.lastDay);
  };
  return (row: FigureRow, key?: string | Span) => {
    const people = key === undefined ? range : { [groupBy]: typeof key === "string" ? key : key.key, ...range };
    return { explain: toExplanation(row, sumOf(erasedIn(key)), people, decimals) };
  };
}

/** Gives the function that makes the answer to a question from its sums. */
export function openCohortAnswer({ config, calendar }: Pick<Context, "config" | "calendar">) {
  const decimals = requireDecimals(config.currency);
  return (question: CohortQuestion, { total, keys, spans, unconverted, erased }: CohortSums): CohortAnswer => {
    const { groupBy, startAt, endAt } = question;
    const explain = openExplain(question, erased, decimals);
    const own = cohortSpans(groupBy, total, calendar);
    const more = Number(keys[0]?.rows ?? 0n) - keys.length;
    const ofKey = (row: KeyRow) => ({ cohort: row.key, start: null, end: null, ...toFigures(row, decimals), ...explain(row, row.key) });
    const ofSpan = (row: SpanRow): CohortRow => {
      const span = own[Number(row.place)];
      if (!span) throw new RangeError(`Cannot find the span of a row: ${row.place}`);
      return {
        cohort: span.key,
        start: toIso(span.startAt),
        end: toIso(span.endAt),
        ...toFigures(row, decimals),
        ...explain(row, span),
      };
    };
    return {
      groupBy,
      start: startAt === undefined ? null : toIso(startAt),
      end: endAt === undefined ? null : toIso(endAt),
      timezone: config.timezone,
      currency: config.currency,
      unconverted: toUnconverted(unconverted),
      cohorts: isSpan(groupBy) ? spans.map(ofSpan) : keys.map(ofKey),
      ...(more > 0 && { more }),
      totals: { ...toFigures(total, decimals), ...explain(total) },
      ...(question.explain && { rules: cohortRules(groupBy, question, config) }),
    };
  };
}
