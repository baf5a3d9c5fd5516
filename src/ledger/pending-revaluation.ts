// Which sales are still to be revalued, after a rate or because of many refunds? They are revalued in short steps, and those of a customer before they are shown.
import { requireRow } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import type { entry, pendingRate } from "../../db/schema.ts";
import { openTurn } from "../host/turn.ts";
import type { PendingSales } from "./pending-sale.ts";
import { LAST, type Sales } from "./sale.ts";

type Row = Omit<typeof pendingRate.$inferSelect, "notedAt">;
type ForeignSale = Pick<typeof entry.$inferSelect, "id" | "key">;

/** How many sales are read at a time. */
const READ_AT_ONCE = 100;
/** The most entries of a customer that are looked through when they are asked for. */
const MOST_LOOKED_THROUGH = 2000;

export interface Revaluations {
  /** Notes that the sales in `currency` on the local days from `fromDay` to before `toDay` are to be revalued. Call it within a write. */
  note(currency: string, fromDay: number, toDay: number): void;
  isPending(): boolean;
  /** Revalues the next sales until the turn is over, within a write. Returns their number. */
  some(): number;
  /** The customer's sales that may still have to be revalued. Undefined: the customer has too many entries to look through. */
  ofCustomer(customerId: number): string[] | undefined;
}

export function openRevaluations({ sqlite }: Database, sales: Sales, pending: PendingSales, turnMs?: number): Revaluations {
  // A repeated rate begins anew, since some sales may have been revalued with the former one.
  const note = sqlite.prepare(
    `INSERT INTO pending_rate (currency, from_day, to_day, day, after_id, noted_at)
     VALUES (:currency, :fromDay, :toDay, :fromDay, 0, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0))
     ON CONFLICT DO UPDATE SET day = excluded.day, after_id = 0`,
  );
  const next = sqlite.prepare<[], Row>(
    `SELECT currency, from_day AS fromDay, to_day AS toDay, day, after_id AS afterId FROM pending_rate LIMIT 1`,
  );
  const keep = sqlite.prepare<Row>(
    `UPDATE pending_rate SET day = :day, after_id = :afterId WHERE currency = :currency AND from_day = :fromDay AND to_day = :toDay`,
  );
  const end = sqlite.prepare<Row>(`DELETE FROM pending_rate WHERE currency = :currency AND from_day = :fromDay AND to_day = :toDay`);
  const ofDay = sqlite.prepare<[currency: string, day: number, afterId: number], ForeignSale>(
    `SELECT id, key FROM entry INDEXED BY entry_foreign WHERE currency = ? AND rate_day = ? AND rate_day IS NOT NULL AND id > ? ORDER BY id LIMIT ${READ_AT_ONCE}`,
  );
  const dayAfter = sqlite
    .prepare<[currency: string, day: number, toDay: number], number | null>(
      `SELECT min(rate_day) FROM entry INDEXED BY entry_foreign WHERE currency = ? AND rate_day > ? AND rate_day < ? AND rate_day IS NOT NULL`,
    )
    .pluck();
  const hasMany = sqlite.prepare<[customerId: number]>(`SELECT 1 FROM entry WHERE customer_id = ? LIMIT 1 OFFSET ${MOST_LOOKED_THROUGH}`);
  const foreignOf = sqlite
    .prepare<[customerId: number], string>(`SELECT key FROM entry INDEXED BY entry_customer WHERE customer_id = ? AND rate_day IS NOT NULL`)
    .pluck();

  function revalueRates(row: Row, isOver: () => boolean): number {
    let { day, afterId } = row;
    for (let done = 0; ; ) {
      const found = ofDay.all(row.currency, day, afterId);
      for (const { id, key } of found) {
        sales.revalue(key);
        afterId = id;
        done += 1;
        if (isOver()) {
          keep.run({ ...row, day, afterId });
          return done;
        }
      }
      if (found.length === READ_AT_ONCE) continue;
      const following = requireRow(dayAfter, row.currency, day, row.toDay);
      if (following === null) {
        end.run(row);
        return done;
      }
      [day, afterId] = [following, 0];
    }
  }

  return {
    note: (currency, fromDay, toDay) => void note.run({ currency, fromDay, toDay }),
    isPending: () => pending.next() !== undefined || next.get() !== undefined,
    some() {
      const saleKey = pending.next();
      if (saleKey !== undefined) {
        sales.revalue(saleKey, { from: LAST });
        return 1;
      }
      const row = next.get();
      return row === undefined ? 0 : revalueRates(row, openTurn(turnMs));
    },
    ofCustomer(customerId) {
      if (pending.concern(customerId)) return undefined;
      if (next.get() === undefined) return [];
      return hasMany.get(customerId) === undefined ? foreignOf.all(customerId) : undefined;
    },
  };
}
