// Which customers are refreshed together? A batch of them goes through the pipeline in one transaction.

import type { Database } from "../../db/database.ts";
import type { stale } from "../../db/schema.ts";
import type { LargeCustomers } from "./large-customers.ts";
import type { Pipeline } from "./pipeline.ts";

/** The most entries that one step reads, but for those of the last customer. It takes about 20 ms, most of it for attribution. */
const MOST_ENTRIES = 1000;

export interface Refresh {
  /** Refreshes up to `most` stale customers, fewer if they have many entries. Returns their number. Large ones are recomputed beside the requests. */
  some(most: number, now: number): number;
  /** Refreshes one stale customer. False: they are large, and are being recomputed beside the requests. */
  one(customerId: number, now: number): boolean;
  /** Recomputes one customer from the whole log, stale or not. */
  whole(customerId: number, now: number): void;
  /**
   * Returns a function that recomputes the next `most` customers from the whole log, and returns their number; 0: none is left. Large ones are left
   * to `passOver`.
   */
  customerBatches(passOver: (customerId: number) => void): (most: number, now: number) => number;
}

type StaleRow = Pick<typeof stale.$inferSelect, "customerId" | "appendedFrom" | "changes">;

export function openRefresh(
  { sqlite, write }: Database,
  pipeline: Pipeline,
  large: LargeCustomers,
  isStandby: () => boolean = () => false,
): Refresh {
  const columns = "customer_id AS customerId, appended_from AS appendedFrom, changes";
  const nextStale = sqlite.prepare<[now: number, most: number], StaleRow>(
    `SELECT ${columns} FROM stale WHERE due_at <= ? ORDER BY due_at, marked_at LIMIT ?`,
  );
  const findStale = sqlite.prepare<[id: number], StaleRow>(`SELECT ${columns} FROM stale WHERE customer_id = ?`);
  const nextCustomers = sqlite
    .prepare<[last: number, most: number], number>(`SELECT id FROM customer WHERE id > ? ORDER BY id LIMIT ?`)
    .pluck();
  const take = sqlite.prepare<[id: number, appendedFrom: number | null]>(`INSERT INTO temp.batch VALUES (?, ?)`);

  /** How many entries a step would read for a stale customer. Undefined: too many, so that they are asked for beside the requests. */
  function entriesOf({ customerId, appendedFrom, changes }: StaleRow, now: number): number | undefined {
    if (large.isAsked(customerId)) return undefined;
    if (appendedFrom !== null && changes <= MOST_ENTRIES) return changes;
    if (large.isLarge(customerId) && !large.takeFailed(customerId)) {
      void large.ask(customerId, now, isStandby() ? null : now);
      return undefined;
    }
    return large.countEntries(customerId);
  }

  return {
    some: (most, now) =>
      write(() => {
        let [taken, entries] = [0, 0];
        for (const row of nextStale.all(now, most + large.asked())) {
          const more = entriesOf(row, now);
          if (more === undefined) continue;
          take.run(row.customerId, row.appendedFrom);
          [taken, entries] = [taken + 1, entries + more];
          if (taken >= most || entries >= MOST_ENTRIES) break;
        }
        if (taken > 0) pipeline.run({ now, updatedAt: now });
        return taken;
      }),
    one: (customerId, now) =>
      write(() => {
        const row = findStale.get(customerId) ?? { customerId, appendedFrom: null, changes: 0 };
        if (entriesOf(row, now) === undefined) return false;
        take.run(customerId, row.appendedFrom);
        pipeline.run({ now, updatedAt: now });
        return true;
      }),
    whole: (customerId, now) =>
      write(() => {
        take.run(customerId, null);
        pipeline.run({ now, updatedAt: null });
      }),
    customerBatches(passOver) {
      let last = 0;
      return (most, now) =>
        write(() => {
          let [taken, entries] = [0, 0];
          for (const id of nextCustomers.all(last, most)) {
            last = id;
            taken += 1;
            if (large.isLarge(id)) passOver(id);
            else take.run(id, null);
            entries += large.countEntries(id);
            if (entries >= MOST_ENTRIES) break;
          }
          if (taken > 0) pipeline.run({ now, updatedAt: null });
          return taken;
        });
    },
  };
}

/** Returns a function that puts the next `most` customers after the id `last` into `temp.batch`, and returns their number and the last id. */
export function openNextCustomers({ sqlite }: Pick<Database, "sqlite">): (last: number, most: number) => { count: number; last: number } {
  const take = sqlite.prepare(`INSERT INTO temp.batch SELECT id, NULL FROM customer WHERE id > ? ORDER BY id LIMIT ?`);
  const lastTaken = sqlite.prepare<[], number | null>(`SELECT max(customer_id) FROM temp.batch`).pluck();
  return (last, most) => ({ count: take.run(last, most).changes, last: lastTaken.get() ?? last });
}
