// How does an answer of revenue over time follow from its sums? The arithmetic is the same whichever engine has added up. (definitions §7)

import type { Context } from "../../context.ts";
import { invalid } from "../../value/error.ts";
import { toIso } from "../../value/instant.ts";
import { average, requireDecimals, toMajor } from "../../value/money.ts";
import { type Span, spansOf } from "../days.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import { AFTER_ALL, BEFORE_ALL } from "../range.ts";
import type { RevenueAnswer, RevenueFigures, RevenueQuestion } from "./answer.ts";
import { type ErasedRow, revenueRules, toExplanation } from "./explain.ts";

/** The most periods of an answer: three years of days. */
const MOST_PERIODS = 1100;

/** Sums of one or more days. Amounts are in minor units. */
export interface SumRow {
  newCustomers: bigint;
  newPayingCustomers: bigint;
  sales: bigint;
  grossMinor: bigint;
  refundsMinor: bigint;
  firstSaleMinor: bigint;
}
export type DayRow = SumRow & { day: bigint };
export type ErasedDayRow = ErasedRow & { day: bigint };

/** A day without anything. */
export const NOTHING: SumRow = {
  newCustomers: 0n,
  newPayingCustomers: 0n,
  sales: 0n,
  grossMinor: 0n,
  refundsMinor: 0n,
  firstSaleMinor: 0n,
};
const NOBODY: ErasedRow = { newCustomers: 0n, newPayingCustomers: 0n };

function addTo<Row extends { [Name in keyof Row]: bigint }>(sum: Row, row: Row): void {
  for (const name of Object.keys(sum) as (keyof Row)[]) sum[name] = (sum[name] + row[name]) as Row[keyof Row];
}

const hasAnything = (row: SumRow) => (Object.keys(NOTHING) as (keyof SumRow)[]).some((name) => row[name] !== 0n);

/** The figures of a period (definitions §7) from its sums in minor units. Throws RangeError beyond 2^53 − 1 minor units. */
function toFigures(row: SumRow, decimals: number): RevenueFigures {
  return {
    newCustomers: Number(row.newCustomers),
    newPayingCustomers: Number(row.newPayingCustomers),
    sales: Number(row.sales),
    grossRevenue: toMajor(row.grossMinor, decimals),
    refunds: toMajor(row.refundsMinor, decimals),
    revenue: toMajor(row.grossMinor - row.refundsMinor, decimals),
    firstSaleRevenue: toMajor(row.firstSaleMinor, decimals),
    repeatRevenue: toMajor(row.grossMinor - row.firstSaleMinor, decimals),
    averageOrderValue: average(row.grossMinor, row.sales, decimals),
  };
}

const tooMany = () =>
  invalid([{ path: "group_by", message: `gives more than ${MOST_PERIODS} periods here: use week or month, or a shorter range` }]);

/** What an answer is made of. A day can have several rows, which add up. */
export interface RevenueSums {
  readonly days: Iterable<DayRow>;
  readonly unconverted: readonly UnconvertedRow[];
  /** Erased customers; none unless the question asks for `explain`. */
  readonly erased: readonly ErasedDayRow[];
}

/** Gives the function that makes the answer to a question from its sums. */
export function openRevenueAnswer({ config, calendar }: Pick<Context, "config" | "calendar">) {
  const decimals = requireDecimals(config.currency);

  /** The days, weeks or months from the first to the last that has anything. Throws VALIDATION_ERROR if they are too many. */
  function periodsOf({ groupBy }: RevenueQuestion, days: readonly number[]): Span[] {
    if (days.length === 0) return [];
    const [firstDay, lastDay] = [Math.min(...days), Math.max(...days)];
    if (groupBy === "day" && lastDay - firstDay >= MOST_PERIODS) throw tooMany();
    const spans = spansOf(groupBy, firstDay, lastDay, calendar);
    if (spans.length > MOST_PERIODS) throw tooMany();
    return spans;
  }

  /** Gives the function that adds `explain` to a period, or to the totals without one; it adds nothing if the question does not ask for it. */
  function openExplain({ startAt, endAt, explain }: RevenueQuestion, erased: readonly ErasedDayRow[]) {
    if (!explain) return () => ({});
    return (row: SumRow, span?: Span) => {
      const sum = { ...NOBODY };
      for (const { day, ...own } of erased) if (!span || (span.firstDay <= Number(day) && Number(day) <= span.lastDay)) addTo(sum, own);
      const range = span
        ? { startAt: Math.max(span.startAt, startAt ?? BEFORE_ALL), endAt: Math.min(span.endAt, endAt ?? AFTER_ALL) }
        : { startAt, endAt };
      return { explain: toExplanation(row, sum, range, decimals) };
    };
  }

  return (question: RevenueQuestion, { days, unconverted, erased }: RevenueSums): RevenueAnswer => {
    const sums = new Map<number, SumRow>();
    const total = { ...NOTHING };
    for (const { day, ...row } of days) {
      const sum = sums.get(Number(day)) ?? { ...NOTHING };
      sums.set(Number(day), sum);
      addTo(sum, row);
      addTo(total, row);
    }
    const active = [...sums].filter(([, sum]) => hasAnything(sum)).sort(([a], [b]) => a - b);
    const spans = periodsOf(
      question,
      active.map(([day]) => day),
    );
    const explain = openExplain(question, erased);
    let next = 0;
    const periods = spans.map((span) => {
      const sum = { ...NOTHING };
      for (let own = active[next]; own && own[0] <= span.lastDay; own = active[++next]) addTo(sum, own[1]);
      return { period: span.key, start: toIso(span.startAt), end: toIso(span.endAt), ...toFigures(sum, decimals), ...explain(sum, span) };
    });
    const { groupBy, startAt, endAt } = question;
    return {
      groupBy,
      start: startAt === undefined ? null : toIso(startAt),
      end: endAt === undefined ? null : toIso(endAt),
      timezone: config.timezone,
      currency: config.currency,
      unconverted: toUnconverted(unconverted),
      periods,
      totals: { ...toFigures(total, decimals), ...explain(total) },
      ...(question.explain && { rules: revenueRules(question, config) }),
    };
  };
}
