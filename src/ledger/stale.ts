// Which customers are stale? Their derived data does not match the log any more, or will not once the clock reaches `due_at`.

import type { Database } from "../../db/database.ts";
import { MOST_NOTED } from "../credit/sums-bytes.ts";
import type { Behind } from "../value/behind.ts";

/** What a write changes of a customer. */
export interface Change {
  /** The id of the first new entry if entries were only appended, null if anything may have changed. */
  appendedFrom: number | null;
  /** How many entries are new. */
  entries: number;
}

export interface Stale {
  /** Marks a customer as stale from now on. `at` is the time of the write, in milliseconds. Call it within the write that changes the log. */
  mark(customerId: number, change: Readonly<Change>, at: number): void;
  /** Is any customer stale at `now`? */
  isDue(now: number): boolean;
  /** Are more than so many customers stale at `now`? */
  isMoreThan(customers: number, now: number): boolean;
  /** Is this customer stale at `now`? */
  isCustomerDue(customerId: number, now: number): boolean;
  /** May this customer lack something at `now`: are they stale, or is any reassignment or revaluation pending? */
  mayLack(customerId: number, now: number): boolean;
  /** What is not derived at `now`, pending reassignments included; undefined: everything is. */
  behind(now: number): Behind | undefined;
}

/** A select that gives a row if the customer may lack something. It takes their id, an expression, and then the time as a parameter. */
export const mayLackSql = (customerId: string): string =>
  `SELECT 1 FROM stale WHERE customer_id = ${customerId} AND due_at <= ? UNION ALL SELECT 1 FROM pending_reassignment
   UNION ALL SELECT 1 FROM pending_follow UNION ALL SELECT 1 FROM pending_rate UNION ALL SELECT 1 FROM pending_sale UNION ALL SELECT 1 FROM pending_claim LIMIT 1`;

export function openStale({ sqlite }: Pick<Database, "sqlite">): Stale {
  // A customer who must be recomputed stays so. Of two appended entries, the first to arrive has the smaller id.
  const mark = sqlite.prepare(
    `INSERT INTO stale AS s (customer_id, due_at, appended_from, marked_at, changes) VALUES (?, 0, ?, ?, ?) ON CONFLICT DO UPDATE SET
     appended_from = CASE WHEN s.due_at = 0 AND excluded.appended_from IS NOT NULL THEN s.appended_from END,
     marked_at = CASE WHEN s.due_at = 0 THEN s.marked_at ELSE excluded.marked_at END,
     changes = CASE WHEN s.due_at = 0 THEN s.changes ELSE 0 END + excluded.changes, due_at = 0`,
  );
  const due = sqlite.prepare(`SELECT 1 FROM stale WHERE due_at <= ? LIMIT 1`);
  const more = sqlite.prepare<[now: number, customers: number]>(`SELECT 1 FROM stale WHERE due_at <= ? LIMIT 1 OFFSET ?`);
  const customerDue = sqlite.prepare(`SELECT 1 FROM stale WHERE customer_id = ? AND due_at <= ?`);
  const lack = sqlite.prepare<[customerId: number, now: number]>(mayLackSql("?"));
  const left = sqlite.prepare<[now: number], { entries: number | null; asOfAt: number | null }>(
    `SELECT sum(entries) AS entries, min(as_of_at) AS asOfAt FROM (
       SELECT changes AS entries, max(marked_at, due_at) AS as_of_at FROM stale WHERE due_at <= ?
       UNION ALL SELECT 1, noted_at FROM pending_reassignment
       UNION ALL SELECT 1, noted_at FROM pending_follow
       UNION ALL SELECT 1, noted_at FROM pending_claim
       UNION ALL SELECT 1, noted_at FROM pending_rate
       UNION ALL SELECT 1, noted_at FROM pending_sale
       UNION ALL SELECT * FROM (SELECT 1, noted_at FROM credit_delta ORDER BY id LIMIT -1 OFFSET ${MOST_NOTED})
       UNION ALL SELECT 1, noted_at FROM pending_credit)`,
  );
  return {
    mark: (customerId, { appendedFrom, entries }, at) => void mark.run(customerId, appendedFrom, at, Math.max(1, entries)),
    isDue: (now) => due.get(now) !== undefined,
    isMoreThan: (customers, now) => more.get(now, customers) !== undefined,
    isCustomerDue: (customerId, now) => customerDue.get(customerId, now) !== undefined,
    mayLack: (customerId, now) => lack.get(customerId, now) !== undefined,
    behind(now) {
      const { entries = null, asOfAt = null } = left.get(now) ?? {};
      return entries === null || asOfAt === null ? undefined : { entries, asOfAt };
    },
  };
}
