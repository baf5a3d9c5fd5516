// Which entries name this person, whoever owns them? Their ids, found in short reads, so that nobody waits for those of a long history.
import type { Sqlite } from "../../db/connection.ts";
import { type claim, type entry, REFUND } from "../../db/schema.ts";
import { openTurn } from "../host/turn.ts";

type Id = (typeof entry.$inferSelect)["id"];
type Value = (typeof claim.$inferSelect)["value"];

/** How many ids one query reads. */
const AT_ONCE = 1000;
/** How many ids are sorted at once. It takes some 3 ms. */
const SORTED_AT_ONCE = 100_000;

/** By what an entry names a person. */
export type NameKind = "externalId" | "email" | "alias";

export interface PersonEntryIds {
  /**
   * Gives the ids, sorted and each once. It gives undefined wherever others should have their turn. What names them and what they own is found
   * in this order, so an entry that becomes theirs meanwhile is not missed. `names`: everything that they are called, in pages.
   */
  find(customerId: number, names: Iterable<readonly [kind: NameKind, values: readonly Value[]]>): Generator<Id | undefined>;
}

/** Prepares the statements. `atOnce`, `sortedAtOnce`: how many ids are read and sorted at once; for tests. */
export function openPersonEntryIds(sqlite: Sqlite, atOnce = AT_ONCE, sortedAtOnce = SORTED_AT_ONCE): PersonEntryIds {
  const naming = (from: string, id = "id") =>
    sqlite
      .prepare<{ value: number | string; after: Id }, Id>(
        `SELECT ${id} FROM ${from} = :value AND ${id} > :after ORDER BY ${id} LIMIT ${atOnce}`,
      )
      .pluck();
  // A refund of another customer's sale names them by an externalId, an email or an alias.
  const declaring = naming(`entry INDEXED BY entry_refund_declared WHERE type = ${REFUND} AND declared_customer_id`);
  const byName: Readonly<Record<NameKind, typeof declaring>> = {
    // If it came before they were known, it declares no customer.
    externalId: naming(`entry INDEXED BY entry_refund_named WHERE type = ${REFUND} AND declared_customer_id IS NULL AND external_id`),
    email: naming("entry INDEXED BY entry_email WHERE email"),
    alias: naming("entry_alias WHERE alias", "entry_id"),
  };
  type Place = Pick<typeof entry.$inferSelect, "id" | "at" | "type">;
  // In the order of entry_customer: first the rest of the same timestamp and type, then later ones.
  const owned = (condition: string) =>
    sqlite.prepare<Place & { customerId: number }, Place>(
      `SELECT id, at, type FROM entry INDEXED BY entry_customer WHERE customer_id = :customerId AND ${condition} ORDER BY at, type, id LIMIT ${atOnce}`,
    );
  const samePlace = owned("at = :at AND type = :type AND id > :id");
  const laterPlace = owned("(at, type) > (:at, :type)");

  /** Pages of ids, in any order. */
  function* pages(customerId: number, names: Iterable<readonly [kind: NameKind, values: readonly Value[]]>): Generator<Id[]> {
    function* of(statement: typeof declaring, value: number | string): Generator<Id[]> {
      for (let after = 0, isLeft = true; isLeft; ) {
        const ids = statement.all({ value, after });
        yield ids;
        after = ids.at(-1) ?? 0;
        isLeft = ids.length === atOnce;
      }
    }
    yield* of(declaring, customerId);
    for (const [kind, values] of names) for (const value of values) yield* of(byName[kind], value);
    for (let place: Place | undefined = { at: Number.MIN_SAFE_INTEGER, type: -1, id: 0 }; place; ) {
      const same: Place[] = samePlace.all({ customerId, ...place });
      const places: Place[] = same.length > 0 ? same : laterPlace.all({ customerId, ...place });
      yield places.map(({ id }) => id);
      place = places.at(-1);
    }
  }

  return {
    *find(customerId, names) {
      const isOver = openTurn();
      const runs: Float64Array[] = []; // each sorted
      let found: Id[] = [];
      const sort = () => {
        if (found.length > 0) runs.push(Float64Array.from(found).sort());
        found = [];
      };
      for (const ids of pages(customerId, names)) {
        found.push(...ids);
        if (found.length >= sortedAtOnce) sort();
        if (isOver()) yield undefined;
      }
      sort();
      yield undefined;
      yield* merged(runs);
    },
  };
}

/** The ids of all runs, sorted and each once. */
function* merged(runs: readonly Float64Array[]): Generator<Id> {
  const places = runs.map(() => 0);
  for (let last = 0; ; ) {
    let least = Number.POSITIVE_INFINITY;
    for (const [index, run] of runs.entries()) {
      while ((run[places[index] as number] as number) <= last) places[index] = (places[index] as number) + 1;
      least = Math.min(least, run[places[index] as number] ?? Number.POSITIVE_INFINITY);
    }
    if (least === Number.POSITIVE_INFINITY) return;
    last = least;
    yield least;
  }
}
