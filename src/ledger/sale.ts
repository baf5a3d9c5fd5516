// What is a sale worth? Its value and refunds in the reporting currency, how much of each refund applies, and its status (definitions §3, §4).
import { requireRow } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { type entry, REFUND, SALE } from "../../db/schema.ts";
import { compareCodePoints } from "../value/log-order.ts";
import { convert, requireDecimals } from "../value/money.ts";
import type { PendingSales } from "./pending-sale.ts";
import type { Rates } from "./rate.ts";
import { openRefundTotals, refundMinor, type SaleTotals, unitOf } from "./refund-total.ts";

/** The largest integer of SQLite. A sale whose converted value is larger stays unconverted. */
const MAX_INTEGER = 2n ** 63n - 1n;

type EntryRow = typeof entry.$inferSelect;

/** What is stored of a valuation. Amounts are read as text, since a double cannot hold all of them. */
type Valued = Pick<EntryRow, "id" | "customerId" | "isCounted"> & { amountMinor: string | null };

/** A sale always has a value, a currency and a status. */
type SaleRow = Valued &
  Pick<EntryRow, "key" | "rateDay"> & { value: number; currency: string; setStatus: string; status: string; refundedMinor: string | null };

/** The value of a refund is text as well: a double cannot hold all ten-thousandths. */
type RefundRow = Valued &
  Pick<EntryRow, "currency" | "setStatus" | "at" | "key"> & { value: string | null; appliedRefundMinor: string | null };

/** The place of a refund among those of its sale, in log order. */
export type Place = Readonly<Pick<EntryRow, "at" | "key">>;
const FIRST: Place = { at: -1, key: "" };
/** From here on, nothing is revalued but what is pending. */
export const LAST: Place = { at: Number.MAX_SAFE_INTEGER, key: "" };
/** The most refunds of a sale that are revalued within one write. */
const REVALUED_AT_ONCE = 350;

const VALUED = "id, customer_id AS customerId, is_counted AS isCounted, cast(amount_minor AS TEXT) AS amountMinor";
const toText = (amount: bigint | null) => (amount === null ? null : String(amount));

/**
 * The amount that a refund asks for, in minor units of its sale's currency. `totals`: those of the sale.
 * Undefined if it takes nothing and is not counted: it is rejected, or its currency is another one, or it has more decimals than the currency.
 */
function requestedMinor({ id, setStatus, value, currency }: RefundRow, sale: SaleRow, totals: SaleTotals | undefined): bigint | undefined {
  if (setStatus === "rejected") return undefined;
  if (currency !== null && currency !== sale.currency) return undefined;
  if (value === null) return BigInt(sale.value); // no value means the whole sale; less is applied if less is left
  return totals?.asked.get(id) ?? refundMinor({ value, currency }, sale);
}

function comparePlaces(one: Place, other: Place): number {
  return one.at - other.at || compareCodePoints(one.key, other.key);
}

/** Whether a sale is counted, and its amount in minor units of the reporting currency, null without a rate. */
export interface Valuation {
  readonly isCounted: 0 | 1;
  readonly amountMinor: bigint | null;
}

export interface Sales {
  /** The reporting currency. */
  readonly currency: string;
  /** Have refunds of the sale with this key arrived before it? */
  isAwaited(saleKey: string): boolean;
  /** Values a sale without refunds. `value` is in minor units of its currency; `rateDay` is its local day, null in the reporting currency. */
  valueAlone(sale: Pick<SaleRow, "currency" | "setStatus" | "rateDay"> & { value: bigint }): Valuation;
  /**
   * Revalues the sale with this key and its refunds; with `from`, the refunds from that place on, if nothing else has changed. Of very many
   * refunds, the first ones are revalued at once, the rest as a pending revaluation. Without the sale, its refunds are not counted.
   * Touches the customers whose money changes, except for the one of `arriving`, the id of the entry that is being stored.
   */
  revalue(saleKey: string, change?: { readonly arriving?: number; readonly from?: Place }): void;
  /** Makes a refund count nothing, if its sale is not there. */
  uncountAlone(refundId: number, saleKey: string): void;
  /** Are there counted refunds of the sale with this key that take all of it? */
  isWhollyRefunded(saleKey: string): boolean;
}

