// How is each cell of a curve computed, which customers are behind it, and how many of them were erased? (definitions §8, §10)
import { type Static, Type } from "@sinclair/typebox";
import type { Config } from "../../host/config.ts";
import type { Calendar } from "../../value/calendar.ts";
import { toIso } from "../../value/instant.ts";
import { toMajor } from "../../value/money.ts";
import { COMMON_RULES, commonRules, PeoplePath, Quotient, rule, rulesOf, toPath } from "../explain.ts";
import { count, money } from "../figure.ts";

const RULES = ["anchor", "members", "period", "clock", "status", "refunds", "average", ...COMMON_RULES] as const;
export const LtvRules = rulesOf(RULES);

export const CohortExplanation = Type.Object(
  {
    erased: Type.Object(
      { customers: count("Of customers, those erased (definitions §10).") },
      { description: "Erased members, who are missing from the list in `people` (definitions §10)." },
    ),
    people: Type.Object({ customers: PeoplePath }, { description: "A link to the list of the members (definitions §8)." }),
  },
  { description: "With `explain=true`: who the members are (definitions §8)." },
);

export const CellExplanation = Type.Object(
  {
    ltv: Quotient,
    retention: Quotient,
    erased: Type.Object(
      {
        activeCustomers: count("Of activeCustomers, those erased (definitions §10)."),
        payingCustomers: count("Of payingCustomers, those erased (definitions §10)."),
        revenue: money("Of revenue, that of erased members (definitions §10)."),
        cumulativeRevenue: money("Of cumulativeRevenue, that of erased members (definitions §10)."),
      },
      { description: "The part of each sum that belongs to erased members, who are missing from the lists in `people` (definitions §10)." },
    ),
    people: Type.Object(
      { activeCustomers: PeoplePath, payingCustomers: PeoplePath },
      { description: "Links to the lists of the members behind each count (definitions §8)." },
    ),
  },
  { description: "With `explain=true`: how the figures are computed. Absent in future cells (definitions §8)." },
);

export const AverageExplanation = Type.Object(
  { ltv: Quotient },
  { description: "With `explain=true`: how the figure is computed (definitions §8)." },
);

/** A row of ltv-erased.sql. Without `k`, it is about the whole acquisition month. */
export interface ErasedRow {
  cohortMonth: bigint;
  k: bigint | null;
  customers: bigint;
  revenueMinor: bigint;
  activeCustomers: bigint;
  newPaying: bigint;
}

/** What the explanations of a report have in common. */
export interface Scope {
  readonly period: string;
  /** The key of the last month, such as `2026-02`. */
  readonly end: string;
  readonly now: number;
  readonly calendar: Calendar;
  readonly decimals: number;
}

/**
 * Explains one acquisition month, since year 0. `cell` must be called in the
 * order of the periods, because it sums up what belongs to erased members.
 */
export function openCohortExplanation(month: number, erased: readonly ErasedRow[], { period, end, now, calendar, decimals }: Scope) {
  const own = erased.filter(({ cohortMonth }) => Number(cohortMonth) === month);
  const erasedByPeriod = new Map(own.map((row) => [row.k === null ? null : Number(row.k), row]));
  const key = calendar.monthKey(month);
  let cumulativeMinor = 0n;
  let paying = 0n;
  return {
    cohort(): Static<typeof CohortExplanation> {
      // A first touch in the future can be in this month, but its customer is not a member yet.
      const until = calendar.startOfMonth(month + 1) > now ? toIso(now + 1) : undefined;
      return {
        erased: { customers: Number(erasedByPeriod.get(null)?.customers ?? 0n) },
        people: { customers: toPath("/customers", { month: key, firstTouchBefore: until }) },
      };
    },
    cell(k: number, row: { customers: bigint; cumulativeMinor: bigint; activeCustomers: bigint }): Static<typeof CellExplanation> {
      const erasedHere = erasedByPeriod.get(k);
      cumulativeMinor += erasedHere?.revenueMinor ?? 0n;
      paying += erasedHere?.newPaying ?? 0n;
      const listOf = (filter: string) => toPath("/customers", { month: key, [filter]: String(k), period, end });
      return {
        ltv: { numerator: toMajor(row.cumulativeMinor, decimals), denominator: Number(row.customers) },
        retention: { numerator: Number(row.activeCustomers), denominator: Number(row.customers) },
        erased: {
          activeCustomers: Number(erasedHere?.activeCustomers ?? 0n),
          payingCustomers: Number(paying),
          revenue: toMajor(erasedHere?.revenueMinor ?? 0n, decimals),
          cumulativeRevenue: toMajor(cumulativeMinor, decimals),
        },
        people: { activeCustomers: listOf("activePeriod"), payingCustomers: listOf("firstSaleWithin") },
      };
    },
  };
}

/** The rules of a report of curves. */
export function ltvRules({ period, end, now }: Scope, config: Config): Static<typeof LtvRules> {
  return {
    anchor: rule(
      6,
      "A customer is in the month of their first touch, which is their earliest entry of any type and status, or their creation by POST /customers if that is earlier.",
    ),
    members: rule(8, "N includes members who never bought. It never shrinks."),
    period: rule(
      8,
      period === "calendar"
        ? "Period k is the k-th calendar month after the month of the first touch. Period 0 is the month of the first touch."
        : "Period k begins k months after the member's own first touch, at the same local time of day. In a shorter month, it begins on the last day.",
    ),
    clock: rule(8, `Entries and first touches count if they are not after ${toIso(now)} and are before the end of ${end}.`),
    status: rule(
      8,
      `A cell is future if its period begins after now or not before the end of ${end}, complete if its period has ended by both, and otherwise partial. Period k begins k months after the cohort's month begins, and ends ${
        period === "calendar" ? "one month" : "two months"
      } later.`,
    ),
    refunds: rule(4, "A refund belongs to the period in which it happened, not to the period of its sale."),
    average: rule(8, "The average of period k pools the complete cells of cohorts that have members: Σ cumulativeRevenue ÷ Σ customers."),
    ...commonRules(config),
  };
}
