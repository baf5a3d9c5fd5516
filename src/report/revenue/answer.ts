// What does the report of revenue over time answer? Its schema, with the unit, formula and section of each figure.
import { type Static, Type } from "@sinclair/typebox";
import { Currency, Instant, OneOf, Unconverted } from "../../http/wire.ts";
import { averageOf, count, money } from "../figure.ts";
import type { Range } from "../range.ts";
import { PeriodExplanation, RevenueRules } from "./explain.ts";

export const SPANS = ["day", "week", "month"] as const;
export type SpanKind = (typeof SPANS)[number];

/** The range selects first touches, sales and refunds, each by its own time. */
export interface RevenueQuestion extends Range {
  readonly groupBy: SpanKind;
  /** Adds the rules, and how each figure is computed. */
  readonly explain: boolean;
}

const figures = {
  newCustomers: count("Customers whose first touch is in the period, erased ones included (definitions §6, §7)."),
  newPayingCustomers: count("Customers whose first counted sale, in log order, is in the period (definitions §4, §7)."),
  sales: count("Counted sales of the period (definitions §4)."),
  grossRevenue: money("Σ value of the counted sales of the period (definitions §4)."),
  refunds: money("Σ refunds that happened in the period, of counted sales of any time (definitions §4, §7)."),
  revenue: money("grossRevenue − refunds; negative if more was refunded than sold (definitions §4, §7)."),
  firstSaleRevenue: money("Σ value of the first sales of newPayingCustomers (definitions §7)."),
  repeatRevenue: money("grossRevenue − firstSaleRevenue (definitions §7)."),
  averageOrderValue: averageOf("grossRevenue ÷ sales (definitions §7)."),
  explain: Type.Optional(PeriodExplanation),
};

export const RevenueFigures = Type.Object(figures, { description: "The figures of the whole range (definitions §7)." });
export type RevenueFigures = Static<typeof RevenueFigures>;

const edge = (text: string) => Type.Union([Instant, Type.Null()], { description: text });

export const RevenuePeriod = Type.Object({
  period: Type.String({ description: "The day (`2026-01-31`), ISO 8601 week (`2026-W05`) or month (`2026-01`) (definitions §2)." }),
  start: Type.Unsafe<string>({ ...Instant, description: "The first instant of the whole period in `timezone` (definitions §2)." }),
  end: Type.Unsafe<string>({ ...Instant, description: "The first instant after the whole period in `timezone` (definitions §2)." }),
  ...figures,
});
export type RevenuePeriod = Static<typeof RevenuePeriod>;

export const RevenueAnswer = Type.Object({
  groupBy: OneOf(SPANS, { description: "The length of a period (definitions §2, §7)." }),
  start: edge("The first instant of the range asked for; null: from the beginning (definitions §2)."),
  end: edge("The first instant after the range asked for; null: without end (definitions §2)."),
  timezone: Type.String({ description: "The workspace's time zone, for days, weeks, months and plain dates (definitions §2)." }),
  currency: Type.Unsafe<string>({
    ...Currency,
    description: "The workspace's currency. All amounts are in it, except those under `unconverted` (definitions §3).",
  }),
  unconverted: Unconverted,
  periods: Type.Array(RevenuePeriod, {
    description:
      "Ascending, with zeros between the first and the last period that has anything. What happened outside `start` and `end` is in no figure (definitions §7).",
  }),
  totals: RevenueFigures,
  rules: Type.Optional(RevenueRules),
});
export type RevenueAnswer = Static<typeof RevenueAnswer>;
