// What is sent of a customer? Days, months, amounts, sources and campaigns, and numbers that stand for links; nothing that says who somebody is.
import type { Activity } from "../../credit/activity.ts";
import { type ContributionOptions, contribute } from "../../credit/contribution.ts";
import { EVERYBODY, FIGURES, fromSpot, isSomething, openCreditSums } from "../../credit/sums.ts";
import type { Tuple } from "./connection.ts";

/** Columns of `customer`. Sums of money are digits, because they may be large. */
export interface CustomerFacts {
  readonly id: number;
  readonly isErased: number;
  readonly firstTouchAt: number;
  readonly firstTouchDay: number;
  readonly firstTouchMonth: number;
  readonly cohortMonth: number | null;
  readonly source: string;
  readonly campaign: string;
  readonly hasLead: number;
  readonly sales: number;
  readonly grossMinor: string;
  readonly refundsMinor: string;
  readonly firstSaleAt: number | null;
}
type Column = readonly (string | number)[];

/** A nested column of the table by its columns, as arrays of equal length. */
export type Nested = readonly Column[];

/** What ClickHouse is told of one customer. */
export interface Facts {
  readonly customer: CustomerFacts;
  /** Undefined: no sale yet. */
  readonly firstSaleDay: number | undefined;
  readonly cell: Nested;
  readonly unconverted: Nested;
  readonly credit: Credit;
}

/** What attribution adds for one customer: by grouping, as …_credit and …_customer of the table; and `paying`. */
export interface Credit {
  readonly credits: readonly Nested[];
  readonly customers: readonly Nested[];
  readonly paying: Nested;
}

const CELL = 10;
const UNCONVERTED = 7;
const CREDIT = 2 + FIGURES;
const CUSTOMER = 6;
const PAYING = 2;
const GROUPINGS = 3;

/** The number of the row that says which filling the table holds. */
export const MARK = 0;

const empty = (columns: number): Nested => Array.from({ length: columns }, () => []);

/** Rows of values as columns. */
export function toNested(rows: readonly (readonly (string | number | bigint)[])[], columns: number): Nested {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => toPlain(row[column] ?? 0)));
}

/** JSON has no bigints; ClickHouse reads their digits. */
const toPlain = (value: string | number | bigint): string | number => (typeof value === "bigint" ? String(value) : value);

export const toCells = (rows: Parameters<typeof toNested>[0]) => toNested(rows, CELL);
export const toUnconverted = (rows: Parameters<typeof toNested>[0]) => toNested(rows, UNCONVERTED);

/** What an activity adds to the totals of attribution. Yields when other requests should get a turn. */
export function* toCredit(activity: Activity, options: ContributionOptions): Generator<void, Credit> {
  const sums = openCreditSums();
  yield* contribute(activity, 1, sums, options);
  const credits: number[][][] = Array.from({ length: GROUPINGS }, () => []);
  const customers: number[][][] = Array.from({ length: GROUPINGS }, () => []);
  const paying: number[][] = [];
  for (const { totals, pairs } of sums.parts) {
    for (const [spot, figures] of totals) {
      const { grouping, key, day } = fromSpot(spot);
      if (isSomething(figures)) credits[grouping]?.push([key, day, ...figures]);
    }
    for (const [spot, byPrevious] of pairs) {
      const { grouping, key, day } = fromSpot(spot);
      for (const [previous, counts] of byPrevious)
        if (grouping === EVERYBODY) paying.push([day, previous]);
        else customers[grouping]?.push([key, day, previous, ...counts]);
    }
  }
  return {
    credits: credits.map((rows) => toNested(rows, CREDIT)),
    customers: customers.map((rows) => toNested(rows, CUSTOMER)),
    paying: toNested(paying, PAYING),
  };
}

/** The row of the table for a customer, in the order of its columns. */
export function toRow(rev: bigint, { customer, firstSaleDay, cell, unconverted, credit }: Facts): Tuple {
  return [
    customer.id,
    String(rev),
    0,
    customer.isErased,
    customer.firstTouchAt,
    customer.firstTouchDay,
    customer.firstTouchMonth,
    customer.cohortMonth ?? 0,
    customer.source,
    customer.campaign,
    customer.hasLead,
    customer.sales,
    customer.grossMinor,
    customer.refundsMinor,
    customer.firstSaleAt ?? 0,
    firstSaleDay ?? 0,
    ...cell,
    ...unconverted,
    ...credit.credits.flat(),
    ...credit.customers.flat(),
    ...credit.paying,
  ];
}

/** A row without figures: the mark of a filling, or the tombstone of a customer to whom nothing belongs any more. */
export function toEmptyRow(rev: bigint, customer: number, isGone: boolean): Tuple {
  return [
    ...[customer, String(rev), isGone ? 1 : 0, 0, 0, 0, 0, 0, "", "", 0, 0, 0, 0, 0, 0],
    ...empty(CELL + UNCONVERTED + GROUPINGS * (CREDIT + CUSTOMER) + PAYING),
  ];
}
