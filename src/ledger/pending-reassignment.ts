// Which entries are still to be given to a new owner? One claim can move a million of them: the first few within its write, the rest in short ones.
import type { Database } from "../../db/database.ts";
import type { ClaimKind } from "./claim.ts";

/** A value whose entries change hands. */
export interface PendingReassignment {
  readonly kind: ClaimKind;
  readonly value: string;
  /** The customer who had it; null: nobody. */
  readonly fromId: number | null;
  /** Entries with ids up to this one are done. */
  readonly afterId: number;
}

export interface PendingReassignments {
  /** Notes a reassignment that is not done yet, or how far one is. */
  note(reassignment: PendingReassignment): void;
  /** A reassignment that is not done yet, if any. */
  next(): PendingReassignment | undefined;
  /** Removes a reassignment that is done. */
  end(reassignment: PendingReassignment): void;
  /** Do entries still move to this customer, or away from them? A click's or an email's may lead to any. */
  concern(customerId: number): boolean;
}

export function openPendingReassignments({ sqlite }: Database): PendingReassignments {
  const note = sqlite.prepare(
    `INSERT INTO pending_reassignment (kind, value, from_id, after_id) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET after_id = excluded.after_id`,
  );
  const next = sqlite.prepare(`SELECT kind, value, nullif(from_id, 0) AS fromId, after_id AS afterId FROM pending_reassignment LIMIT 1`);
  const end = sqlite.prepare(`DELETE FROM pending_reassignment WHERE kind = ? AND value = ? AND from_id = ?`);
  // Through the customer's own entries, which are few but for odd customers, who are as a rule the ones it moves to.
  const concerned = sqlite.prepare(
    `SELECT 1 FROM pending_reassignment AS m LEFT JOIN claim AS c ON c.kind = m.kind AND c.value = m.value
     WHERE m.kind <> 'visitor' OR m.from_id = :id OR c.customer_id = :id
        OR EXISTS (SELECT 1 FROM entry INDEXED BY entry_customer WHERE customer_id = :id AND +id > m.after_id AND +visitor_id = m.value) LIMIT 1`,
  );
  return {
    note: ({ kind, value, fromId, afterId }) => void note.run(kind, value, fromId ?? 0, afterId),
    next: () => next.get() as PendingReassignment | undefined,
    end: ({ kind, value, fromId }) => void end.run(kind, value, fromId ?? 0),
    concern: (customerId) => concerned.get({ id: customerId }) !== undefined,
  };
}
