// Which customers are stale: what is derived for them is not up to date with the log, or will not be once the clock is past `due_at`?

import type { Database } from "../../db/database.ts";

export interface Stale {
  /**
   * Marks a customer as stale from now on: in whole (null), or only for the entries appended from one on.
   * To be called within the write that made them so.
   */
  mark(customerId: number, appendedFrom: number | null): void;
  /** Is any customer stale by the clock? */
  isDue(now: number): boolean;
  isCustomerDue(customerId: number, now: number): boolean;
}

export function openStale({ sqlite }: Database): Stale {
  // Stale in whole stays stale in whole; of two appended entries the earlier arrived first.
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
