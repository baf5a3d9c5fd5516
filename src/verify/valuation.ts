// What does a sale come to with its refunds? Spelled out for one sale, apart from the program's own mechanism (definitions §3, §4).
import { convert, requireDecimals } from "../value/money.ts";

export interface Sale {
  readonly value: bigint; // minor units of its currency
  readonly currency: string;
  readonly setStatus: string | null;
}

export interface Refund {
  /** Minor units of its currency; without one, ten-thousandths; null: all that is left. */
  readonly value: bigint | null;
  readonly currency: string | null;
}

/** What is derived of an entry. Amounts are in minor units: `taken` of its sale's currency, `amount` of the reporting currency. */
export interface Worth {
  readonly status: string | null;
  readonly isCounted: boolean;
  readonly taken: bigint | null;
  readonly amount: bigint | null;
}

/** A rate that is none: the sale is in the reporting currency. */
export const SAME_CURRENCY = Symbol("same currency");
export type RateOfSale = string | typeof SAME_CURRENCY | undefined;

/** What the store can hold; a sale that is worth more has no rate, in effect. */
const MOST = 2n ** 63n - 1n;

const least = (a: bigint, b: bigint): bigint => (a > b ? b : a);

/** What a refund asks of what is left; undefined: it is in other money than its sale, so it counts nothing. */
function askedOf(refund: Refund, sale: Sale, left: bigint): bigint | undefined {
  if (refund.currency !== null && refund.currency !== sale.currency) return undefined;
  if (refund.value === null) return left;
  if (refund.currency !== null) return refund.value;
  const unit = 10n ** BigInt(4 - requireDecimals(sale.currency));
  return refund.value % unit === 0n ? refund.value / unit : undefined;
}

/** The sale and its refunds, which come in log order, valued. */
export function valueSale(sale: Sale, refunds: readonly Refund[], rate: RateOfSale, currency: string): { sale: Worth; refunds: Worth[] } {
  const from = requireDecimals(sale.currency);
  const to = requireDecimals(currency);
  const toReport = (minor: bigint) => (rate === SAME_CURRENCY ? minor : rate === undefined ? null : convert(minor, from, rate, to));
  const whole = toReport(sale.value);
  const amountOf = (minor: bigint) => (whole === null || whole > MOST ? null : toReport(minor));
  const isCounted = sale.setStatus === "approved" || sale.setStatus === "refunded";
  let left = sale.value;
  let anyFits = false;
  const valued = refunds.map((refund): Worth => {
    const asked = askedOf(refund, sale, left);
    const taken = asked === undefined ? 0n : least(asked, left);
    const before = amountOf(sale.value - left);
    left -= taken;
    const after = amountOf(sale.value - left);
    if (asked !== undefined) anyFits = true;
    return {
      status: null,
      isCounted: isCounted && asked !== undefined,
      taken,
      amount: before === null || after === null ? null : after - before,
    };
  });
  const status = sale.setStatus === "approved" && anyFits && left === 0n ? "refunded" : sale.setStatus;
  return { sale: { status, isCounted, taken: null, amount: amountOf(sale.value) }, refunds: valued };
}
