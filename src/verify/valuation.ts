// What is the value of a sale and of its refunds? Computed for one sale, independently of src/ledger (definitions §3, §4).
import { compareCodePoints } from "../value/log-order.ts";
import { convert, requireDecimals } from "../value/money.ts";

export interface Sale {
  readonly value: bigint; // minor units of its currency
  readonly currency: string;
  readonly setStatus: string | null;
}

export interface Refund {
  /** In minor units of `currency`, or in ten-thousandths if there is none. Null refunds all that is left. */
  readonly value: bigint | null;
  readonly currency: string | null;
  /** A rejected one takes nothing and is not counted. */
  readonly setStatus: string | null;
  readonly at: number;
  readonly key: string;
  /** Of a total of refunds: up to when it knows of refunds. */
  readonly totalUntil: number | null;
  /** The status that counted at an instant. */
  statusAt(until: number): string | null;
}

/** What is derived of an entry. Amounts are in minor units: `appliedRefund` in the sale's currency, `amount` in the reporting currency. */
export interface Valuation {
  readonly status: string | null;
  readonly isCounted: boolean;
  readonly appliedRefund: bigint | null;
  readonly amount: bigint | null;
}

/** Instead of a rate: the sale is in the reporting currency. */
export const SAME_CURRENCY = Symbol("same currency");
/** Undefined: there is no rate. */
export type RateOfSale = string | typeof SAME_CURRENCY | undefined;

/** The largest integer of SQLite. A sale that is converted to more counts as unconverted. */
const MOST_MINOR = 2n ** 63n - 1n;

const least = (a: bigint, b: bigint): bigint => (a > b ? b : a);

/** The value of a refund in minor units of the sale, `all` if it has none. Undefined: it does not fit the sale's currency. */
function minorOf(refund: Refund, sale: Sale, all: bigint): bigint | undefined {
  if (refund.currency !== null && refund.currency !== sale.currency) return undefined;
  if (refund.value === null) return all;
  if (refund.currency !== null) return refund.value;
  const unit = 10n ** BigInt(4 - requireDecimals(sale.currency));
  return refund.value % unit === 0n ? refund.value / unit : undefined;
}

/** What is left for each total of refunds: less the other refunds up to its instant as they stood then, and the totals before it (definitions §4). */
function totalsOf(sale: Sale, refunds: readonly Refund[]): Map<Refund, bigint> {
  const isTotal = (refund: Refund) => refund.totalUntil !== null && minorOf(refund, sale, 0n) !== undefined;
  const until = (refund: Refund) => refund.totalUntil ?? 0;
  const total = (refund: Refund) => minorOf(refund, sale, 0n) ?? 0n;
  const inOrder = refunds
    .filter(isTotal)
    .sort((a, b) => until(a) - until(b) || Number(total(a) - total(b)) || compareCodePoints(a.key, b.key));
  const asked = new Map<Refund, bigint>();
  for (const each of inOrder) {
    let left = total(each);
    for (const other of refunds)
      if (other.totalUntil === null && other.at <= until(each) && other.statusAt(until(each)) !== "rejected")
        left -= minorOf(other, sale, sale.value) ?? 0n;
    for (const before of asked.values()) left -= before;
    asked.set(each, left > 0n ? left : 0n);
  }
  return asked;
}

/**
 * The valuations of a sale and of its refunds, which are given in log order. `currency` is the reporting currency.
 * Each refund takes at most what the refunds before it have left (definitions §4).
 */
export function valueSale(
  sale: Sale,
  refunds: readonly Refund[],
  rate: RateOfSale,
  currency: string,
): { sale: Valuation; refunds: Valuation[] } {
  const from = requireDecimals(sale.currency);
  const to = requireDecimals(currency);
  const toReporting = (minor: bigint) => (rate === SAME_CURRENCY ? minor : rate === undefined ? null : convert(minor, from, rate, to));
  const whole = toReporting(sale.value);
  const amountOf = (minor: bigint) => (whole === null || whole > MOST_MINOR ? null : toReporting(minor));
  const isCounted = sale.setStatus === "approved" || sale.setStatus === "refunded";
  const totals = totalsOf(sale, refunds);
  let left = sale.value;
  let anyFits = false;
  const valued = refunds.map((refund): Valuation => {
    // A rejected one, or one that does not fit, is not counted.
    const requested = refund.setStatus === "rejected" ? undefined : (totals.get(refund) ?? minorOf(refund, sale, left));
    const appliedRefund = requested === undefined ? 0n : least(requested, left);
    const before = amountOf(sale.value - left);
    left -= appliedRefund;
    const after = amountOf(sale.value - left);
    if (requested !== undefined) anyFits = true;
    return {
      status: refund.setStatus,
      isCounted: isCounted && requested !== undefined,
      appliedRefund,
      amount: before === null || after === null ? null : after - before,
    };
  });
  const status = sale.setStatus === "approved" && anyFits && left === 0n ? "refunded" : sale.setStatus;
  return { sale: { status, isCounted, appliedRefund: null, amount: amountOf(sale.value) }, refunds: valued };
}
