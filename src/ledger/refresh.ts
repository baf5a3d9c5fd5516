// Which customers are refreshed together? A batch of them goes through the pipeline in one transaction.

import type { Database } from "../../db/database.ts";
import type { Pipeline } from "./pipeline.ts";

export interface Refresh {
  /** Refreshes up to `most` stale customers. Returns their number. */
  some(most: number, now: number): number;
  /** Refreshes one stale customer. */
  one(customerId: number, now: number): void;
  /** Recomputes one customer from the whole log, stale or not. */
  whole(customerId: number, now: number): void;
  /** Returns a function that recomputes the next `most` customers from the whole log, and returns their number; 0: none is left. */
  customerBatches(): (most: number, now: number) => number;
}

export function openRefresh({ sqlite, write }: Database, pipeline: Pipeline): Refresh {
  const takeStale = sqlite.prepare(
    `INSERT INTO temp.batch SELECT customer_id, appended_from FROM stale WHERE due_at <= ? ORDER BY due_at, marked_at LIMIT ?`,
  );
  const takeOne = sqlite.prepare(`INSERT INTO temp.batch SELECT ?, (SELECT appended_from FROM stale WHERE customer_id = ?)`);
  const takeWhole = sqlite.prepare(`INSERT INTO temp.batch VALUES (?, NULL)`);
  const takeNext = openNextCustomers({ sqlite });

  return {
    some: (most, now) =>
      write(() => {
        const { changes } = takeStale.run(now, most);
        if (changes > 0) pipeline.run({ now, updatedAt: now });
        return changes;
      }),
    one: (customerId, now) =>
      write(() => {
        takeOne.run(customerId, customerId);
        pipeline.run({ now, updatedAt: now });
      }),
    whole: (customerId, now) =>
      write(() => {
        takeWhole.run(customerId);
        pipeline.run({ now, updatedAt: null });
      }),
    customerBatches() {
      let last = 0;
      return (most, now) =>
        write(() => {
          const next = takeNext(last, most);
          last = next.last;
          if (next.count > 0) pipeline.run({ now, updatedAt: null });
          return next.count;
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
