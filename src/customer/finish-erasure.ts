// What is done for an erasure after the customer is hidden? Whatever is left that says something of them is removed, in as many short writes as it
// takes, in this order: their clicks are pinned, their profile updates and entries stripped, then others' entries that name them; then, some at a time,
// their visitorIds and names are released, removed from what others say, and the names given on.
import type { Sqlite } from "../../db/connection.ts";
import { DEFAULTED, type entry, type pendingErasure, type profileUpdate, REFUND } from "../../db/schema.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Name } from "../ledger/name.ts";
import { DECLARED_BY_NAME } from "../ledger/named-row.ts";

type Item = Readonly<typeof pendingErasure.$inferSelect>;
type Kind = Item["kind"];
/** In the order in which they are done. */
const KINDS = ["click", "told", "entry", "external_id", "visitor", "email", "alias", "claim"] as const satisfies readonly Kind[];
/** The customer that an entry belongs to, if any. */
type Owner = (typeof entry.$inferSelect)["customerId"];

/** What an erased customer was called, besides by what they had claimed: the name that they were known by, if they had no externalId. */
export interface Traces {
  readonly externalIds: readonly string[];
  readonly known: Name | undefined;
}

export interface FinishErasure {
  /** Notes what is to be done for a customer who is being hidden. Call it within that write. */
  note(customerId: number, traces: Traces): void;
  /** Does what comes next, within a write. Returns about how many rows it looked at; 0: nothing is left of any erasure. */
  some(): number;
  /** Gives the other customers whose entries have said something of the erased since the last call: what is derived for them may still say it. */
  takeTouched(): number[];
  /** Is anything left for this customer? */
  isPending(customerId: number): boolean;
}

/** What was done of an item: how many rows were looked at, and from where on it is to be continued; undefined: it is done. */
interface Part {
  readonly count: number;
  readonly rest: Item | undefined;
}

/** The most entries of one part. Stripping as many takes about 10 ms. */
const AT_ONCE = 250;

const PERSONAL = `external_id = NULL, email = NULL, aliases = NULL, name = NULL, avatar = NULL, country = NULL, visitor_id = NULL, url = NULL, referrer = NULL, metadata = NULL`;
/** DEFAULTED.erased marks the entries of others, because they cannot be compared with a replay any more. */
const MARKED = `defaulted = defaulted | ${DEFAULTED.erased}`;
/** The entries of a part, looked up by their ids. By an index, SQLite would read all entries of a customer again for each part. */
const ENTRY_BY_ID = "entry NOT INDEXED";
const IDS = "(SELECT value FROM json_each(:ids))";
const OTHERS_REFUND = `entry.type = ${REFUND} AND entry.erased_customer_id IS NULL`;
/** The other aliases of an entry stay. */
const OTHER_ALIASES = `aliases = (SELECT nullif(json_group_array(j.value), '[]') FROM json_each(entry.aliases) AS j WHERE j.value <> :value)`;

