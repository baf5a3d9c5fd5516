// Which sales have so many refunds that some of them are still to be revalued?
import type { Database } from "../../db/database.ts";
import type { pendingSale } from "../../db/schema.ts";

type Row = typeof pendingSale.$inferSelect;
type Place = Pick<Row, "at" | "key">;

export interface PendingSales {
  /** The first refund of a sale that is still to be revalued. */
  find(saleKey: string): Place | undefined;
  /** Notes that the refunds of a sale are still to be revalued from this place on. */
  note(saleKey: string, place: Place): void;
  /** Notes that all refunds of a sale are revalued. */
  end(saleKey: string): void;
  /** Any sale with refunds to revalue. */
  next(): string | undefined;
  /** Does a sale of this customer have refunds to revalue? */
  concern(customerId: number): boolean;
}

export function openPendingSales({ sqlite }: Database): PendingSales {
  const find = sqlite.prepare<[string], Place>(`SELECT at, key FROM pending_sale WHERE sale_key = ?`);
  // The newest entry was received before the change is acknowledged.
  const note = sqlite.prepare(
    `INSERT INTO pending_sale (sale_key, at, key, noted_at) VALUES (?, ?, ?, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0))
     ON CONFLICT DO UPDATE SET at = excluded.at, key = excluded.key`,
  );
  const end = sqlite.prepare(`DELETE FROM pending_sale WHERE sale_key = ?`);
  const next = sqlite.prepare<[], string>(`SELECT sale_key FROM pending_sale LIMIT 1`).pluck();
  const concerned = sqlite.prepare(
    `SELECT 1 FROM pending_sale AS p CROSS JOIN entry AS s ON s.type = 2 AND s.key = p.sale_key WHERE s.customer_id = ? LIMIT 1`,
  );
  return {
    find: (saleKey) => find.get(saleKey),
    note: (saleKey, { at, key }) => void note.run(saleKey, at, key),
    end: (saleKey) => void end.run(saleKey),
    next: () => next.get(),
    concern: (customerId) => concerned.get(customerId) !== undefined,
  };
}
