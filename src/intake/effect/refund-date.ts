// May a refund be recorded for its date? Only if it takes nothing but its part of totals of refunds, which are all that is known of the money.
import { type entry, REFUND } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import type { ProviderEntry } from "../../provider/effect.ts";
import { decimalsOf, toMinor } from "../../value/money.ts";

type Known = Pick<typeof entry.$inferSelect, "id">;

/** Opens the function that says whether a refund is known already, by its key or as a part of totals that knew of it. */
export function openRefundDates({ database: { sqlite } }: Pick<Context, "database">): (refund: ProviderEntry, at: number) => boolean {
  const findByKey = sqlite.prepare<[key: string | undefined], Known>(`SELECT id FROM entry WHERE type = ${REFUND} AND key = ?`);
  const sumTotals = sqlite
    .prepare<[saleKey: string | undefined, currency: string | undefined, at: number], number>(
      `SELECT coalesce(sum(applied_refund_minor), 0) FROM entry INDEXED BY entry_refund_total
       WHERE type = ${REFUND} AND sale_key = ? AND currency = ? AND total_until IS NOT NULL AND total_until >= ?`,
    )
    .pluck();

  return ({ eventId, orderId, value, currency }, at) => {
    if (findByKey.get(eventId) !== undefined) return true;
    const decimals = currency === undefined ? undefined : decimalsOf(currency);
    const minor = decimals === undefined || value === undefined ? undefined : toMinor(value, decimals);
    return minor !== undefined && minor > 0 && minor <= (sumTotals.get(orderId, currency, at) ?? 0);
  };
}
