// What is each cell of a curve made of, who are its people, and how many of them were erased? (definitions §8, §10)
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

/** A row of ltv-erased.sql. */
export interface ErasedRow {
  cohortMonth: bigint;
  k: bigint | null;
  customers: bigint;
  revenueMinor: bigint;
  activeCustomers: bigint;
  newPaying: bigint;
}

/** Which curves are explained. */
export interface Scope {
  readonly period: string;
  /** The key of the last month. */
  readonly end: string;
  readonly now: number;
  readonly calendar: Calendar;
  readonly decimals: number;
}

/** Explains the cells of one cohort, in the order of their periods. */
export function openCohortExplanation(month: number, erased: readonly ErasedRow[], { period, end, now, calendar, decimals }: Scope) {
  const theirs = erased.filter(({ cohortMonth }) => Number(cohortMonth) === month);
  const parts = new Map(theirs.map((row) => [row.k === null ? null : Number(row.k), row]));
  const key = calendar.monthKey(month);
  let cumulativeMinor = 0n;
  let paying = 0n;
  return {
    cohort(): Static<typeof CohortExplanation> {
      // A first touch dated ahead of the clock is of this month, but not yet of these members.
      const until = calendar.startOfMonth(month + 1) > now ? toIso(now + 1) : undefined;
      return {
        erased: { customers: Number(parts.get(null)?.customers ?? 0n) },
        people: { customers: toPath("/customers", { month: key, firstTouchBefore: until }) },
      };
    },
    cell(k: number, row: { customers: bigint; cumulativeMinor: bigint; activeCustomers: bigint }): Static<typeof CellExplanation> {
      const own = parts.get(k);
      cumulativeMinor += own?.revenueMinor ?? 0n;
      paying += own?.newPaying ?? 0n;
      const who = (what: string) => toPath("/customers", { month: key, [what]: String(k), period, end });
      return {
        ltv: { numerator: toMajor(row.cumulativeMinor, decimals), denominator: Number(row.customers) },
        retention: { numerator: Number(row.activeCustomers), denominator: Number(row.customers) },
        erased: {
          activeCustomers: Number(own?.activeCustomers ?? 0n),
          payingCustomers: Number(paying),
          revenue: toMajor(own?.revenueMinor ?? 0n, decimals),
          cumulativeRevenue: toMajor(cumulativeMinor, decimals),
        },
        people: { activeCustomers: who("activePeriod"), payingCustomers: who("firstSaleWithin") },
      };
    },
  };
}
export type CohortExplaining = ReturnType<typeof openCohortExplanation>;

/** The rules of a report of curves. */
export function ltvRules({ period, end, now }: Scope, config: Config): Static<typeof LtvRules> {
  return {
    anchor: rule(
      6,
      "A customer is in the month of their first touch: their earliest entry of any type and status, or their creation by POST /customers.",
    ),
    members: rule(8, "N never shrinks: it includes members who never bought."),
    period: rule(
      8,
      period === "calendar"
        ? "Period k is the k-th calendar month after that of the first touch; 0 is the month of acquisition."
        : "Period k is the k-th month since the member's own first touch, by anniversary with end-of-month clamp, at the first touch's local time of day.",
    ),
    clock: rule(8, `An entry counts when it is not after ${toIso(now)} and before the end of ${end}; so does a first touch.`),
    status: rule(
      8,
      `A cell is future when its period begins after the clock or not before the end of ${end}, complete when its period has ended by both, else partial. A period begins k months after its cohort's month and ends ${
        period === "calendar" ? "one month" : "two months"
      } later.`,
    ),
    refunds: rule(4, "A refund falls in the period in which it happened, not in that of its sale."),
    average: rule(8, "The average of period k pools the complete cells of cohorts that have members: Σ cumulativeRevenue ÷ Σ customers."),
    ...commonRules(config),
  };
}
