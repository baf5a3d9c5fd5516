// How much does a total of refunds ask for? What the other refunds up to its instant, and the totals before it, leave of it (definitions §4).
import { requireRow } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { type entry, REFUND } from "../../db/schema.ts";
import { compareCodePoints } from "../value/log-order.ts";
import { requireDecimals } from "../value/money.ts";
import { PRECEDENCE } from "./status.ts";

/** The value of a refund without a currency is stored in ten-thousandths, since the decimals are unknown until its sale arrives. */
export const UNKNOWN_CURRENCY_DECIMALS = 4;

type EntryRow = typeof entry.$inferSelect;
type TotalRow = Pick<EntryRow, "id" | "at" | "key" | "currency" | "setStatus"> & { value: string; totalUntil: number };
type Sale = Readonly<Pick<EntryRow, "key">> & { readonly value: number; readonly currency: string };

/** How many of the stored units of a refund without a currency make one minor unit of this currency. */
export const unitOf = (currency: string): bigint => 10n ** BigInt(UNKNOWN_CURRENCY_DECIMALS - requireDecimals(currency));

/** The value of a refund in minor units of its sale. Undefined: it is in another currency, or has more decimals than that of the sale. */
export function refundMinor(
  refund: Pick<EntryRow, "currency"> & { readonly value: string },
  sale: Pick<Sale, "currency">,
): bigint | undefined {
  if (refund.currency !== null) return refund.currency === sale.currency ? BigInt(refund.value) : undefined;
  const unit = unitOf(sale.currency);
  return BigInt(refund.value) % unit === 0n ? BigInt(refund.value) / unit : undefined;
}

/** The totals of one sale. */
export interface SaleTotals {
  /** What each asks for by its row id, in minor units of the sale's currency. */
  readonly asked: ReadonlyMap<number, bigint>;
  /** What those that are not rejected ask for together. */
  readonly sum: bigint;
  /** The place of the first of them in log order. */
  readonly first: { readonly at: number; readonly key: string };
}

/** Opens the function that finds what the totals of a sale ask for. Undefined: there are none, as of nearly all sales. */
export function openRefundTotals({ sqlite }: Database): (sale: Sale) => SaleTotals | undefined {
  const findTotals = sqlite.prepare<[saleKey: string], TotalRow>(
    `SELECT id, at, key, cast(value AS TEXT) AS value, currency, set_status AS setStatus, total_until AS totalUntil FROM entry INDEXED BY entry_refund_total
     WHERE type = ${REFUND} AND sale_key = ? AND total_until IS NOT NULL ORDER BY at, key`,
  );
  // A refund counts as it stood at the total's instant: one that failed later is part of the total.
  const sumOthers = sqlite
    .prepare<{ saleKey: string; value: bigint; currency: string; unit: bigint; until: number }, string>(
      `SELECT cast(coalesce(sum(CASE WHEN value IS NULL THEN :value WHEN currency IS NULL THEN value / :unit ELSE value END), 0) AS TEXT)
       FROM entry AS r INDEXED BY entry_refund_order
       WHERE type = ${REFUND} AND sale_key = :saleKey AND at <= :until AND total_until IS NULL
         AND (currency = :currency OR currency IS NULL AND (value IS NULL OR value % :unit = 0))
         AND coalesce((SELECT status FROM said_status WHERE type = ${REFUND} AND key = r.key AND at BETWEEN r.at AND :until
                       ORDER BY at DESC, ${PRECEDENCE} LIMIT 1), sent_status) <> 'rejected'`,
    )
    .pluck();

  return ({ key: saleKey, value, currency }) => {
    const totals = findTotals.all(saleKey);
    const [first] = totals;
    if (!first) return undefined;
    const fitting = totals.flatMap(({ id, key, setStatus, totalUntil, ...money }) => {
      const total = refundMinor(money, { currency });
      return total === undefined ? [] : [{ id, key, isRejected: setStatus === "rejected", until: totalUntil, total }];
    });
    fitting.sort((one, other) => one.until - other.until || Number(one.total - other.total) || compareCodePoints(one.key, other.key));
    const asked = new Map<number, bigint>();
    let askedBefore = 0n;
    let sum = 0n;
    for (const { id, isRejected, until, total } of fitting) {
      const known = askedBefore + BigInt(requireRow(sumOthers, { saleKey, value: BigInt(value), currency, unit: unitOf(currency), until }));
      const left = total > known ? total - known : 0n;
      asked.set(id, left);
      askedBefore += left;
      if (!isRejected) sum += left;
    }
    return { asked, sum, first };
  };
}