export function openFinishErasure(sqlite: Sqlite, ledger: Pick<Ledger, "identity" | "markStale">, atOnce = AT_ONCE): FinishErasure {
  const insert = sqlite.prepare(
    `INSERT INTO pending_erasure (customer_id, kind, value, up_to_id) VALUES (?, ?, ?, (SELECT coalesce(max(id), 0) FROM entry))`,
  );
  const columns = `customer_id AS customerId, kind, value, up_to_id AS upToId, after_value AS afterValue, after_at AS afterAt, after_type AS afterType, after_id AS afterId`;
  const next = KINDS.map((kind) =>
    sqlite.prepare<[customerId: number], Item>(`SELECT ${columns} FROM pending_erasure WHERE customer_id = ? AND kind = '${kind}' LIMIT 1`),
  );
  const anybody = sqlite.prepare<[], number>(`SELECT customer_id FROM pending_erasure LIMIT 1`).pluck();
  const isPending = sqlite.prepare<[customerId: number]>(`SELECT 1 FROM pending_erasure WHERE customer_id = ? LIMIT 1`);
  const keep = sqlite.prepare<Item>(
    `UPDATE pending_erasure SET after_value = :afterValue, after_at = :afterAt, after_type = :afterType, after_id = :afterId
     WHERE customer_id = :customerId AND kind = :kind AND value = :value`,
  );
  const end = sqlite.prepare<Item>(`DELETE FROM pending_erasure WHERE customer_id = :customerId AND kind = :kind AND value = :value`);

  type Place = Pick<typeof entry.$inferSelect, "id" | "at" | "type">;
  // In the order of entry_customer: first the rest of the same timestamp and type, then later ones.
  const ofCustomer = (condition: string) =>
    sqlite.prepare<Item, Place>(
      `SELECT id, at, type FROM entry INDEXED BY entry_customer WHERE customer_id = :customerId AND ${condition} ORDER BY at, type, id LIMIT ${atOnce}`,
    );
  const samePlace = ofCustomer("at = :afterAt AND type = :afterType AND id > :afterId");
  const laterPlace = ofCustomer("(at, type) > (:afterAt, :afterType)");
  const ids = (condition: string) =>
    sqlite
      .prepare<Item, number>(`SELECT id FROM entry ${condition} AND id > :afterId AND id <= :upToId ORDER BY id LIMIT ${atOnce}`)
      .pluck();
  const refundsNaming = ids(`INDEXED BY entry_refund_named WHERE type = ${REFUND} AND external_id = :value`);
  const ofVisitor = ids("INDEXED BY entry_visitor WHERE visitor_id = :value");
  const ofName = {
    email: ids("INDEXED BY entry_email WHERE email = :value"),
    alias: sqlite
      .prepare<Item, number>(
        `SELECT entry_id FROM entry_alias WHERE alias = :value AND entry_id > :afterId AND entry_id <= :upToId ORDER BY entry_id LIMIT ${atOnce}`,
      )
      .pluck(),
  };

  interface These {
    readonly ids: string; // JSON
    readonly customerId: number;
    readonly value: string;
  }
  const dropAliases = (condition: string) =>
    sqlite.prepare<These>(
      `DELETE FROM entry_alias WHERE (alias, entry_id) IN (SELECT j.value, entry.id FROM ${ENTRY_BY_ID}, json_each(entry.aliases) AS j
       WHERE entry.id IN ${IDS} AND entry.aliases IS NOT NULL AND ${condition})`,
    );
  const update = (set: string, condition: string) =>
    sqlite.prepare<These, Owner>(`UPDATE ${ENTRY_BY_ID} SET ${set} WHERE id IN ${IDS} AND ${condition} RETURNING customer_id`).pluck();
  const isTheirs = "customer_id = :customerId AND erased_customer_id IS NULL";
  const dropTheirAliases = dropAliases(isTheirs);
  const strip = update(
    `erased_customer_id = :customerId, declared_customer_id = CASE WHEN ${DECLARED_BY_NAME} THEN :customerId ELSE declared_customer_id END, ${PERSONAL}`,
    isTheirs,
  );
  const dropAliasesOfRefunds = dropAliases(OTHERS_REFUND);
  const stripRefunds = update(`${PERSONAL}, ${MARKED}`, OTHERS_REFUND);
  const clearVisitor = update(`visitor_id = NULL, ${MARKED}`, "visitor_id = :value");
  const clearName = {
    email: update(`email = NULL, ${MARKED}`, OTHERS_REFUND),
    alias: update(`${OTHER_ALIASES}, ${MARKED}`, OTHERS_REFUND),
  };
  const dropAliasOfRefunds = sqlite.prepare<These>(
    `DELETE FROM entry_alias WHERE alias = :value AND entry_id IN (SELECT id FROM ${ENTRY_BY_ID} WHERE id IN ${IDS} AND ${OTHERS_REFUND})`,
  );

  const nextTold = sqlite.prepare<Item, Pick<typeof profileUpdate.$inferSelect, "id" | "email">>(
    `SELECT id, email FROM profile_update WHERE customer_id = :customerId AND id > :afterId ORDER BY id LIMIT ${atOnce}`,
  );
  const dropAliasesOfTold = sqlite.prepare<[ids: string]>(
    `DELETE FROM profile_update_alias WHERE (alias, profile_update_id) IN (SELECT j.value, p.id FROM profile_update AS p, json_each(p.aliases) AS j
     WHERE p.id IN (SELECT value FROM json_each(?)) AND p.aliases IS NOT NULL)`,
  );
  const stripTold = sqlite.prepare<[ids: string]>(
    `UPDATE profile_update SET known_email = NULL, known_alias = NULL, key = '', email = NULL, aliases = NULL, visitor_id = NULL, profile = '{}'
     WHERE id IN (SELECT value FROM json_each(?))`,
  );
  const clearVisitorOfTold = sqlite.prepare<[visitorId: string]>(
    `UPDATE profile_update SET visitor_id = NULL WHERE id IN (SELECT id FROM profile_update WHERE visitor_id = ? LIMIT ${atOnce})`,
  );

  let touched = new Set<number>();
  const touch = (owners: readonly Owner[]) => {
    for (const owner of owners) {
      if (owner === null) continue;
      ledger.markStale(owner);
      touched.add(owner);
    }
  };
  const toThese = ({ customerId, value }: Item, found: readonly number[]): These => ({ ids: JSON.stringify(found), customerId, value });

  /** Handles the entries of a value that come next by id. */
  function byId(item: Item, found: readonly number[], handle: (these: These) => void): Part {
    if (found.length > 0) handle(toThese(item, found));
    return { count: found.length, rest: found.length < atOnce ? undefined : { ...item, afterId: found.at(-1) ?? 0 } };
  }

  /** Refunds of others say the name no longer, and whoever else brings it claims it now. */
  function byName({ kind, value }: Name, item: Item): Part {
    const found = ofName[kind].all(item);
    const part = byId(item, found, (these) => {
      if (kind === "alias") dropAliasOfRefunds.run(these);
      touch(clearName[kind].all(these));
      ledger.identity.reassignEntries(found);
    });
    if (!part.rest) ledger.identity.reassignToTold({ kind, value });
    return part;
  }

  const PARTS: Readonly<Record<Kind, (item: Item) => Part>> = {
    click(item) {
      const pinned = ledger.identity.pinSome(item.customerId, item.afterValue, atOnce);
      return { count: pinned.length, rest: pinned.length < atOnce ? undefined : { ...item, afterValue: pinned.at(-1) ?? "" } };
    },
    told(item) {
      const found = nextTold.all(item);
      for (const update of found) ledger.identity.forgetUpdate(update, item.customerId);
      return byId(
        item,
        found.map(({ id }) => id),
        ({ ids }) => {
          dropAliasesOfTold.run(ids);
          stripTold.run(ids);
        },
      );
    },
    claim(item) {
      const count = ledger.identity.forgetSome(item.customerId, atOnce);
      return { count, rest: count < atOnce ? undefined : item };
    },
    entry(item) {
      const same = samePlace.all(item);
      const places = same.length > 0 ? same : laterPlace.all(item);
      const last = places.at(-1);
      if (last === undefined) return { count: 0, rest: undefined };
      const these = toThese(
        item,
        places.map(({ id }) => id).filter((id) => id <= item.upToId),
      );
      dropTheirAliases.run(these);
      strip.all(these);
      return { count: places.length, rest: { ...item, afterAt: last.at, afterType: last.type, afterId: last.id } };
    },
    external_id: (item) =>
      byId(item, refundsNaming.all(item), (these) => {
        dropAliasesOfRefunds.run(these);
        touch(stripRefunds.all(these));
      }),
    visitor(item) {
      const told = clearVisitorOfTold.run(item.value).changes;
      if (told === atOnce) return { count: told, rest: item };
      const part = byId(item, ofVisitor.all(item), (these) => void clearVisitor.all(these));
      // Whoever took on a name of theirs, or was moved meanwhile, may have claimed the visitorId by an entry that has just lost it.
      if (!part.rest) ledger.identity.releaseUnsaidVisitor(item.value);
      return part;
    },
    email: (item) => byName({ kind: "email", value: item.value }, item),
    alias: (item) => byName({ kind: "alias", value: item.value }, item),
  };

  const firstItem = (customerId: number) =>
    next.reduce<Item | undefined>((found, statement) => found ?? statement.get(customerId), undefined);

  return {
    note(customerId, { externalIds, known }) {
      for (const kind of ["click", "told", "claim", "entry"] satisfies Kind[]) insert.run(customerId, kind, "");
      for (const value of externalIds) insert.run(customerId, "external_id", value);
      if (known) insert.run(customerId, known.kind, known.value);
    },
    some() {
      let done = 0;
      for (let of = anybody.get(); of !== undefined && done < atOnce; of = anybody.get()) {
        const item = firstItem(of);
        if (item === undefined) break;
        const { count, rest } = PARTS[item.kind](item);
        if (rest) keep.run(rest);
        else end.run(item);
        done += count + 1;
      }
      return done;
    },
    takeTouched() {
      const taken = [...touched];
      touched = new Set();
      return taken;
    },
    isPending: (customerId) => isPending.get(customerId) !== undefined,
  };
}
