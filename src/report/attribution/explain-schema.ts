// How does an attribution explain the share of each touch? The schema of what `explain=true` adds, and its rules.
import { type Static, Type } from "@sinclair/typebox";
import type { Model } from "../../credit/model.ts";
import type { Config } from "../../host/config.ts";
import { Instant } from "../../http/wire.ts";
import { toIso } from "../../value/instant.ts";
import { COMMON_RULES, commonRules, rule, rulesOf } from "../explain.ts";
import { money } from "../figure.ts";
import type { Range } from "../range.ts";
import { TouchType } from "./touch-type.ts";

const RULES = ["anchor", "window", "model", "shares", "refunds", "clock", "untouched", ...COMMON_RULES] as const;
export const AttributionRules = rulesOf(RULES);
export const TotalsRules = rulesOf([...RULES, "range", "credit"] as const);

const text = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const minor = (description: string) => Type.Integer({ description: `${description} In minor units of \`currency\`.` });
const instant = (description: string) => Type.Unsafe<string>({ ...Instant, description });

const ExplainedTouch = Type.Object({
  type: TouchType,
  clickId: text("The id of the click; null for other touches, which name none (definitions §1, §9)."),
  timestamp: instant("When it happened (definitions §2)."),
  link: text("Its link, or null (definitions §6)."),
  campaign: text("Its campaign, or null (definitions §6)."),
  source: text("Its source, or null (definitions §6)."),
  weight: Type.String({
    pattern: "^\\d+(?:/\\d+|\\.\\d+)?$",
    description:
      "Its weight, as a part of the sale: an exact fraction such as `2/5`, `0` or `1`, or under time_decay, where no fraction is exact, a decimal with 20 digits (definitions §9).",
  }),
  shareMinor: minor("Its share of the sale's net value (definitions §9)."),
  saleShare: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    description: "Its share of the sale itself, in ten-thousandths (definitions §9).",
  }),
});
export type ExplainedTouch = Static<typeof ExplainedTouch>;

const ExplainedSale = Type.Object({
  id: Type.String({ description: "The id of the sale's entry, `ent_…` (definitions §1)." }),
  orderId: text("The sale's order, or null (definitions §1)."),
  timestamp: instant("When it happened (definitions §2)."),
  lookback: instant("The start of its window. Touches from this instant to the sale, both included, are its own (definitions §9)."),
  value: money("The value of the sale, before refunds (definitions §3, §4)."),
  refunds: money("The sum of its refunds, whenever they happened (definitions §4)."),
  net: money("value − refunds. This amount is shared among the touches (definitions §9)."),
  netMinor: minor("The same amount. It is the sum of `shareMinor` over its touches and `more`, if it has any touches (definitions §9)."),
  touches: Type.Array(ExplainedTouch, {
    description:
      "Its touches in log order. Without touches, all credit goes to `(direct)` and `(none)` (definitions §9). If they take more than 2,000,000 characters, only the first ones are listed, and `more` has the rest.",
  }),
  more: Type.Optional(
    Type.Object(
      {
        touches: Type.Integer({ minimum: 1, description: "How many later touches are not listed (definitions §9)." }),
        shareMinor: minor("The sum of their shares of the sale's net value (definitions §9)."),
        saleShare: Type.Integer({
          minimum: 0,
          maximum: 10_000,
          description: "The sum of their shares of the sale itself, in ten-thousandths (definitions §9).",
        }),
      },
      { description: "The touches that are not listed. Absent if all are (definitions §9)." },
    ),
  ),
});
export type ExplainedSale = Static<typeof ExplainedSale>;

export const AttributionExplanation = Type.Object(
  {
    sales: Type.Array(ExplainedSale, {
      description:
        "One page of the counted sales, in log order: at most 1,000, and as many as have touches of 2,000,000 characters (definitions §9).",
    }),
    nextCursor: text("The `cursor` of the next page of sales; null on the last page. Pages are in log order (definitions §1)."),
  },
  {
    description:
      "With `explain=true`: for each counted sale its touches, their weights and shares. `links`, `campaigns` and `sources` are their sums (definitions §9).",
  },
);
export type AttributionExplanation = Static<typeof AttributionExplanation>;

const MODEL_RULES: Readonly<Record<Model, string>> = {
  first: "All credit goes to the first touch.",
  last: "All credit goes to the last touch.",
  linear: "Each of n touches gets 1/n.",
  position:
    "The first and the last touch get 2/5 each, and those between them share 1/5 equally. Two touches get 1/2 each, and a single touch gets everything.",
  time_decay:
    "A touch has the weight 2^(−age ÷ 7 days), where its age is the time from the touch to the sale. Weights are divided by their sum, so touches of the same age get the same.",
};

/** The rules of the attribution of one customer. */
export function attributionRules(model: Model, windowDays: number, config: Config): Static<typeof AttributionRules> {
  return {
    anchor: rule(
      9,
      "Touches are the customer's clicks, and their leads, sales, custom milestones and creation that say a source, a campaign or a link and name no click. What says the same source and campaign at most 30 minutes after it was said is the same visit, and no touch.",
    ),
    window: rule(9, `A sale's touches are those in the ${windowDays} × 24 hours up to it, both ends included. It can be its own touch.`),
    model: rule(9, MODEL_RULES[model]),
    shares: rule(
      9,
      "The sale's net value is shared in minor units, and the sale itself as 10,000 ten-thousandths. Each share is rounded down. The units that are left go to the touches with the largest fractions, and among equal fractions to the earlier touch.",
    ),
    refunds: rule(9, "The net value is the sale's value minus all of its refunds, whenever they happened."),
    clock: rule(2, "An entry counts as soon as it is stored, even if its timestamp is in the future."),
    untouched: rule(9, "The credit of a sale without a touch goes to (direct) and (none)."),
    ...commonRules(config),
  };
}

/** The rules of the attribution of all customers. */
export function totalsRules(model: Model, windowDays: number, { startAt, endAt }: Range, config: Config): Static<typeof TotalsRules> {
  const bounds = [
    ...(startAt === undefined ? [] : [`from ${toIso(startAt)} on`]),
    ...(endAt === undefined ? [] : [`before ${toIso(endAt)}`]),
  ];
  const when = bounds.length === 0 ? "of all time" : bounds.join(" and ");
  return {
    ...attributionRules(model, windowDays, config),
    range: rule(9, `Sales and touches are those ${when}, each by its own time. A sale also looks back to touches before the range.`),
    credit: rule(9, "A customer is counted under each key to which one of their sales gives a weight above 0."),
  };
}
