// What does the report of LTV curves answer? Its schema, with the unit, formula and section of each figure.
import { type Static, Type } from "@sinclair/typebox";
import { Currency, OneOf, orNull, Unconverted } from "../../http/wire.ts";
import { averageOf, count, money, ratioOf } from "../figure.ts";
import { AverageExplanation, CellExplanation, CohortExplanation, LtvRules } from "./explain.ts";

export const PERIODS = ["calendar", "elapsed"] as const;
export type PeriodKind = (typeof PERIODS)[number];
export const STATUSES = ["complete", "partial", "future"] as const;
export type CellStatus = (typeof STATUSES)[number];

export interface LtvQuestion {
  /** How many acquisition months, and how many periods for each. */
  readonly months: number;
  /** The last acquisition month, as months since year 0. Nothing after its end is counted. Undefined: the current month. */
  readonly endMonth: number | undefined;
  readonly period: PeriodKind;
  /** Adds the rules, and how each figure is computed. */
  readonly explain: boolean;
}

const inFuture = "null in a future cell.";

export const LtvCell = Type.Object({
  period: Type.Integer({
    minimum: 0,
    description:
      "k. calendar: months from the cohort's month; elapsed: whole months since the member's own first touch, by anniversary with end-of-month clamp (definitions §8).",
  }),
  revenue: orNull(money(`Net revenue (gross − refunds) of the cohort in period k; ${inFuture} (definitions §4, §8).`)),
  cumulativeRevenue: orNull(
    money(`Σ revenue of periods 0..k; negative if a refund is dated before its sale; ${inFuture} (definitions §8).`),
  ),
  ltv: averageOf(`cumulativeRevenue ÷ customers; ${inFuture} (definitions §8).`),
  activeCustomers: orNull(count(`Members with a counted sale in period k; ${inFuture} (definitions §8).`)),
  retention: ratioOf(`activeCustomers ÷ customers; ${inFuture} (definitions §8).`),
  payingCustomers: orNull(count(`Members whose first counted sale is in periods 0..k; ${inFuture} (definitions §8).`)),
  status: OneOf(STATUSES, {
    description:
      "future: the period begins after now, or not before the end of `end`; complete: it has ended by the earlier of the two; else partial. It begins k months after the cohort's month begins and ends one month later, elapsed two (definitions §8).",
  }),
  explain: Type.Optional(CellExplanation),
});
export type LtvCell = Static<typeof LtvCell>;

export const LtvCohort = Type.Object({
  cohort: Type.String({ description: "The month of the first touch in `timezone`, such as `2026-02` (definitions §2, §6)." }),
  customers: count(
    "N: customers whose first touch is in this month and not after now, including those who never bought and erased ones. It never shrinks (definitions §8).",
  ),
  periods: Type.Array(LtvCell, { description: "The periods from 0 to months − 1 (definitions §8)." }),
  explain: Type.Optional(CohortExplanation),
});
export type LtvCohort = Static<typeof LtvCohort>;

export const LtvAverage = Type.Object({
  period: Type.Integer({ minimum: 0, description: "The number of the period, k (definitions §8)." }),
  ltv: averageOf("Σ cumulativeRevenue ÷ Σ customers over the complete cells of cohorts that have members (definitions §8)."),
  cohorts: count("How many cohorts these are (definitions §8)."),
  customers: count("Σ customers of these cohorts (definitions §8)."),
  explain: Type.Optional(AverageExplanation),
});
export type LtvAverage = Static<typeof LtvAverage>;

export const LtvAnswer = Type.Object({
  months: Type.Integer({
    minimum: 1,
    maximum: 60,
    description: "The number of acquisition months, and of periods for each (definitions §8).",
  }),
  end: Type.String({ description: "The last acquisition month, such as `2026-02`. Nothing after this month is counted (definitions §8)." }),
  period: OneOf(PERIODS, { description: "Whether periods are calendar months or elapsed months (definitions §8)." }),
  timezone: Type.String({ description: "The workspace's time zone, for months and anniversaries (definitions §2)." }),
  currency: Type.Unsafe<string>({
    ...Currency,
    description: "The workspace's currency. All amounts are in it, except those under `unconverted` (definitions §3).",
  }),
  unconverted: Unconverted,
  cohorts: Type.Array(LtvCohort, {
    description: "The acquisition months in ascending order, including those without members (definitions §8).",
  }),
  average: Type.Array(LtvAverage, { description: "The average of all cohorts for each period (definitions §8)." }),
  rules: Type.Optional(LtvRules),
});
export type LtvAnswer = Static<typeof LtvAnswer>;
