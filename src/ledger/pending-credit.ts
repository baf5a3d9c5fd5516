// Whose activity is still to be read, because they have very many entries? It is read and added to the totals in short steps, one customer at a time.
import { NUMBER_OF_TYPE } from "../../db/change.ts";
import type { Database } from "../../db/database.ts";
import { decodeInSteps, encodeInSteps } from "../credit/activity.ts";
import { type ContributionOptions, contribute } from "../credit/contribution.ts";
import type { ActivityReader } from "../credit/read-activity.ts";
import { openCreditSums } from "../credit/sums.ts";
import { encodeSums } from "../credit/sums-bytes.ts";

export interface PendingCredit {
  /** Notes that a customer's activity is to be read. Call it within a write. */
  note(customerId: number): void;
  /** Does one short step. Gives whether there was anything to do. */
  some(): boolean;
}

/** What else a step needs. `find` gives the stored activity of a customer, and `store` replaces it. */
export interface PendingCreditParts {
  readonly reader: ActivityReader;
  /** Notes what a customer adds to the totals, unless they are not in them yet. */
  readonly noteSums: (customerId: number, sums: Iterable<Uint8Array>) => void;
  readonly options: () => ContributionOptions;
  readonly find: (customerId: number) => Uint8Array | undefined;
  readonly store: (customerId: number, bytes: Uint8Array) => void;
}

interface Row {
  customerId: number;
  version: number;
}

/** The most touches and sales that are written or read as bytes before other requests get a turn, and the most pieces of sums. */
const AT_ONCE = 20_000;
const PIECES_AT_ONCE = 20;

export function openPendingCredit(database: Database, parts: PendingCreditParts): PendingCredit {
  const { sqlite, write } = database;
  const { reader, noteSums, options, find, store } = parts;
  const note = sqlite.prepare<[customerId: number]>(
    `INSERT INTO pending_credit (customer_id, version, noted_at) VALUES (?, 1, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0))
     ON CONFLICT DO UPDATE SET version = version + 1`,
  );
  const next = sqlite.prepare<[], Row>(`SELECT customer_id AS customerId, version FROM pending_credit ORDER BY noted_at LIMIT 1`);
  // A change that came meanwhile has raised the version, and then the customer is read once more.
  const end = sqlite.prepare<Row>(`DELETE FROM pending_credit WHERE customer_id = :customerId AND version = :version`);
  // Whoever follows the feed knows of the customer's change, but not that their attribution is computed only now. A standby tells nothing.
  const tell = sqlite.prepare<[customerId: number]>(
    `INSERT INTO change (type, id) SELECT ${NUMBER_OF_TYPE.get("customer.recomputed")}, ? WHERE NOT EXISTS (SELECT 1 FROM setting WHERE name = 'following')`,
  );
  let work: Generator<void, void> | undefined;

  function* read(row: Row): Generator<void, void> {
    const { customerId } = row;
    const stored = find(customerId);
    const activity = yield* reader.wholeInSteps(customerId);
    yield;
    const bytes = yield* encodeInSteps(activity, AT_ONCE);
    const sums = openCreditSums();
    const how = write(options);
    if (stored === undefined || Buffer.compare(stored, bytes) !== 0) {
      if (stored !== undefined) yield* contribute(yield* decodeInSteps(stored, AT_ONCE), -1, sums, how);
      yield* contribute(activity, 1, sums, how);
    }
    const pieces: Uint8Array[] = [];
    for (const piece of encodeSums(sums)) if (pieces.push(piece) % PIECES_AT_ONCE === 0) yield;
    write(() => {
      const isUnchanged = Buffer.compare(find(customerId) ?? new Uint8Array(), stored ?? new Uint8Array()) === 0;
      if (!isUnchanged) return; // another process did it; the row is gone, or the next step begins anew
      noteSums(customerId, pieces);
      store(customerId, bytes);
      end.run(row);
      tell.run(customerId);
    });
  }

  return {
    note: (customerId) => void note.run(customerId),
    some() {
      if (work === undefined) {
        const row = next.get();
        if (row === undefined) return false;
        work = read(row);
      }
      try {
        if (work.next().done) work = undefined;
        return true;
      } catch (error) {
        work = undefined;
        throw error;
      }
    },
  };
}
