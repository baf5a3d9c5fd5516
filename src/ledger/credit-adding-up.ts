// How are all totals of attribution added up anew? From the stored activities, some customers at a time, while everything else goes on. Until
// then the table `credit_adding_up` says whose are in them, and reports compute what they answer from the activities.
import type { Database } from "../../db/database.ts";
import { decodeInSteps } from "../credit/activity.ts";
import { type ContributionOptions, contribute } from "../credit/contribution.ts";
import { openCreditSums } from "../credit/sums.ts";
import { encodeSums } from "../credit/sums-bytes.ts";

/** How much is added in a step: customers, and bytes of their activities, but for those of the last customer. A step takes about 10 ms. */
const MOST_CUSTOMERS = 250;
const MOST_BYTES = 16_000;
/** The most touches and sales that are read as bytes before other requests get a turn, and the most pieces of sums. */
const AT_ONCE = 20_000;
const PIECES_AT_ONCE = 20;

export interface CreditAddingUp {
  /** Begins anew. Call it within a write. */
  begin(): void;
  /** The last customer who is in the totals; undefined: everybody is. */
  last(): number | undefined;
  /** Does one short step. Gives whether there was anything to do. */
  some(): boolean;
}

interface Row {
  readonly customerId: number;
  readonly activity: Uint8Array;
}

/** `note` adds pieces of sums to what is noted for the totals. */
export function openCreditAddingUp(
  { sqlite, write }: Database,
  { note, options }: { note: (sums: Iterable<Uint8Array>) => void; options: () => ContributionOptions },
): CreditAddingUp {
  const findLast = sqlite.prepare<[], number>("SELECT last_customer_id FROM credit_adding_up").pluck();
  const setLast = sqlite.prepare<[customerId: number]>("UPDATE credit_adding_up SET last_customer_id = ?");
  const list = sqlite.prepare<[after: number], Row>(
    `SELECT customer_id AS customerId, activity FROM customer_activity WHERE customer_id > ? ORDER BY customer_id LIMIT ${MOST_CUSTOMERS}`,
  );
  let work: Generator<void, void> | undefined;

  function next(after: number): Row[] {
    const rows: Row[] = [];
    let bytes = 0;
    for (const row of list.iterate(after)) {
      rows.push(row);
      bytes += row.activity.length;
      if (bytes > MOST_BYTES) break;
    }
    return rows;
  }

  /** One batch of customers. Somebody with very many touches and sales takes several steps. */
  function* addBatch(after: number): Generator<void, void> {
    const rows = next(after);
    const sums = openCreditSums();
    const how = write(options);
    for (const { activity } of rows) yield* contribute(yield* decodeInSteps(activity, AT_ONCE), 1, sums, how);
    const pieces: Uint8Array[] = [];
    for (const piece of encodeSums(sums)) if (pieces.push(piece) % PIECES_AT_ONCE === 0) yield;
    write(() => {
      const now = next(after);
      const isUnchanged = now.length === rows.length && now.every((row, place) => isSame(row, rows[place]));
      if (findLast.get() !== after || !isUnchanged) return; // the next step reads them again
      note(pieces);
      const last = rows.at(-1)?.customerId;
      if (last === undefined) sqlite.exec("DELETE FROM credit_adding_up");
      else setLast.run(last);
    });
  }

  return {
    begin() {
      sqlite.exec("DELETE FROM credit_total; DELETE FROM credit_customer; DELETE FROM credit_delta");
      sqlite.exec("INSERT OR REPLACE INTO credit_adding_up VALUES (1, 0)");
    },
    last: () => findLast.get(),
    some() {
      const after = work === undefined ? findLast.get() : 0;
      if (after === undefined) return false;
      work ??= addBatch(after);
      try {
        if (work.next().done) work = undefined;
      } catch (error) {
        work = undefined;
        throw error;
      }
      return true;
    },
  };
}

const isSame = (a: Row, b: Row | undefined) => a.customerId === b?.customerId && Buffer.compare(a.activity, b.activity) === 0;
