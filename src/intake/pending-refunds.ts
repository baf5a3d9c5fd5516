// Which refunds wait for a sale that has not arrived? They are listed in pages, and each page reads a limited number of refunds.
import type { entry } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { UNKNOWN_CURRENCY_DECIMALS } from "../ledger/refund-total.ts";
import { parseEntryId, toEntryId } from "../value/id.ts";
import { toIso } from "../value/instant.ts";
import { requireDecimals, toDecimalText } from "../value/money.ts";
import pendingRefundsSql from "./pending-refunds.sql" with { type: "text" };

/** How many refunds, pending or not, are read for one page, so that no request takes long. */
const MOST_LOOKED_AT = 10_000;

type Stored = typeof entry.$inferSelect;
/** A refund always has an orderId. Its value comes as text, because ten-thousandths can be wider than a double. */
type PendingRow = Pick<Stored, "id" | "eventId" | "at" | "currency" | "status" | "receivedAt"> & { orderId: string; value: string | null };
/** Where a refund is in the order of the list. */
type Place = Pick<Stored, "id"> & { saleKey: string };
interface Bounds {
  afterSaleKey: string;
  afterId: number;
  untilSaleKey: string | null;
  untilId: number | null;
  most: number;
}

/** A refund without its sale. `value` is in major units of `currency`, or of the sale's currency if that is null. */
export interface PendingRefund {
  id: string;
  orderId: string;
  eventId: string | null;
  timestamp: string;
  value: number | null;
  currency: string | null;
  /** `approved` or `rejected`. */
  status: string;
  receivedAt: string;
}

export interface PendingRefunds {
  /** At most `limit` refunds after `cursor`. `nextCursor` is null on the last page. Any page may be short or empty. */
  list(limit: number, cursor: string | undefined): { refunds: PendingRefund[]; nextCursor: string | null };
  /** Is this the cursor of a refund? */
  isCursor(cursor: string): boolean;
}

function toPendingRefund({ id, orderId, eventId, at, value, currency, status, receivedAt }: PendingRow): PendingRefund {
  const decimals = currency === null ? UNKNOWN_CURRENCY_DECIMALS : requireDecimals(currency);
  return {
    id: toEntryId(id),
    orderId,
    eventId,
    timestamp: toIso(at),
    value: value === null ? null : Number(toDecimalText(BigInt(value), decimals)),
    currency,
    status: status ?? "approved",
    receivedAt: toIso(receivedAt),
  };
}

export function openPendingRefunds({ database: { sqlite } }: Pick<Context, "database">, most = MOST_LOOKED_AT): PendingRefunds {
  const select = sqlite.prepare<Bounds, PendingRow>(pendingRefundsSql);
  const findPlace = sqlite.prepare<[id: number], Place>("SELECT sale_key AS saleKey, id FROM entry WHERE id = ? AND type = 4");
  const findLast = sqlite.prepare<[saleKey: string, id: number], Place>(
    `SELECT sale_key AS saleKey, id FROM entry WHERE type = 4 AND (sale_key, id) > (?, ?) ORDER BY sale_key, id LIMIT 1 OFFSET ${most - 1}`,
  );
  const placeOf = (cursor: string) => findPlace.get(parseEntryId(cursor) ?? -1);

  return {
    isCursor: (cursor) => placeOf(cursor) !== undefined,
    list(limit, cursor) {
      const after = (cursor === undefined ? undefined : placeOf(cursor)) ?? { saleKey: "", id: 0 };
      const until = findLast.get(after.saleKey, after.id);
      const bounds = { afterSaleKey: after.saleKey, afterId: after.id, untilSaleKey: until?.saleKey ?? null, untilId: until?.id ?? null };
      const rows = select.all({ ...bounds, most: limit + 1 });
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : until;
      return { refunds: page.map(toPendingRefund), nextCursor: last ? toEntryId(last.id) : null };
    },
  };
}
