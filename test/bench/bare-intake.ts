// The peer of the intake: multi-row inserts of the same rows into the same tables and indexes, a thousand entries per transaction, synced each time.
import Driver from "better-sqlite3";
import { FIRST_NEW_CUSTOMER } from "./feed.ts";
import {
  CLAIM_INSERT,
  CUSTOMER_ID,
  CUSTOMER_INSERT,
  claimValues,
  DECLARED_CUSTOMER_ID,
  EXTERNAL_ID_INSERT,
  entryInsert,
  entryValues,
} from "./rows.ts";
import { externalIdOf, type Fact, REFUND } from "./world.ts";

const ROWS = 50;

export interface BareRow {
  readonly fact: Fact;
  readonly values: ReturnType<typeof entryValues>;
}

export interface BareIntake {
  /** Builds the rows of entries, without their owners. It is not timed, because the peer gets finished rows. */
  toRows(facts: readonly Fact[]): BareRow[];
  /** Stores rows in one transaction. */
  store(rows: readonly BareRow[]): void;
  close(): void;
}

export interface BareOptions {
  /** The database is empty: every customer is new. */
  readonly isEmpty?: boolean;
  /** How many rows one statement inserts. */
  readonly rows?: number;
}

/** Opens the peer on a database of ours. The owner of each entry is looked up, and nothing is derived. */
export function openBareIntake(path: string, crowd: number, { isEmpty = false, rows: atOnce = ROWS }: BareOptions = {}): BareIntake {
  const sqlite = new Driver(path);
  for (const pragma of ["journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"]) sqlite.pragma(pragma);
  const [many, one] = [sqlite.prepare(entryInsert(atOnce)), sqlite.prepare(entryInsert(1))];
  const [customer, externalId, claim] = [CUSTOMER_INSERT, EXTERNAL_ID_INSERT, CLAIM_INSERT].map((sql) => sqlite.prepare(sql));
  const find = sqlite.prepare("SELECT customer_id FROM external_id WHERE external_id = ?").pluck();
  let lastCustomer = sqlite.prepare("SELECT coalesce(max(id), 0) FROM customer").pluck().get() as number;
  let lastEntry = sqlite.prepare("SELECT coalesce(max(id), 0) FROM entry").pluck().get() as number;
  const claimed = new Set<number>();
  const isKnown = ({ customer }: Fact) => !isEmpty && customer < FIRST_NEW_CUSTOMER;

  function ensure(fact: Fact): number {
    const name = externalIdOf(fact.customer, crowd);
    const known = find.get(name) as number | undefined;
    if (known !== undefined) return known;
    if (isKnown(fact)) throw new Error(`no customer ${name}`);
    customer?.run(++lastCustomer, name, fact.at, fact.at);
    externalId?.run(name, lastCustomer);
    return lastCustomer;
  }

  const store = sqlite.transaction((rows: readonly BareRow[]) => {
    const ids = rows.map(({ fact, values }) => {
      const id = ensure(fact);
      if (fact.type !== REFUND) values[DECLARED_CUSTOMER_ID] = id;
      values[CUSTOMER_ID] = id;
      return id;
    });
    for (let from = 0; from < rows.length; from += atOnce) {
      const some = rows.slice(from, from + atOnce);
      if (some.length === atOnce) many.run(some.flatMap(({ values }) => values));
      else for (const { values } of some) one.run(values);
    }
    rows.forEach(({ fact }, index) => {
      lastEntry++;
      const claiming = claimValues(fact, crowd, lastEntry, ids[index] ?? 0, claimed.has(fact.customer) || isKnown(fact));
      if (claiming) claim?.run(claiming);
      if (claiming?.[0] === "email") claimed.add(fact.customer);
    });
  });
  return {
    toRows: (facts) => facts.map((fact) => ({ fact, values: entryValues(fact, crowd, 0, fact.at) })),
    store,
    close: () => void sqlite.close(),
  };
}
