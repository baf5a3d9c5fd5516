// What does the attribution of all customers answer? Its schema, with the unit, formula and section of each figure.
import { type Static, Type } from "@sinclair/typebox";
import { MODELS, type Model } from "../../credit/model.ts";
import { Currency, Instant, OneOf, Unconverted } from "../../http/wire.ts";
import { count, money } from "../figure.ts";
import type { Range } from "../range.ts";
import { TotalsRules } from "./explain-schema.ts";

export const KEYS = ["source", "campaign", "link"] as const;
export type KeyKind = (typeof KEYS)[number];

/** The range selects sales and touches, each by its own time. */
export interface TotalsQuestion extends Range {
  readonly groupBy: KeyKind;
  readonly model: Model;
  /** Further models whose credit is added to each row. */
  readonly compare: readonly Model[];
  /** How far a sale looks back, in days of 24 hours. */
  readonly windowDays: number;
  /** The maximum number of rows. */
  readonly limit: number;
  /** Adds the rules. */
  readonly explain: boolean;
}

const credit = {
  customers: count(
    "Customers with a sale of the range that gives this key credit: one of its touches with a weight above 0 has the key (definitions §9). One customer can be in several rows.",
  ),
  sales: Type.Number({
    minimum: 0,
    description:
      "Counted sales of the range credited under the model, in sales with 4 decimals: each sale's 10,000 ten-thousandths are shared by largest remainder (definitions §9).",
  }),
  revenue: money(
    "Net value of the counted sales of the range credited under the model: value − refunds, whenever the refunds happened, shared by largest remainder, so that the rows add up exactly (definitions §9).",
  ),
};
export const TotalsCredit = Type.Object(credit, { description: "The credit under this model (definitions §9)." });
const touches = count(
  "Touches of customers with this key in the range, by their own time, whether or not a sale followed (definitions §9).",
);
const clicks = count("Those of them that are clicks (definitions §9).");

export const TotalsRow = Type.Object({
  key: Type.String({
    description:
      "The source, campaign or link of the touches; `(direct)`, `(none)`, `(none)` for touches without, and for sales without a touch (definitions §9).",
  }),
  touches,
  clicks,
  ...credit,
  compare: Type.Optional(
    Type.Object(
      {
        last: Type.Optional(TotalsCredit),
        first: Type.Optional(TotalsCredit),
        linear: Type.Optional(TotalsCredit),
        position: Type.Optional(TotalsCredit),
        time_decay: Type.Optional(TotalsCredit),
      },
      { description: "With `compare`: the credit under each further model (definitions §9)." },
    ),
  ),
});
export type TotalsRow = Static<typeof TotalsRow>;

const edge = (text: string) => Type.Union([Instant, Type.Null()], { description: text });

export const TotalsAnswer = Type.Object({
  groupBy: OneOf(KEYS, { description: "The property of the touches that the rows are grouped by (definitions §9)." }),
  model: OneOf(MODELS, { description: "How the credit of a sale is shared among its touches (definitions §9)." }),
  windowDays: Type.Integer({
    minimum: 1,
    description:
      "How far a sale looks back for touches, in days of 24 hours, both ends included; also to before the range (definitions §9).",
  }),
  start: edge("The first instant of the range asked for; null: from the beginning (definitions §2)."),
  end: edge("The first instant after the range asked for; null: without end (definitions §2)."),
  timezone: Type.String({ description: "The workspace's time zone. Plain dates are days of this zone (definitions §2)." }),
  currency: Type.Unsafe<string>({
    ...Currency,
    description: "The workspace's currency. All amounts are in it, except those under `unconverted` (definitions §3).",
  }),
  unconverted: Unconverted,
  rules: Type.Optional(TotalsRules),
  rows: Type.Array(TotalsRow, {
    description: "Sorted by revenue, highest first, and then by key in code point order (definitions §1, §9).",
  }),
  more: Type.Optional(count("How many rows are left out because of `limit`; absent if none are (definitions §9).")),
  totals: Type.Object(
    {
      touches: count("Touches of customers in the range (definitions §9)."),
      clicks: count("Those of them that are clicks (definitions §9)."),
      customers: count("Customers with a counted sale in the range (definitions §4)."),
      sales: count("Counted sales in the range; the sum of all rows (definitions §4)."),
      revenue: money(
        "The net value of the counted sales in the range: value − refunds; the sum of all rows, to the cent (definitions §4, §9).",
      ),
    },
    { description: "The sums over all rows, including those beyond `limit`. They are the same under every model (definitions §9)." },
  ),
});
export type TotalsAnswer = Static<typeof TotalsAnswer>;
