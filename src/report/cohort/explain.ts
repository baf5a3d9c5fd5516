// How is each figure of a cohort computed, which customers are behind it, and how many of them were erased? (definitions §7, §10)
import { type Static, Type } from "@sinclair/typebox";
import type { Config } from "../../host/config.ts";
import { toIso } from "../../value/instant.ts";
import { toMajor } from "../../value/money.ts";
import { COMMON_RULES, commonRules, PeoplePath, Quotient, rule, rulesOf, toPath } from "../explain.ts";
import { count, money } from "../figure.ts";
import type { Range } from "../range.ts";

/** The sums of a cohort, as the queries give them. Amounts are in minor units. */
export interface FigureRow {
  customers: bigint;
  leads: bigint;
  payingCustomers: bigint;
  sales: bigint;
  grossMinor: bigint;
  refundsMinor: bigint;
  repeatCustomers: bigint;
}

const RULES = ["anchor", "range", "clock", "leads", "paying", "refunds", ...COMMON_RULES] as const;
export const CohortRules = rulesOf(RULES);

export const CohortExplanation = Type.Object(
  {
    conversionRate: Quotient,
    averageOrderValue: Quotient,
    ltv: Quotient,
    revenuePerPayingCustomer: Quotient,
    repeatRate: Quotient,
    erased: Type.Object(
      {
        customers: count("Of customers, those erased (definitions §10)."),
        leads: count("Of leads, those erased (definitions §10)."),
        payingCustomers: count("Of payingCustomers, those erased (definitions §10)."),
        repeatCustomers: count("Of repeatCustomers, those erased (definitions §10)."),
        sales: count("Of sales, those of erased members (definitions §10)."),
        grossRevenue: money("Of grossRevenue, that of erased members (definitions §10)."),
        refunds: money("Of refunds, those of erased members (definitions §10)."),
        revenue: money("Of revenue, that of erased members (definitions §10)."),
      },
      { description: "The part of each sum that belongs to erased members, who are missing from the lists in `people` (definitions §10)." },
    ),
    people: Type.Object(
      { customers: PeoplePath, leads: PeoplePath, payingCustomers: PeoplePath, repeatCustomers: PeoplePath },
      { description: "Links to the lists of the members behind each count (definitions §7)." },
    ),
  },
  { description: "With `explain=true`: how the figures are computed (definitions §7)." },
);
export type CohortExplanation = Static<typeof CohortExplanation>;

const NOBODY: FigureRow = {
  customers: 0n,
  leads: 0n,
  payingCustomers: 0n,
  sales: 0n,
  grossMinor: 0n,
  refundsMinor: 0n,
  repeatCustomers: 0n,
};

/** Adds up the sums of several cohorts. */
export function sumOf(rows: readonly FigureRow[]): FigureRow {
  const sum = { ...NOBODY };
  for (const row of rows) for (const name of Object.keys(NOBODY) as (keyof FigureRow)[]) sum[name] += row[name];
  return sum;
}

/**
 * Explains the figures of a cohort. `erased` are the sums of its erased members,
 * and `people` the parameters of `GET /customers` that select its members.
 */
export function toExplanation(
  row: FigureRow,
  erased: FigureRow,
  people: Readonly<Record<string, string | undefined>>,
  decimals: number,
): CohortExplanation {
  const { customers, leads, payingCustomers, repeatCustomers, sales } = erased;
  const quotient = (numerator: number, denominator: bigint) => ({ numerator, denominator: Number(denominator) });
  const revenue = toMajor(row.grossMinor - row.refundsMinor, decimals);
  const listOf = (more: Readonly<Record<string, string>> = {}) => toPath("/customers", { ...people, ...more });
  return {
    conversionRate: quotient(Number(row.payingCustomers), row.customers),
    averageOrderValue: quotient(toMajor(row.grossMinor, decimals), row.sales),
    ltv: quotient(revenue, row.customers),
    revenuePerPayingCustomer: quotient(revenue, row.payingCustomers),
    repeatRate: quotient(Number(row.repeatCustomers), row.payingCustomers),
    erased: {
      customers: Number(customers),
      leads: Number(leads),
      payingCustomers: Number(payingCustomers),
      repeatCustomers: Number(repeatCustomers),
      sales: Number(sales),
      grossRevenue: toMajor(erased.grossMinor, decimals),
      refunds: toMajor(erased.refundsMinor, decimals),
      revenue: toMajor(erased.grossMinor - erased.refundsMinor, decimals),
    },
    people: {
      customers: listOf(),
      leads: listOf({ lead: "true" }),
      payingCustomers: listOf({ paying: "true" }),
      repeatCustomers: listOf({ minSales: "2" }),
    },
  };
}

/** The rules of a report of cohorts. */
export function cohortRules(groupBy: string, { startAt, endAt }: Range, config: Config): Static<typeof CohortRules> {
  const range =
    startAt === undefined && endAt === undefined
      ? "All customers are members, whenever their first touch was. All of their revenue to date is counted."
      : `Members are the customers whose first touch is ${[
          ...(startAt === undefined ? [] : [`at or after ${toIso(startAt)}`]),
          ...(endAt === undefined ? [] : [`before ${toIso(endAt)}`]),
        ].join(" and ")}. All of their revenue to date is counted.`;
  return {
    anchor: rule(
      6,
      `The ${groupBy} of a customer is that of their first touch, which is their earliest entry of any type and status, or their creation by POST /customers if that is earlier.`,
    ),
    range: rule(7, range),
    clock: rule(2, "An entry counts as soon as it is stored, even if its timestamp is in the future."),
    leads: rule(4, "A lead counts unless it is rejected or fraud."),
    paying: rule(7, "A paying customer has at least 1 counted sale, and a repeat customer at least 2. Fully refunded sales count too."),
    refunds: rule(4, "All refunds of counted sales are subtracted, whenever they happened."),
    ...commonRules(config),
  };
}
