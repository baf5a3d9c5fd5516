// What does the attribution of one customer's revenue answer? Its schema, with the unit, formula and section of each figure.
import { type Static, Type } from "@sinclair/typebox";
import { MODELS, type Model } from "../../credit/model.ts";
import { Currency, Instant, OneOf, Unconverted } from "../../http/wire.ts";
import { count, MOST_LISTED, money } from "../figure.ts";
import { AttributionExplanation, AttributionRules } from "./explain-schema.ts";
import { TouchType } from "./touch-type.ts";

export interface AttributionQuestion {
  /** The row number of the customer. */
  readonly customerId: number;
  readonly model: Model;
  /** How far a sale looks back, in days of 24 hours. */
  readonly windowDays: number;
  /** Adds the rules, and the touches of each sale. */
  readonly explain?: boolean;
  /** The id of the entry (`ent_…`) after whose sale the explained sales begin. */
  readonly cursor?: string | undefined;
}

const text = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const instant = (description: string) => Type.Union([Instant, Type.Null()], { description });

const touch = {
  type: TouchType,
  clickId: text("The id of the click; null for other touches, which name none (definitions §1, §9)."),
  timestamp: Type.Unsafe<string>({ ...Instant, description: "When it happened (definitions §2)." }),
  link: text("Its link, or null (definitions §6)."),
  campaign: text("Its campaign as sent or found, or null (definitions §6)."),
  source: text("Its source as sent or found, or null (definitions §6)."),
  medium: text("Its medium as sent or found, or null (definitions §6)."),
};
export const Touch = Type.Object(touch);
export type Touch = Static<typeof Touch>;

export const CreditRow = Type.Object({
  key: Type.String({
    description:
      "The link, campaign or source; `(none)`, `(none)`, `(direct)` for touches without, and for sales without a touch. `(other)` in the last of 1,000 rows holds all further keys (definitions §9).",
  }),
  touches: count("The customer's touches with this key, in a window or not (definitions §9)."),
  clicks: count("Those of them that are clicks (definitions §9)."),
  firstAt: instant("The first of these touches; null if there are none (definitions §9)."),
  lastAt: instant("The last of these touches; null if there are none (definitions §9)."),
  sales: Type.Number({
    minimum: 0,
    description:
      "Counted sales credited under the model, in sales with 4 decimals: each sale's 10,000 ten-thousandths are shared by largest remainder (definitions §9).",
  }),
  revenue: money(
    "Net value (value − refunds) of counted sales credited under the model, shared by largest remainder, so that the rows add up exactly (definitions §9).",
  ),
});
export type CreditRow = Static<typeof CreditRow>;

const rows = (of: string) =>
  Type.Array(CreditRow, {
    description: `Grouped by ${of}: one row for each ${of} of the customer's touches, and one for sales without a touch. Sorted by revenue, highest first, and then by key. At most ${MOST_LISTED} rows: if there are more, the last one is \`(other)\` and holds the rest, so that the sums stay exact (definitions §9).`,
    maxItems: MOST_LISTED,
  });

export const AttributionAnswer = Type.Object({
  customerId: Type.String({ description: "The id of the customer, `cus_…` (definitions §1)." }),
  model: OneOf(MODELS, { description: "How the credit of a sale is shared among its touches (definitions §9)." }),
  windowDays: Type.Integer({
    minimum: 1,
    description: "How many days of 24 hours a sale looks back for touches, both ends included (definitions §9).",
  }),
  currency: Type.Unsafe<string>({
    ...Currency,
    description: "The workspace's currency. All amounts are in it, except those under `unconverted` (definitions §3).",
  }),
  revenue: money("The customer's revenue: Σ net value of counted sales (definitions §4)."),
  unconverted: Unconverted,
  firstTouch: Type.Union([Touch, Type.Null()], { description: "The customer's earliest touch; null without one (definitions §9)." }),
  lastTouch: Type.Union([Touch, Type.Null()], {
    description:
      "Their latest touch that is not after their latest conversion of any status in log order, or their latest touch if there is no conversion; null if there is none (definitions §9).",
  }),
  touches: count("All touches of the customer (definitions §9)."),
  clicks: count("Those of them that are clicks (definitions §9)."),
  links: rows("link"),
  campaigns: rows("campaign"),
  sources: rows("source"),
  rules: Type.Optional(AttributionRules),
  explain: Type.Optional(AttributionExplanation),
});
export type AttributionAnswer = Static<typeof AttributionAnswer>;
