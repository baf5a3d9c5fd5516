// How do the curves follow from their sums? The arithmetic is the same whichever engine has added up. (definitions §8)

import type { Context } from "../../context.ts";
import type { Calendar } from "../../value/calendar.ts";
import { average, ratio, requireDecimals, toMajor } from "../../value/money.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import type { CellStatus, LtvAnswer, LtvAverage, LtvCell, LtvCohort, LtvQuestion, PeriodKind } from "./answer.ts";
import { type ErasedRow, ltvRules, openCohortExplanation } from "./explain.ts";

/** The acquisition months of a report, as months since year 0, and its kind of period. */
export interface Months {
  firstMonth: number;
  lastMonth: number;
  period: PeriodKind;
}

/** The sums of one period of an acquisition month, by their places. Those of all months and periods are in this order. */
export interface CurveRow {
  place: bigint;
  period: bigint;
  customers: bigint;
  revenueMinor: bigint;
  cumulativeMinor: bigint;
  activeCustomers: bigint;
  payingCustomers: bigint;
}

/** The instants that decide the status of a cell: now, and the end of the last month, in milliseconds since 1970 UTC. */
interface Clock {
  readonly now: number;
  readonly endAt: number;
}

/** The status of period `k` of an acquisition month, which is months since year 0 (definitions §8, "Status"). */
function statusOf(month: number, k: number, kind: PeriodKind, clock: Clock, calendar: Calendar): CellStatus {
  const beginsAt = calendar.startOfMonth(month + k);
  if (beginsAt > clock.now || beginsAt >= clock.endAt) return "future";
  const endsAt = calendar.startOfMonth(month + k + (kind === "elapsed" ? 2 : 1)); // elapsed: the last member of the month ends the period a month later
  return endsAt <= Math.min(clock.now, clock.endAt) ? "complete" : "partial";
}

function toCell(row: CurveRow, status: CellStatus, decimals: number): LtvCell {
  const period = Number(row.period);
  if (status === "future") {
    return {
      period,
      revenue: null,
      cumulativeRevenue: null,
      ltv: null,
      activeCustomers: null,
      retention: null,
      payingCustomers: null,
      status,
    };
  }
  return {
    period,
    revenue: toMajor(row.revenueMinor, decimals),
    cumulativeRevenue: toMajor(row.cumulativeMinor, decimals),
    ltv: average(row.cumulativeMinor, row.customers, decimals),
    activeCustomers: Number(row.activeCustomers),
    retention: ratio(row.activeCustomers, row.customers),
    payingCustomers: Number(row.payingCustomers),
    status,
  };
}

/** The average of period `k`: the complete cells of cohorts that have members, pooled (definitions §8). `statuses` are those of `rows`. */
function toAverage(k: number, rows: readonly CurveRow[], statuses: readonly CellStatus[], decimals: number, explain: boolean): LtvAverage {
  const pooled = rows.filter((row, index) => Number(row.period) === k && statuses[index] === "complete" && row.customers > 0n);
  const customers = pooled.reduce((sum, row) => sum + row.customers, 0n);
  const cumulativeMinor = pooled.reduce((sum, row) => sum + row.cumulativeMinor, 0n);
  return {
    period: k,
    ltv: average(cumulativeMinor, customers, decimals),
    cohorts: pooled.length,
    customers: Number(customers),
    ...(explain && { explain: { ltv: { numerator: toMajor(cumulativeMinor, decimals), denominator: Number(customers) } } }),
  };
}

/** What an answer is made of. */
export interface LtvSums {
  readonly rows: readonly CurveRow[];
  readonly unconverted: readonly UnconvertedRow[];
  /** Erased members; none unless the question asks for `explain`. */
  readonly erased: readonly ErasedRow[];
}

/** Which sums a question asks for. */
export interface LtvRange extends Months {
  /** The days of the members' first touches, since 1970-01-01 in the workspace's zone. */
  readonly firstDay: number;
  readonly lastDay: number;
}

/** The acquisition months of a question that is asked at an instant, in milliseconds since 1970 UTC. */
export function ltvRange({ months, period, endMonth }: LtvQuestion, at: number, calendar: Calendar): LtvRange {
  const lastMonth = endMonth ?? calendar.monthOf(at);
  const firstMonth = lastMonth - months + 1;
  const firstDay = calendar.dayOf(calendar.startOfMonth(firstMonth));
  return { firstMonth, lastMonth, period, firstDay, lastDay: calendar.dayOf(calendar.startOfMonth(lastMonth + 1)) - 1 };
}

/** Gives the function that makes the answer to a question, asked at an instant, from its sums. */
export function openLtvAnswer({ config, calendar }: Pick<Context, "config" | "calendar">) {
  const decimals = requireDecimals(config.currency);
  return (question: LtvQuestion, at: number, { rows, unconverted, erased }: LtvSums): LtvAnswer => {
    const { months, period } = question;
    const { firstMonth, lastMonth } = ltvRange(question, at, calendar);
    const clock = { now: at, endAt: calendar.startOfMonth(lastMonth + 1) };
    const statuses = rows.map((row) => statusOf(firstMonth + Number(row.place), Number(row.period), period, clock, calendar));
    const scope = { period, end: calendar.monthKey(lastMonth), now: at, calendar, decimals };
    const cohorts = Array.from({ length: months }, (_, place): LtvCohort => {
      const cells = rows.slice(place * months, (place + 1) * months);
      const explainer = question.explain ? openCohortExplanation(firstMonth + place, erased, scope) : undefined;
      const periods = cells.map((row, k): LtvCell => {
        const status = statuses[place * months + k] ?? "future";
        return { ...toCell(row, status, decimals), ...(explainer && status !== "future" && { explain: explainer.cell(k, row) }) };
      });
      const customers = Number(cells[0]?.customers ?? 0n);
      return { cohort: calendar.monthKey(firstMonth + place), customers, periods, ...(explainer && { explain: explainer.cohort() }) };
    });
    return {
      months,
      end: scope.end,
      period,
      timezone: config.timezone,
      currency: config.currency,
      unconverted: toUnconverted(unconverted),
      cohorts,
      average: Array.from({ length: months }, (_, k) => toAverage(k, rows, statuses, decimals, question.explain)),
      ...(question.explain && { rules: ltvRules(scope, config) }),
    };
  };
}