export interface SalesOptions {
  /** The reporting currency. */
  readonly currency: string;
  readonly rates: Rates;
  /** Called with every customer whose money may have changed. */
  readonly markStale: (customerId: number) => void;
  readonly pending: PendingSales;
  /** The most refunds of a sale that are revalued within one write. */
  readonly atOnce?: number | undefined;
}

/** Throws RangeError for an unknown currency. */
export function openSales(database: Database, { currency, rates, markStale, pending, atOnce = REVALUED_AT_ONCE }: SalesOptions): Sales {
  const { sqlite } = database;
  const decimals = requireDecimals(currency);
  const findTotals = openRefundTotals(database);
  const findSale = sqlite.prepare<[string], SaleRow>(
    `SELECT ${VALUED}, key, value, currency, set_status AS setStatus, status, rate_day AS rateDay, cast(refunded_minor AS TEXT) AS refundedMinor FROM entry WHERE type = ${SALE} AND key = ?`,
  );
  // Whether the refunds ask for the whole value, or for what totals leave of it, however many there are. Sums of halves of 20 bits and the rest
  // do not overflow.
  const findWhollyAsked = (condition: string) =>
    sqlite.prepare<{ unit: bigint; saleKey: string; left: bigint }>(
      `SELECT count(*) FROM (
         SELECT CASE WHEN r.value IS NULL THEN s.value WHEN r.currency IS NULL THEN r.value / :unit ELSE r.value END AS asked
         FROM entry AS s CROSS JOIN entry AS r INDEXED BY entry_refund_order ON r.type = ${REFUND} AND r.sale_key = s.key AND r.set_status <> 'rejected'
           AND (r.currency = s.currency OR r.currency IS NULL AND (r.value IS NULL OR r.value % :unit = 0))
         WHERE s.type = ${SALE} AND s.key = :saleKey ${condition})
       HAVING (sum(asked >> 20) + (sum(asked & 1048575) >> 20), sum(asked & 1048575) & 1048575) >= (:left >> 20, :left & 1048575)`,
    );
  const findWhollyRefunded = findWhollyAsked("");
  const findRestRefunded = findWhollyAsked("AND r.total_until IS NULL");
  const findRefunds = sqlite.prepare<[saleKey: string, at: number, key: string], RefundRow>(
    `SELECT ${VALUED}, at, key, cast(value AS TEXT) AS value, currency, set_status AS setStatus, cast(applied_refund_minor AS TEXT) AS appliedRefundMinor
     FROM entry INDEXED BY entry_refund_order WHERE type = ${REFUND} AND sale_key = ? AND (at, key) >= (?, ?) ORDER BY at, key LIMIT ${atOnce + 1}`,
  );
  const sumApplied = sqlite
    .prepare<[saleKey: string, at: number, key: string], string>(
      `SELECT cast(coalesce(sum(applied_refund_minor), 0) AS TEXT)
       FROM entry INDEXED BY entry_refund_order WHERE type = ${REFUND} AND sale_key = ? AND (at, key) < (?, ?)`,
    )
    .pluck();
  const hasCountedBefore = sqlite.prepare(
    `SELECT 1 FROM entry INDEXED BY entry_refund_order WHERE type = ${REFUND} AND sale_key = ? AND (at, key) < (?, ?) AND is_counted LIMIT 1`,
  );
  const hasRefunds = sqlite.prepare(`SELECT 1 FROM entry WHERE type = ${REFUND} AND sale_key = ? LIMIT 1`);
  const setSale = sqlite.prepare(`UPDATE entry SET status = ?, is_counted = ?, amount_minor = ?, refunded_minor = ? WHERE id = ?`);
  const setRefund = sqlite.prepare(`UPDATE entry SET is_counted = ?, applied_refund_minor = ?, amount_minor = ? WHERE id = ?`);

  const uncount = sqlite.prepare(
    `UPDATE entry SET is_counted = 0, applied_refund_minor = NULL, amount_minor = NULL WHERE id = ? AND (is_counted OR applied_refund_minor IS NOT NULL)`,
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

  /** What the refunds of a sale before a place take of it. `last`: all refunds from there on, as they are stored. */
  function appliedBefore(sale: SaleRow, saleKey: string, start: Place, last: readonly RefundRow[] | undefined): bigint {
    if (start === FIRST) return 0n;
    if (sale.refundedMinor === null || last === undefined) return BigInt(requireRow(sumApplied, saleKey, start.at, start.key));
    return last.reduce((before, { appliedRefundMinor }) => before - BigInt(appliedRefundMinor ?? 0), BigInt(sale.refundedMinor));
  }

  /** Without its sale, a refund counts nothing. */
  function uncountRefunds(saleKey: string, from: Place): void {
    const left = pending.find(saleKey);
    const start = left && comparePlaces(left, from) < 0 ? left : from;
    const rows = findRefunds.all(saleKey, start.at, start.key);
    for (const { id, customerId } of rows.slice(0, atOnce)) if (uncount.run(id).changes > 0 && customerId !== null) markStale(customerId);
    const next = rows[atOnce];
    if (next) pending.note(saleKey, next);
    else pending.end(saleKey);
  }

  function revalue(saleKey: string, { arriving, from = FIRST }: { readonly arriving?: number; readonly from?: Place } = {}): void {
    const sale = findSale.get(saleKey);
    if (!sale) {
      uncountRefunds(saleKey, from);
      return;
    }
    const moneyChanged = ({ id, customerId }: Valued) => {
      if (id !== arriving && customerId !== null) markStale(customerId);
    };
    const left = pending.find(saleKey);
    const totals = findTotals(sale);
    // Whatever else changes may change what totals ask for, except when a pending revaluation goes on.
    const places = [from, ...(left ? [left] : []), ...(totals && from !== LAST ? [totals.first] : [])];
    const start = places.sort(comparePlaces)[0] ?? from;
    const rows = findRefunds.all(saleKey, start.at, start.key);
    const rest = rows[atOnce];
    const toReporting = converter(sale);
    const isCountedSale = isCountedStatus(sale.setStatus);
    const value = BigInt(sale.value);
    let applied = appliedBefore(sale, saleKey, start, left === undefined && rest === undefined ? rows : undefined);
    let isRefunded = applied === value && start !== FIRST && hasCountedBefore.get(saleKey, start.at, start.key) !== undefined;
    for (const refund of rows.slice(0, atOnce)) {
      const requested = requestedMinor(refund, sale, totals);
      const before = applied;
      if (requested !== undefined) {
        applied = applied + requested < value ? applied + requested : value;
        isRefunded = applied === value;
      }
      // Sums are converted, not single refunds, so that the amounts add up to the converted sum.
      const [sum, sumBefore] = [toReporting(applied), toReporting(before)];
      const amount = sum === null || sumBefore === null ? null : sum - sumBefore;
      const isCounted = isCountedSale && requested !== undefined ? 1 : 0;
      if (refund.isCounted === isCounted && refund.appliedRefundMinor === String(applied - before) && refund.amountMinor === toText(amount))
        continue;
      setRefund.run(isCounted, applied - before, amount, refund.id);
      moneyChanged(refund);
    }
    if (rest) pending.note(saleKey, rest);
    else if (left) pending.end(saleKey);
    const amount = toReporting(value);
    const isCounted = isCountedSale ? 1 : 0;
    const status = sale.setStatus === "approved" && isRefunded ? "refunded" : sale.setStatus; // of what is revalued so far
    const isSame = sale.isCounted === isCounted && sale.amountMinor === toText(amount);
    const refunded = rest ? null : applied;
    if (!isSame || sale.status !== status || sale.refundedMinor !== toText(refunded))
      setSale.run(status, isCounted, amount, refunded, sale.id);
    if (!isSame) moneyChanged(sale);
  }

  return {
    currency,
    isAwaited: (saleKey) => hasRefunds.get(saleKey) !== undefined,
    valueAlone: (sale) => ({ isCounted: isCountedStatus(sale.setStatus) ? 1 : 0, amountMinor: converter(sale)(sale.value) }),
    revalue,
    uncountAlone(refundId, saleKey) {
      if (findSale.get(saleKey) === undefined) uncount.run(refundId);
    },
    isWhollyRefunded(saleKey) {
      const sale = findSale.get(saleKey);
      if (!sale) return false;
      const totals = findTotals(sale);
      const left = BigInt(sale.value) - (totals?.sum ?? 0n);
      if (totals && left <= 0n) return true;
      return (totals ? findRestRefunded : findWhollyRefunded).get({ unit: unitOf(sale.currency), saleKey, left }) !== undefined;
    },
  };
}
