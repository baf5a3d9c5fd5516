// Which entries follow their click or their sale to its owner? If they are very many, each write takes some of them along.
import type { Statement } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { type pendingFollow, REFUND } from "../../db/schema.ts";
import { type NamedEntry, SELECT_ENTRY } from "./named-row.ts";

type Row = typeof pendingFollow.$inferSelect;

export interface Follows {
  /** Begins a new step, which may take entries along anew. */
  begin(): void;
  /** Resolves the owners of the entries of a click, or of the refunds of a sale, again. `fromId`: the customer who had them, if anybody. */
  follow(kind: Row["kind"], value: string, fromId: number | null): void;
  isPending(): boolean;
  /** Takes the next entries along. Returns their number. */
  some(): number;
  /** May entries still follow to this customer, or away from them? */
  concern(customerId: number): boolean;
}

/** `own` resolves the owner of an entry again. `atOnce`: the most entries of one step. */
export function openFollows({ sqlite }: Database, own: (entry: NamedEntry) => void, atOnce: number): Follows {
  const select = (rest: string): Statement<[value: string, afterId: number], NamedEntry> =>
    sqlite.prepare(`${SELECT_ENTRY} ${rest} AND id > ? LIMIT ${atOnce + 1}`);
  // Each index gives the entries in the order of their ids.
  const followers = {
    click: select(`INDEXED BY entry_click WHERE click_id = ?`),
    sale: select(`INDEXED BY entry_refund WHERE type = ${REFUND} AND sale_key = ?`),
  };
  // The newest entry was received before the change is acknowledged. Entries that are to follow twice begin anew.
  const note = sqlite.prepare(
    `INSERT INTO pending_follow (kind, value, from_id, after_id, noted_at)
     VALUES (?, ?, ?, ?, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0)) ON CONFLICT DO UPDATE SET after_id = excluded.after_id`,
  );
  const next = sqlite.prepare<[], Row>(
    `SELECT kind, value, from_id AS fromId, after_id AS afterId, noted_at AS notedAt FROM pending_follow LIMIT 1`,
  );
  const end = sqlite.prepare(`DELETE FROM pending_follow WHERE kind = ? AND value = ? AND from_id = ?`);
  // The new owner is that of the sale or click itself, or of the click's visitor.
  const concerned = sqlite.prepare(
    `SELECT 1 FROM pending_follow AS f LEFT JOIN entry AS e ON e.type = CASE f.kind WHEN 'sale' THEN 2 ELSE 0 END AND e.key = f.value
       LEFT JOIN claim AS c ON c.kind = 'visitor' AND c.value = e.visitor_id
     WHERE :id IN (f.from_id, e.customer_id, c.customer_id) LIMIT 1`,
  );
  let taken = 0; // in this step

  /** Takes entries with ids above `afterId` along. Returns their number, and from which id on there may be more. */
  function take(kind: Row["kind"], value: string, afterId: number): { count: number; rest: number | undefined } {
    if (taken >= atOnce) return { count: 0, rest: afterId };
    const found = followers[kind].all(value, afterId);
    const entries = found.slice(0, atOnce);
    taken += entries.length;
    for (const entry of entries) own(entry);
    return { count: entries.length, rest: found.length > atOnce ? entries.at(-1)?.id : undefined };
  }

  return {
    begin() {
      taken = 0;
    },
    follow(kind, value, fromId) {
      const { rest } = take(kind, value, 0);
      if (rest !== undefined) note.run(kind, value, fromId ?? 0, rest);
    },
    isPending: () => next.get() !== undefined,
    some() {
      const row = next.get();
      if (row === undefined) return 0;
      const { kind, value, fromId, afterId } = row;
      end.run(kind, value, fromId); // what is left is noted again
      const { count, rest } = take(kind, value, afterId);
      if (rest !== undefined) note.run(kind, value, fromId, rest);
      return count;
    },
    concern: (customerId) => concerned.get({ id: customerId }) !== undefined,
  };
}
