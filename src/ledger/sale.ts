// What does a sale come to? Its value and its refunds in the reporting currency, what each refund takes, and its status (definitions §3, §4).
import type { Database } from "../../db/database.ts";
import { REFUND, SALE } from "../../db/schema.ts";
import { convert, requireDecimals } from "../value/money.ts";
import type { Rates } from "./rate.ts";

/** A refund without a currency keeps its value in ten-thousandths until its sale says the currency. */
export const UNKNOWN_CURRENCY_DECIMALS = 4;
/** What SQLite's integers hold. A sale converted beyond it stays unconverted. */
const MAX_INTEGER = 2n ** 63n - 1n;

/** What was stored before; amounts as text, since they can be wider than a double. */
interface Valued {
  id: number;
  customerId: number | null;
  isCounted: number;
  amountMinor: string | null;
}

interface SaleRow extends Valued {
  value: number;
  currency: string;
  setStatus: string;
  status: string;
  rateDay: number | null;
}

interface RefundRow extends Valued {
  value: string | null; // ten-thousandths can be wider than a double
  currency: string | null;
  appliedRefundMinor: string | null;
}

const VALUED = "id, customer_id AS customerId, is_counted AS isCounted, cast(amount_minor AS TEXT) AS amountMinor";
const toText = (amount: bigint | null) => (amount === null ? null : String(amount));

/** What a refund asks for in its sale's minor units: undefined if it is in another currency or has more decimals than the sale's, so counts nothing. */
function askedMinor(refund: RefundRow, sale: SaleRow): bigint | undefined {
  if (refund.currency !== null && refund.currency !== sale.currency) return undefined;
  if (refund.value === null) return BigInt(sale.value); // all that is left
  const value = BigInt(refund.value);
  if (refund.currency !== null) return value;
  const unit = 10n ** BigInt(UNKNOWN_CURRENCY_DECIMALS - requireDecimals(sale.currency));
  return value % unit === 0n ? value / unit : undefined;
}

/** What a sale comes to: whether it counts, and its amount in the reporting currency, null without a rate. */
export interface Valuation {
  readonly isCounted: 0 | 1;
  readonly amountMinor: bigint | null;
}

export interface Sales {
  /** The reporting currency. */
  readonly currency: string;
  /** Did refunds of the sale with this key come before it? */
  isAwaited(saleKey: string): boolean;
  /** What a sale without refunds comes to, by its value in minor units of its currency, its status as set, and its day if that is a foreign one. */
  valueAlone(sale: Pick<SaleRow, "currency" | "setStatus" | "rateDay"> & { value: bigint }): Valuation;
  /**
   * Revalues the sale with this key and its refunds; without the sale its refunds wait and count nothing.
   * Customers whose money changes are touched, but for that of `arriving`, the entry that is just being stored.
   */
  revalue(saleKey: string, arriving?: number): void;
  /** Revalues the sales in `currency` of the local days [fromDay, toDay). */
  revalueForeign(currency: string, fromDay: number, toDay: number): void;
}

/** `currency` is the reporting currency; `touch` is told of every customer whose money may have changed. */
export function openSales({ sqlite }: Database, currency: string, rates: Rates, touch: (customerId: number) => void): Sales {
  const decimals = requireDecimals(currency);
  const findSale = sqlite.prepare(
    `SELECT ${VALUED}, value, currency, set_status AS setStatus, status, rate_day AS rateDay FROM entry WHERE type = ${SALE} AND key = ?`,
  );
  const findRefunds = sqlite.prepare(
    `SELECT ${VALUED}, cast(value AS TEXT) AS value, currency, cast(applied_refund_minor AS TEXT) AS appliedRefundMinor FROM entry WHERE type = ${REFUND} AND sale_key = ? ORDER BY at, type, key`,
  );
  const hasRefunds = sqlite.prepare(`SELECT 1 FROM entry WHERE type = ${REFUND} AND sale_key = ? LIMIT 1`);
  const findForeign = sqlite
    .prepare(`SELECT key FROM entry WHERE currency = ? AND rate_day >= ? AND rate_day < ? AND rate_day IS NOT NULL`)
    .pluck();
  const setSale = sqlite.prepare(`UPDATE entry SET status = ?, is_counted = ?, amount_minor = ? WHERE id = ?`);
  const setRefund = sqlite.prepare(`UPDATE entry SET is_counted = ?, applied_refund_minor = ?, amount_minor = ? WHERE id = ?`);

  const forget = sqlite.prepare(
    `UPDATE entry SET is_counted = 0, applied_refund_minor = NULL, amount_minor = NULL WHERE type = ${REFUND} AND sale_key = ? AND (is_counted OR applied_refund_minor IS NOT NULL)`,
  );

  const isCountedStatus = (setStatus: string) => setStatus === "approved" || setStatus === "refunded";

  function converter(sale: Pick<SaleRow, "currency" | "rateDay"> & { value: number | bigint }): (minor: bigint) => bigint | null {
    if (sale.currency === currency) return (minor) => minor;
    const rate = sale.rateDay === null ? undefined : rates.find(sale.currency, sale.rateDay);
    if (rate === undefined) return () => null;
    const from = requireDecimals(sale.currency);
    if (convert(BigInt(sale.value), from, rate, decimals) > MAX_INTEGER) return () => null;
    return (minor) => convert(minor, from, rate, decimals);
  }

  function revalue(saleKey: string, arriving?: number): void {
    const sale = findSale.get(saleKey) as SaleRow | undefined;
    if (!sale) return void forget.run(saleKey);
    const moneyChanged = ({ id, customerId }: Valued) => {
      if (id !== arriving && customerId !== null) touch(customerId);
    };
    const toReporting = converter(sale);
    const counts = isCountedStatus(sale.setStatus);
    const value = BigInt(sale.value);
    let taken = 0n;
    let refunded = false;
    for (const refund of findRefunds.all(saleKey) as RefundRow[]) {
      const asked = askedMinor(refund, sale);
      const before = taken;
      if (asked !== undefined) {
        taken = taken + asked < value ? taken + asked : value;
        refunded = taken === value;
      }
      const [upTo, upToBefore] = [toReporting(taken), toReporting(before)];
      const amount = upTo === null || upToBefore === null ? null : upTo - upToBefore;
      const isCounted = counts && asked !== undefined ? 1 : 0;
      if (refund.isCounted === isCounted && refund.appliedRefundMinor === String(taken - before) && refund.amountMinor === toText(amount))
        continue;
      setRefund.run(isCounted, taken - before, amount, refund.id);
      moneyChanged(refund);
    }
    const amount = toReporting(value);
    const isCounted = counts ? 1 : 0;
    const status = sale.setStatus === "approved" && refunded ? "refunded" : sale.setStatus;
    const isSame = sale.isCounted === isCounted && sale.amountMinor === toText(amount);
    if (!isSame || sale.status !== status) setSale.run(status, isCounted, amount, sale.id);
    if (!isSame) moneyChanged(sale);
  }

  return {
    currency,
    isAwaited: (saleKey) => hasRefunds.get(saleKey) !== undefined,
    valueAlone: (sale) => ({ isCounted: isCountedStatus(sale.setStatus) ? 1 : 0, amountMinor: converter(sale)(sale.value) }),
    revalue,
    revalueForeign(foreign, fromDay, toDay) {
      for (const key of findForeign.all(foreign, fromDay, toDay) as string[]) revalue(key);
    },
  };
}
