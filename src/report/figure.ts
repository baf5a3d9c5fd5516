// How are the figures of a report described? The schemas of amounts, counts
// and ratios, and the unconverted sales that reports have in common.
import { type Static, Type } from "@sinclair/typebox";
import { orNull, type Unconverted } from "../http/wire.ts";
import { requireDecimals, toMajor } from "../value/money.ts";

/** The most rows of a list within an answer about one customer. If there are more, the last row is `OTHER` and holds the rest. */
export const MOST_LISTED = 1000;
export const OTHER = "(other)";

/** An amount in major units of the answer's `currency`. */
export const money = (description: string) => Type.Number({ description: `${description} In major units of \`currency\`.` });
/** A count. */
export const count = (description: string) => Type.Integer({ minimum: 0, description });
/** An average amount, or null if the denominator is 0. */
export const averageOf = (description: string) =>
  orNull(money(`${description} Rounded to the minor unit, half away from zero; null if the denominator is 0.`));
/** A ratio, or null if the denominator is 0. */
export const ratioOf = (description: string) =>
  orNull(
    Type.Number({ description: `${description} A ratio with 4 decimals, rounded half away from zero; null if the denominator is 0.` }),
  );

/** A row of the queries of unconverted sales: sums in minor units of `currency`. */
export interface UnconvertedRow {
  currency: string;
  sales: bigint;
  grossMinor: bigint;
  refundsMinor: bigint;
}

/**
 * The unconverted sales of an answer, by currency, in major units of that
 * currency (definitions §3). Throws RangeError beyond 2^53 − 1 minor units.
 */
export function toUnconverted(rows: readonly UnconvertedRow[]): Static<typeof Unconverted> {
  return rows.map(({ currency, sales, grossMinor, refundsMinor }) => {
    const decimals = requireDecimals(currency);
    return {
      currency,
      sales: Number(sales),
      grossRevenue: toMajor(grossMinor, decimals),
      refunds: toMajor(refundsMinor, decimals),
      revenue: toMajor(grossMinor - refundsMinor, decimals),
    };
  });
}
