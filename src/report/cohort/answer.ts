// What does the report of cohorts answer? Its schema, with the unit, formula and section of each figure.
import { type Static, Type } from "@sinclair/typebox";
import { Currency, Instant, OneOf, Unconverted } from "../../http/wire.ts";
import { averageOf, count, money, ratioOf } from "../figure.ts";
import { CohortExplanation, CohortRules } from "./explain.ts";

export const GROUPINGS = ["week", "month", "campaign", "source"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface CohortQuestion {
  readonly groupBy: Grouping;
  /** Selects members by their first touch, in [startAt, endAt), milliseconds since 1970 UTC. */
  readonly startAt: number | undefined;
  readonly endAt: number | undefined;
  /** The maximum number of campaigns or sources. */
  readonly limit: number;
  /** Adds the rules, and how each figure is computed. */
  readonly explain: boolean;
}

const figures = {
  customers: count("N: customers whose first touch puts them here, erased ones included (definitions §6, §7)."),
  leads: count("Members with a counted lead (definitions §4, §7)."),
  payingCustomers: count("Members with a counted sale (definitions §4, §7)."),
  conversionRate: ratioOf("payingCustomers ÷ customers (definitions §7)."),
  sales: count("Counted sales of the members, to date (definitions §4)."),
  grossRevenue: money("Σ value of counted sales, to date (definitions §4)."),
  refunds: money("Σ refunds of counted sales, to date (definitions §4)."),
  revenue: money("grossRevenue − refunds (definitions §4)."),
  averageOrderValue: averageOf("grossRevenue ÷ sales (definitions §7)."),
  ltv: averageOf("revenue ÷ customers (definitions §7)."),
  revenuePerPayingCustomer: averageOf("revenue ÷ payingCustomers (definitions §7)."),
  repeatCustomers: count("Members with 2 or more counted sales (definitions §7)."),
  repeatRate: ratioOf("repeatCustomers ÷ payingCustomers (definitions §7)."),
  explain: Type.Optional(CohortExplanation),
};

export const CohortFigures = Type.Object(figures, {
  description: "The figures over all rows, including those beyond `limit` (definitions §7).",
});
export type CohortFigures = Static<typeof CohortFigures>;

const edge = (text: string) => Type.Union([Instant, Type.Null()], { description: text });

export const CohortRow = Type.Object({
  cohort: Type.String({
    description:
      "The ISO 8601 week (`2026-W08`), the month (`2026-02`), or the campaign or source; `(none)` and `(direct)` for those without (definitions §2, §6).",
  }),
  start: edge("The first instant of the whole week or month in `timezone`; null for campaigns and sources (definitions §2)."),
  end: edge("The first instant after the whole week or month in `timezone`; null for campaigns and sources (definitions §2)."),
  ...figures,
});
export type CohortRow = Static<typeof CohortRow>;

export const CohortAnswer = Type.Object({
  groupBy: OneOf(GROUPINGS, { description: "The property of the first touch that customers are grouped by (definitions §6, §7)." }),
  start: edge("The first instant of the range of first touches asked for; null: from the beginning (definitions §2)."),
  end: edge("The first instant after the range of first touches asked for; null: without end (definitions §2)."),
  timezone: Type.String({ description: "The workspace's time zone, for weeks, months and plain dates (definitions §2)." }),
  currency: Type.Unsafe<string>({
    ...Currency,
    description: "The workspace's currency. All amounts are in it, except those under `unconverted` (definitions §3).",
  }),
  unconverted: Unconverted,
  cohorts: Type.Array(CohortRow, {
    description:
      "Weeks and months ascending, empty ones between the first and the last with members too; campaigns and sources by customers descending, then by name (definitions §7).",
  }),
  more: Type.Optional(
    Type.Integer({ minimum: 1, description: "How many campaigns or sources `limit` leaves out; absent if none (definitions §7)." }),
  ),
  totals: CohortFigures,
  rules: Type.Optional(CohortRules),
});
export type CohortAnswer = Static<typeof CohortAnswer>;
