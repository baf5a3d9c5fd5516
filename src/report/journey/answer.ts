// What does a customer's journey answer? Its schema, with the unit, formula and section of each figure.
import { type Static, Type } from "@sinclair/typebox";
import { JourneyEntry } from "../../entry/answer.ts";
import { Instant, orNull, Unconverted } from "../../http/wire.ts";
import type { LogPlace } from "../../value/log-order.ts";
import { count, MOST_LISTED, money } from "../figure.ts";

export interface JourneyQuestion {
  /** The row number of the customer. */
  readonly customerId: number;
  /** Selects entries and the creation by their time, in [startAt, endAt), milliseconds since 1970 UTC. Everything else is ignored. */
  readonly startAt: number | undefined;
  readonly endAt: number | undefined;
  readonly summaryOnly: boolean;
  readonly limit: number;
  /** Selects the entries after this place in log order. */
  readonly after: LogPlace | undefined;
}

const text = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const instant = (description: string) => Type.Union([Instant, Type.Null()], { description });

export const JourneySummary = Type.Object(
  {
    clicks: count("Clicks (definitions §1)."),
    leads: count("Counted leads: neither rejected nor fraud (definitions §4)."),
    sales: count("Counted sales: approved or refunded, and converted (definitions §4)."),
    customs: count("Custom milestones (definitions §1)."),
    refundCount: count("Refunds of counted sales (definitions §4)."),
    grossRevenue: money("Σ value of counted sales, in the workspace's currency (definitions §4)."),
    refunds: money("Σ refunds of counted sales, in the workspace's currency (definitions §4)."),
    revenue: money("grossRevenue − refunds (definitions §4)."),
    firstTouchAt: instant("The earliest entry, or the creation if that is earlier; null without either (definitions §6)."),
    firstLeadAt: instant("The first counted lead; null without one (definitions §4)."),
    firstSaleAt: instant("The first counted sale; null without one (definitions §4)."),
    lastSeenAt: instant("The latest entry, or the creation if that is later; null without either (definitions §6)."),
    daysToFirstSale: orNull(
      Type.Number({
        minimum: 0,
        description: "firstSaleAt − firstTouchAt in days of 24 hours, with 4 decimals; null without a sale (definitions §4, §6).",
      }),
    ),
    touchesBeforeFirstSale: orNull(
      count("Touches that are not after the first counted sale in log order; null without one (definitions §9)."),
    ),
    sources: Type.Array(Type.String(), {
      maxItems: MOST_LISTED,
      description: `The distinct sources in order of first appearance, including that of the creation. At most ${MOST_LISTED}: if there are more, the last one is \`(other)\` (definitions §6).`,
    }),
    campaigns: Type.Array(Type.String(), {
      maxItems: MOST_LISTED,
      description: `The distinct campaigns in order of first appearance, including that of the creation. At most ${MOST_LISTED}: if there are more, the last one is \`(other)\` (definitions §6).`,
    }),
    unconverted: Unconverted,
  },
  {
    description:
      "Covers only the entries between `start` and `end`, but all of them, whatever `limit` and `cursor` are (definitions §4, §6).",
  },
);
export type JourneySummary = Static<typeof JourneySummary>;

export const JourneyAnswer = Type.Object({
  customerId: Type.String({ description: "The id of the customer, `cus_…` (definitions §1)." }),
  summary: JourneySummary,
  entries: Type.Optional(
    Type.Array(JourneyEntry, { description: "The entries in log order. Absent with `summary=true` (definitions §1)." }),
  ),
  nextCursor: Type.Optional(
    text("The `cursor` of the next page; null on the last page. Absent with `summary=true`. Pages are in log order (definitions §1)."),
  ),
});
export type JourneyAnswer = Static<typeof JourneyAnswer>;
