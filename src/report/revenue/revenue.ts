// How much revenue was made in each day, week or month, and how much of it by first sales? From daily totals. (definitions §7)

import type { Context } from "../../context.ts";
import { invalid } from "../../value/error.ts";
import { toIso } from "../../value/instant.ts";
import { average, requireDecimals, toMajor } from "../../value/money.ts";
import { type Days, daysOf, type Span, spansOf } from "../days.ts";
import { type Analytics, guarded } from "../engine.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import { AFTER_ALL, BEFORE_ALL, type Range } from "../range.ts";
import type { RevenueAnswer, RevenueFigures, RevenueQuestion } from "./answer.ts";
import { type ErasedRow, revenueRules, toExplanation } from "./explain.ts";
import byDaySql from "./revenue-by-day.sql" with { type: "text" };
import erasedSql from "./revenue-erased.sql" with { type: "text" };
import unconvertedSql from "./revenue-unconverted.sql" with { type: "text" };

/** The most periods of an answer: three years of days. */
const MOST_PERIODS = 1100;

/** Sums of one or more days. Amounts are in minor units. */
interface SumRow {
  newCustomers: bigint;
  newPayingCustomers: bigint;
  sales: bigint;
  grossMinor: bigint;
  refundsMinor: bigint;
  firstSaleMinor: bigint;
}
type DayRow = SumRow & { day: bigint };
type ErasedDayRow = ErasedRow & { day: bigint };
/** The whole range, and its whole days, as instants. */
type Instants = { startAt: number; endAt: number; wholeFrom: number; wholeTo: number };

const NOTHING: SumRow = { newCustomers: 0n, newPayingCustomers: 0n, sales: 0n, grossMinor: 0n, refundsMinor: 0n, firstSaleMinor: 0n };
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

/** The instants of a range for revenue-unconverted.sql. */
function instantsOf({ startAt = BEFORE_ALL, endAt = AFTER_ALL }: Range, { headFrom, headTo, tailFrom, tailTo }: Days): Instants {
  return { startAt, endAt, wholeFrom: headFrom < headTo ? headTo : startAt, wholeTo: tailFrom < tailTo ? tailFrom : endAt };
}

const tooMany = () =>
  invalid([{ path: "group_by", message: `gives more than ${MOST_PERIODS} periods here: use week or month, or a shorter range` }]);

/** `Analytics.revenue` of the embedded engine. Prepares its statements at once. */
export function openRevenue({ config, database, calendar }: Context): Analytics["revenue"] {
  const { sqlite } = database;
  const decimals = requireDecimals(config.currency);
  const byDay = sqlite.prepare<Days, DayRow>(byDaySql).safeIntegers();
  const unconverted = sqlite.prepare<Days & Instants, UnconvertedRow>(unconvertedSql).safeIntegers();
  const findErased = sqlite.prepare<Pick<Instants, "startAt" | "endAt">, ErasedDayRow>(erasedSql).safeIntegers();

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
  function openExplain({ startAt, endAt, explain }: RevenueQuestion) {
    if (!explain) return () => ({});
    const erased = findErased.all({ startAt: startAt ?? BEFORE_ALL, endAt: endAt ?? AFTER_ALL });
    return (row: SumRow, span?: Span) => {
      const sum = { ...NOBODY };
      for (const { day, ...own } of erased) if (!span || (span.firstDay <= Number(day) && Number(day) <= span.lastDay)) addTo(sum, own);
      const range = span
        ? { startAt: Math.max(span.startAt, startAt ?? BEFORE_ALL), endAt: Math.min(span.endAt, endAt ?? AFTER_ALL) }
        : { startAt, endAt };
      return { explain: toExplanation(row, sum, range, decimals) };
    };
  }

  const read = sqlite.transaction((question: RevenueQuestion): RevenueAnswer => {
    const days = daysOf(question, calendar);
    const sums = new Map<number, SumRow>();
    const total = { ...NOTHING };
    for (const { day, ...row } of byDay.all(days)) {
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
    const explain = openExplain(question);
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
      unconverted: toUnconverted(unconverted.all({ ...days, ...instantsOf(question, days) })),
      periods,
      totals: { ...toFigures(total, decimals), ...explain(total) },
      ...(question.explain && { rules: revenueRules(question, config) }),
    };
  });

  return guarded(read);
}
