// How is each figure of revenue over time computed, which customers are behind it, and how many of them were erased? (definitions §7, §10)
import { type Static, Type } from "@sinclair/typebox";
import type { Config } from "../../host/config.ts";
import { toIso } from "../../value/instant.ts";
import { toMajor } from "../../value/money.ts";
import { COMMON_RULES, commonRules, PeoplePath, Quotient, rule, rulesOf, toPath } from "../explain.ts";
import { count } from "../figure.ts";
import type { Range } from "../range.ts";

const RULES = ["anchor", "range", "clock", "firstSale", "refunds", ...COMMON_RULES] as const;
export const RevenueRules = rulesOf(RULES);

export const PeriodExplanation = Type.Object(
  {
    averageOrderValue: Quotient,
    erased: Type.Object(
      {
        newCustomers: count("Of newCustomers, those erased (definitions §10)."),
        newPayingCustomers: count("Of newPayingCustomers, those erased (definitions §10)."),
      },
      { description: "Erased customers, who are missing from the lists in `people` (definitions §10)." },
    ),
    people: Type.Object(
      { newCustomers: PeoplePath, newPayingCustomers: PeoplePath },
      { description: "Links to the lists of the customers behind each count (definitions §7)." },
    ),
  },
  { description: "With `explain=true`: how the figures are computed (definitions §7)." },
);
export type PeriodExplanation = Static<typeof PeriodExplanation>;

/** The erased among the customers of a period. */
export interface ErasedRow {
  newCustomers: bigint;
  newPayingCustomers: bigint;
}

/** Explains a period, or all of them: `range` is the part of it that was asked for. */
export function toExplanation(
  row: { readonly grossMinor: bigint; readonly sales: bigint },
  erased: ErasedRow,
  { startAt, endAt }: Range,
  decimals: number,
): PeriodExplanation {
  const listOf = (name: "firstTouch" | "firstSale") =>
    toPath("/customers", {
      ...(name === "firstSale" && startAt === undefined && endAt === undefined && { paying: "true" }),
      [`${name}After`]: startAt === undefined ? undefined : toIso(startAt),
      [`${name}Before`]: endAt === undefined ? undefined : toIso(endAt),
    });
  return {
    averageOrderValue: { numerator: toMajor(row.grossMinor, decimals), denominator: Number(row.sales) },
    erased: { newCustomers: Number(erased.newCustomers), newPayingCustomers: Number(erased.newPayingCustomers) },
    people: { newCustomers: listOf("firstTouch"), newPayingCustomers: listOf("firstSale") },
  };
}

/** The rules of a report of revenue over time. */
export function revenueRules({ startAt, endAt }: Range, config: Config): Static<typeof RevenueRules> {
  const bounds = [
    ...(startAt === undefined ? [] : [`at or after ${toIso(startAt)}`]),
    ...(endAt === undefined ? [] : [`before ${toIso(endAt)}`]),
  ];
  return {
    anchor: rule(7, "Each figure is in the period in which it happened: a first touch, a sale or a refund, each by its own time."),
    range: rule(
      7,
      bounds.length === 0 ? "Everything is counted, whenever it was." : `Only what happened ${bounds.join(" and ")} is counted.`,
    ),
    clock: rule(2, "An entry counts as soon as it is stored, even if its timestamp is in the future."),
    firstSale: rule(
      7,
      "The first sale of a customer is their first counted sale in log order. A late entry or a changed status can move it to another period.",
    ),
    refunds: rule(4, "A refund is in the period in which it happened, not in that of its sale, so closed periods stay as they are."),
    ...commonRules(config),
  };
}
