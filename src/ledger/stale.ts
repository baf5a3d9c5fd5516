// Which customers are stale? Their derived data does not match the log any more, or will not once the clock reaches `due_at`.

import type { Database } from "../../db/database.ts";

export interface Stale {
  /**
   * Marks a customer as stale from now on. `appendedFrom` is the id of the first new entry if entries were only appended, null if anything
   * may have changed. Call it within the write that changes the log.
   */
  mark(customerId: number, appendedFrom: number | null): void;
  /** Is any customer stale at `now`? */
  isDue(now: number): boolean;
  /** Is this customer stale at `now`? */
  isCustomerDue(customerId: number, now: number): boolean;
}

export function openStale({ sqlite }: Database): Stale {
  // A customer who must be recomputed stays so. Of two appended entries, the first to arrive has the smaller id.
  const mark = sqlite.prepare(
    `INSERT INTO stale AS s (customer_id, due_at, appended_from) VALUES (?, 0, ?) ON CONFLICT DO UPDATE SET
     appended_from = CASE WHEN s.due_at = 0 AND excluded.appended_from IS NOT NULL THEN s.appended_from END, due_at = 0`,
  );
  const due = sqlite.prepare(`SELECT 1 FROM stale WHERE due_at <= ? LIMIT 1`);
  const customerDue = sqlite.prepare(`SELECT 1 FROM stale WHERE customer_id = ? AND due_at <= ?`);
  return {
    mark: (customerId, appendedFrom) => void mark.run(customerId, appendedFrom),
    isDue: (now) => due.get(now) !== undefined,
    isCustomerDue: (customerId, now) => customerDue.get(customerId, now) !== undefined,
  };
}
