// Which refunds wait for a sale that nobody has sent yet? A page at a time, looking at a bounded number of refunds for each.
import type { Context } from "../context.ts";
import { UNKNOWN_CURRENCY_DECIMALS } from "../ledger/sale.ts";
import { parseEntryId, toEntryId } from "../value/id.ts";
import { toIso } from "../value/instant.ts";
import { requireDecimals, toDecimalText } from "../value/money.ts";
import pendingRefundsSql from "./pending-refunds.sql" with { type: "text" };

/** For one page, at most so many refunds are looked at, pending or not: no request may take long. */
const MOST_LOOKED_AT = 10_000;

interface PendingRow {
  id: number;
  orderId: string;
  eventId: string | null;
  at: number;
  value: string | null; // as text: ten-thousandths can be wider than a double
  currency: string | null;
  receivedAt: number;
}

/** A refund without its sale. `value` in major units; without a currency it is in that of the sale. */
export interface PendingRefund {
  id: string;
  orderId: string;
  eventId: string | null;
  timestamp: string;
  value: number | null;
  currency: string | null;
  receivedAt: string;
}

export interface PendingRefunds {
  /** The refunds after `cursor`, at most `limit`. `nextCursor` is null at the end; a page before it may be short, even empty. */
  list(limit: number, cursor: string | undefined): { refunds: PendingRefund[]; nextCursor: string | null };
  /** Does this cursor name a refund? */
  isCursor(cursor: string): boolean;
}

function toPendingRefund({ id, orderId, eventId, at, value, currency, receivedAt }: PendingRow): PendingRefund {
  const decimals = currency === null ? UNKNOWN_CURRENCY_DECIMALS : requireDecimals(currency);
  return {
    id: toEntryId(id),
    orderId,
    eventId,
    timestamp: toIso(at),
    value: value === null ? null : Number(toDecimalText(BigInt(value), decimals)),
    currency,
    receivedAt: toIso(receivedAt),
  };
}

export function openPendingRefunds({ database: { sqlite } }: Pick<Context, "database">, most = MOST_LOOKED_AT): PendingRefunds {
  const select = sqlite.prepare(pendingRefundsSql);
  const findPlace = sqlite.prepare("SELECT sale_key AS saleKey, id FROM entry WHERE id = ? AND type = 4");
  const findLast = sqlite.prepare(
    `SELECT sale_key AS saleKey, id FROM entry WHERE type = 4 AND (sale_key, id) > (?, ?) ORDER BY sale_key, id LIMIT 1 OFFSET ${most - 1}`,
  );
  const placeOf = (cursor: string) => findPlace.get(parseEntryId(cursor) ?? -1) as { saleKey: string; id: number } | undefined;

  return {
    isCursor: (cursor) => placeOf(cursor) !== undefined,
    list(limit, cursor) {
      const after = (cursor === undefined ? undefined : placeOf(cursor)) ?? { saleKey: "", id: 0 };
      const until = findLast.get(after.saleKey, after.id) as { saleKey: string; id: number } | undefined;
      const bounds = { afterSaleKey: after.saleKey, afterId: after.id, untilSaleKey: until?.saleKey ?? null, untilId: until?.id ?? null };
      const rows = select.all({ ...bounds, most: limit + 1 }) as PendingRow[];
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : until;
      return { refunds: page.map(toPendingRefund), nextCursor: last ? toEntryId(last.id) : null };
    },
  };
}
