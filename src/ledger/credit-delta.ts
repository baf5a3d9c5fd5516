// What is still to be added to the totals of attribution? The sums of batches are stored as they come. Reports add them to the totals by
// themselves, so they can wait until there are many, and a total that many of them change is written once.
import type { Database } from "../../db/database.ts";
import { type CreditSums, openCreditSums } from "../credit/sums.ts";
import { addSums, MOST_NOTED } from "../credit/sums-bytes.ts";

/** With more bytes of sums or more rows than this, they are added to the totals. A report reads as many in about 2 ms. */
const MOST_BYTES = 100_000;
const MOST_ROWS = MOST_NOTED / 2;
/** How many sums by key and day are added to the totals in one step, but for those of its last row. It takes about 20 ms. */
const STEP_SUMS = 2000;

export interface CreditDeltas {
  /** Stores the sums of a batch, as the bytes of sums-bytes.ts. Call it within a write. */
  note(sums: Iterable<Uint8Array>): void;
  /** Are there so many that they should not wait? */
  isFull(): boolean;
  /** Are there more than a report reads? */
  isOverfull(): boolean;
  /** Adds some of what was noted to the totals, in one write. Gives whether there was anything. */
  fold(): boolean;
}

export function openCreditDeltas({ sqlite, write }: Database, addToTotals: (sums: CreditSums) => void): CreditDeltas {
  const insert = sqlite.prepare<[sums: Uint8Array]>(
    `INSERT INTO credit_delta (sums, noted_at) VALUES (?, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0))`,
  );
  const list = sqlite.prepare<[], { id: number; sums: Uint8Array }>(`SELECT id, sums FROM credit_delta ORDER BY id`);
  const drop = sqlite.prepare<[id: number]>(`DELETE FROM credit_delta WHERE id <= ?`);
  const overfull = sqlite.prepare(`SELECT 1 FROM credit_delta LIMIT 1 OFFSET ${MOST_NOTED}`);
  const measure = sqlite
    .prepare<[], [bytes: number, rows: number]>("SELECT coalesce(sum(length(sums)), 0), count(*) FROM credit_delta")
    .raw();
  // About what is stored. What other processes note or fold is not in it, nor is it taken back when a write fails.
  let [bytes, rows] = measure.get() ?? [0, 0];
  let isFolding = false; // until nothing is left
  const isOverfull = () => overfull.get() !== undefined;
  return {
    note(sums) {
      for (const piece of sums) {
        insert.run(piece);
        bytes += piece.length;
        rows += 1;
      }
    },
    isFull: () => isFolding || bytes > MOST_BYTES || rows > MOST_ROWS || isOverfull(),
    isOverfull,
    fold() {
      const left = write(() => {
        const sums = openCreditSums();
        let last: number | undefined;
        for (const row of list.iterate()) {
          addSums(sums, row.sums);
          last = row.id;
          if (sums.size() >= STEP_SUMS) break;
        }
        if (last === undefined) return undefined;
        drop.run(last);
        addToTotals(sums);
        return measure.get();
      });
      [bytes, rows] = left ?? [0, 0];
      isFolding = rows > 0;
      return left !== undefined;
    },
  };
}
