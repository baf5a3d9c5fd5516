// Which entries still have to be given to a new owner? One claim can reassign a million entries: the first few within its own write, the rest in short writes.
import type { Database } from "../../db/database.ts";
import type { pendingReassignment } from "../../db/schema.ts";

/**
 * A value whose entries are being reassigned. `fromId` is the customer that it belonged to, null for nobody.
 * Entries with ids up to `afterId` are done. Below 0 it is a place among the profile updates, which come before: `FROM_UPDATES`, less the id of
 * the last one that is done.
 */
export type PendingReassignment = Readonly<
  Pick<typeof pendingReassignment.$inferSelect, "kind" | "value" | "afterId"> & { fromId: number | null }
>;

/** The place of a reassignment that begins with the profile updates. */
export const FROM_UPDATES = -1;

/** The most entries of a customer that are looked through for those that are being reassigned. */
const MOST_LOOKED_THROUGH = 2000;

export interface PendingReassignments {
  /** Stores a reassignment that is not finished, or its progress. */
  note(reassignment: PendingReassignment): void;
  /** A reassignment that is not finished, if any. */
  next(): PendingReassignment | undefined;
  /** Removes a reassignment that is finished. */
  end(reassignment: PendingReassignment): void;
  /**
   * May a pending reassignment still give entries to this customer, or take some away? Entries of a click or a name may go to anybody. Of
   * customers with very many entries it is always said.
   */
  concern(customerId: number): boolean;
}

export function openPendingReassignments({ sqlite }: Database): PendingReassignments {
  // The newest entry was received before the claim is acknowledged.
  const note = sqlite.prepare(
    `INSERT INTO pending_reassignment (kind, value, from_id, after_id, noted_at)
     VALUES (?, ?, ?, ?, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0)) ON CONFLICT DO UPDATE SET after_id = excluded.after_id`,
  );
  const next = sqlite.prepare<[], PendingReassignment>(
    `SELECT kind, value, nullif(from_id, 0) AS fromId, after_id AS afterId FROM pending_reassignment LIMIT 1`,
  );
  const end = sqlite.prepare(`DELETE FROM pending_reassignment WHERE kind = ? AND value = ? AND from_id = ?`);
  const hasMany = sqlite.prepare<[customerId: number]>(`SELECT 1 FROM entry WHERE customer_id = ? LIMIT 1 OFFSET ${MOST_LOOKED_THROUGH}`);
  // Searches the customer's own entries, if these are not too many.
  const concerned = sqlite.prepare(
    `SELECT 1 FROM pending_reassignment AS m LEFT JOIN claim AS c ON c.kind = m.kind AND c.value = m.value
     WHERE m.kind <> 'visitor' OR m.from_id = :id OR c.customer_id = :id
        OR EXISTS (SELECT 1 FROM entry INDEXED BY entry_customer WHERE customer_id = :id AND +id > m.after_id AND +visitor_id = m.value) LIMIT 1`,
  );
  return {
    note: ({ kind, value, fromId, afterId }) => void note.run(kind, value, fromId ?? 0, afterId),
    next: () => next.get(),
    end: ({ kind, value, fromId }) => void end.run(kind, value, fromId ?? 0),
    concern: (customerId) =>
      next.get() !== undefined && (hasMany.get(customerId) !== undefined || concerned.get({ id: customerId }) !== undefined),
  };
}
