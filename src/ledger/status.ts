// Which status of an entry counts? The one that was said for the newest instant (definitions §4, "Status").
import type { Database } from "../../db/database.ts";
import type { entry, saidStatus } from "../../db/schema.ts";
import type { Ways } from "./way.ts";

/** A status that is said of an entry. `refunded` is derived, and is never said. */
export type SaidStatus = Readonly<typeof saidStatus.$inferSelect>["status"];

/** Of two statuses for one instant, the first in this order counts. */
export const PRECEDENCE = `CASE status WHEN 'fraud' THEN 0 WHEN 'rejected' THEN 1 WHEN 'approved' THEN 2 ELSE 3 END`;

/** The statuses that a refund can have. */
export const isRefundStatus = (status: string): boolean => status === "approved" || status === "rejected";

/** A conversion or refund, whether it has arrived or not. */
export type StatusSubject = Readonly<Pick<typeof entry.$inferSelect, "type" | "key">>;

/** A stored one, with the status that was sent with it for its own timestamp. */
export type StatusEntry = StatusSubject & Readonly<Pick<typeof entry.$inferSelect, "at" | "sentStatus">>;

export interface SaidStatuses {
  /** Stores a status for an instant, in milliseconds, within a write. False: the same was said before. The entry may arrive later. */
  put(subject: StatusSubject, status: SaidStatus, at: number): boolean;
  /** Takes a status back, within a write. */
  remove(subject: StatusSubject, status: SaidStatus, at: number): void;
  /** The status that counts by all that was said; the one sent with the entry if nothing newer was said. */
  statusOf(of: StatusEntry): string | null;
  /** The newest instant that a status was said for, the entry's own timestamp included. */
  newestAt(of: StatusEntry): number;
}

export function openSaidStatuses({ sqlite }: Database, ways: Ways): SaidStatuses {
  const insert = sqlite.prepare("INSERT OR IGNORE INTO said_status (type, key, at, status) VALUES (?, ?, ?, ?)");
  const remove = sqlite.prepare("DELETE FROM said_status WHERE type = ? AND key = ? AND at = ? AND status = ?");
  // At one instant, what was said of an entry goes before what was sent with it.
  const newest = sqlite.prepare<[type: number, key: string, from: number], Pick<typeof saidStatus.$inferSelect, "at" | "status">>(
    `SELECT at, status FROM said_status WHERE type = ? AND key = ? AND at >= ? ORDER BY at DESC, ${PRECEDENCE} LIMIT 1`,
  );
  // Of nearly all entries nothing was said, and sorting nothing takes longer than looking.
  const isSaid = sqlite.prepare<[type: number, key: string]>("SELECT 1 FROM said_status WHERE type = ? AND key = ? LIMIT 1");
  const findNewest = ({ type, key, at }: StatusEntry) => (isSaid.get(type, key) === undefined ? undefined : newest.get(type, key, at));
  return {
    put({ type, key }, status, at) {
      const isNew = insert.run(type, key, at, status).changes > 0;
      ways.said({ type, key, at, status }, isNew);
      return isNew;
    },
    remove: ({ type, key }, status, at) => void remove.run(type, key, at, status),
    statusOf: (entry) => findNewest(entry)?.status ?? entry.sentStatus,
    newestAt: (entry) => findNewest(entry)?.at ?? entry.at,
  };
}
