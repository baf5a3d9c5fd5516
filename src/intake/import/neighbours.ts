// Which calls might have been answered otherwise without the rows of an import? Those that are connected with such a row by names. When a row is
// taken back, another row for each of its names is noted, and from these all that share names are found at the end.
import type { importNeighbour } from "../../../db/import-schema.ts";
import { type entry, type profileUpdate, REFUND, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { toAliases } from "../../ledger/name.ts";
import type { SentRow } from "../replay.ts";
import { SENT } from "../stored-draft.ts";

export type Neighbour = typeof importNeighbour.$inferSelect;
type Kind = Neighbour["kind"];
type Another = { readonly value: string; readonly id: number };
type EntryRow = Pick<typeof entry.$inferSelect, "id" | "key" | "declaredCustomerId" | "receivedAt">;

/** An entry as it was sent, with the customer whom its externalId means. */
export type NamingEntry = SentRow & EntryRow;
/** A profile update. `call`: JSON of a `StoredCall`. */
export type NamingUpdate = typeof profileUpdate.$inferSelect;

/** Entries and profile updates that are connected by names. */
export interface Connected {
  readonly entries: readonly NamingEntry[];
  readonly updates: readonly NamingUpdate[];
  /** The same as they are noted. */
  readonly rows: readonly Neighbour[];
}

export interface Neighbours {
  /** Notes who shares a name with an entry that is about to be taken back, within a write. */
  noteOfEntry(id: number, importId: number): void;
  /** The same of a profile update. */
  noteOfUpdate(id: number, importId: number): void;
  /** Notes a row that stays, because another way brought it too, within a write. */
  noteKept(kind: Kind, id: number): void;
  /** A row that was noted; undefined: none is left. */
  next(): Neighbour | undefined;
  /** All that is connected with a row. Undefined: it is more than is decided anew. */
  connectedWith(row: Neighbour): Connected | undefined;
  /** Forgets rows, within a write. */
  forget(rows: Iterable<Neighbour>): void;
}

/** How many rows are read for one call. What is connected with more stays as it was answered. */
const MOST_ROWS = 1000;

const ENTRY = `id, key, declared_customer_id AS declaredCustomerId, received_at AS receivedAt, ${SENT}`;
const UPDATE = `id, customer_id AS customerId, known_email AS knownEmail, known_alias AS knownAlias, is_said AS isSaid, is_creation AS isCreation, at,
  called_at AS calledAt, key, email, aliases, click_id AS clickId, visitor_id AS visitorId, source, campaign, profile, call`;

/** The externalId that an update was told of; undefined: it names its customer otherwise. */
export const externalIdOf = ({ key, knownEmail, knownAlias, isSaid }: NamingUpdate): string | undefined =>
  knownEmail !== null || knownAlias !== null || (isSaid === 1 && key === "") ? undefined : key;

type Naming = Pick<NamingEntry, "email" | "aliases" | "clickId" | "visitorId"> & Partial<Pick<NamingUpdate, "knownEmail" | "knownAlias">>;

/** What a row is connected by, beside an externalId: names, and its click and visitor, by which entries without names are somebody's. */
function namesOf(row: Naming) {
  const { email, knownEmail = null, aliases, knownAlias = null, clickId, visitorId } = row;
  return [
    ...[email, knownEmail].flatMap((value) => (value === null ? [] : [["email", value] as const])),
    ...[...toAliases(aliases), knownAlias].flatMap((value) => (value === null ? [] : [["alias", value] as const])),
    ...(clickId === null ? [] : [["click", clickId] as const]),
    ...(visitorId === null ? [] : [["visitor", visitorId] as const]),
  ];
}

/** Of entries without names, so many of a click or visitor are enough to see that their customer is there. */
const MOST_NAMELESS = 20;
const NAMED = "(external_id IS NOT NULL OR email IS NOT NULL OR aliases IS NOT NULL)";
const ofVisit = (column: "click_id" | "visitor_id") =>
  `id IN (SELECT id FROM entry WHERE ${column} = ? AND ${NAMED} UNION ALL
     SELECT id FROM (SELECT id FROM entry WHERE ${column} = ? AND NOT ${NAMED} ORDER BY id LIMIT ${MOST_NAMELESS}))`;

/** `mostRows`: how many rows are read for one call; for tests. */
export function openNeighbours(
  { database: { sqlite }, ledger: { ways } }: Pick<Context, "database" | "ledger">,
  mostRows = MOST_ROWS,
): Neighbours {
  const entriesWhere = (condition: string) =>
    sqlite.prepare<unknown[], NamingEntry>(
      `SELECT ${ENTRY} FROM entry WHERE ${condition} AND erased_customer_id IS NULL LIMIT ${mostRows + 1}`,
    );
  const updatesWhere = (condition: string) =>
    sqlite.prepare<unknown[], NamingUpdate>(
      `SELECT ${UPDATE} FROM profile_update WHERE (${condition}) AND EXISTS (SELECT 1 FROM customer AS c WHERE c.id = customer_id AND deleted_at IS NULL) LIMIT ${mostRows + 1}`,
    );
  const entries = {
    id: entriesWhere("id = ?"),
    email: entriesWhere("email = ? AND email = ?"),
    alias: entriesWhere("id IN (SELECT entry_id FROM entry_alias WHERE alias = ? AND alias = ?)"),
    click: entriesWhere(ofVisit("click_id")),
    visitor: entriesWhere(ofVisit("visitor_id")),
    externalId: entriesWhere("customer_id = ? AND external_id = ?"),
    refund: entriesWhere(`type = ${REFUND} AND external_id = ?`),
    sale: entriesWhere(`type = ${SALE} AND key = ?`),
  };
  const updates = {
    id: updatesWhere("id = ?"),
    email: updatesWhere("known_email = ? OR email = ?"),
    alias: updatesWhere("known_alias = ? OR id IN (SELECT profile_update_id FROM profile_update_alias WHERE alias = ?)"),
    click: updatesWhere("click_id = ? AND click_id = ?"),
    visitor: updatesWhere("visitor_id = ? AND visitor_id = ?"),
    externalId: updatesWhere("customer_id = ? AND key = ? AND known_email IS NULL AND known_alias IS NULL"),
  };
  const another = {
    entry: {
      click: sqlite.prepare<Another, number>("SELECT id FROM entry WHERE click_id = :value AND id <> :id ORDER BY id DESC LIMIT 1").pluck(),
      visitor: sqlite
        .prepare<Another, number>("SELECT id FROM entry WHERE visitor_id = :value AND id <> :id ORDER BY id DESC LIMIT 1")
        .pluck(),
      email: sqlite.prepare<Another, number>("SELECT id FROM entry WHERE email = :value AND id <> :id ORDER BY id DESC LIMIT 1").pluck(),
      alias: sqlite
        .prepare<Another, number>(
          "SELECT entry_id FROM entry_alias WHERE alias = :value AND entry_id <> :id ORDER BY entry_id DESC LIMIT 1",
        )
        .pluck(),
    },
    profile_update: {
      click: sqlite.prepare<Another, number>("SELECT id FROM profile_update WHERE click_id = :value AND id <> :id LIMIT 1").pluck(),
      visitor: sqlite.prepare<Another, number>("SELECT id FROM profile_update WHERE visitor_id = :value AND id <> :id LIMIT 1").pluck(),
      email: sqlite
        .prepare<Another, number>("SELECT id FROM profile_update WHERE (known_email = :value OR email = :value) AND id <> :id LIMIT 1")
        .pluck(),
      alias: sqlite
        .prepare<Another, number>(
          `SELECT id FROM profile_update WHERE (known_alias = :value OR id IN (SELECT profile_update_id FROM profile_update_alias WHERE alias = :value)) AND id <> :id LIMIT 1`,
        )
        .pluck(),
    },
  };
  const toldOf = sqlite
    .prepare<[customerId: number, externalId: string, id: number], number>(
      "SELECT id FROM profile_update WHERE customer_id = ? AND key = ? AND id <> ? AND known_email IS NULL AND known_alias IS NULL LIMIT 1",
    )
    .pluck();
  const refundsOf = sqlite
    .prepare<[string], number>(`SELECT id FROM entry WHERE type = ${REFUND} AND sale_key = ? AND external_id IS NOT NULL LIMIT ${mostRows}`)
    .pluck();
  const newCall = sqlite.prepare("SELECT 1 FROM profile_update WHERE id > ? AND call IS NOT NULL LIMIT 1");
  const lastUpdate = sqlite.prepare<[], number | null>("SELECT max(id) FROM profile_update").pluck();
  const note = sqlite.prepare<[kind: Kind, rowId: number]>("INSERT OR IGNORE INTO import_neighbour (kind, row_id) VALUES (?, ?)");
  const drop = sqlite.prepare<[kind: Kind, rowId: number]>("DELETE FROM import_neighbour WHERE kind = ? AND row_id = ?");
  const next = sqlite.prepare<[], Neighbour>("SELECT kind, row_id AS rowId FROM import_neighbour LIMIT 1");

  let hasCalls = false;
  let seen = 0;
  /** Is there any call that could be decided anew? Where there are none, as in most workspaces, nothing is noted. */
  function isAnyCall(): boolean {
    if (hasCalls) return true;
    const last = lastUpdate.get() ?? 0;
    hasCalls = newCall.get(seen) !== undefined;
    seen = Math.min(seen, last) === seen ? last : 0;
    return hasCalls;
  }

  /** The import's own rows note others when their own turn comes, and those that stay are noted then. */
  function noteUnlessOwn(kind: Kind, id: number | undefined, importId: number): void {
    if (id !== undefined && ways.importOf(kind, id) !== importId) note.run(kind, id);
  }

  function noteNames(row: Naming, of: { readonly entry?: number; readonly update?: number }, importId: number): void {
    for (const [kind, value] of namesOf(row)) {
      noteUnlessOwn("entry", another.entry[kind].get({ value, id: of.entry ?? 0 }), importId);
      noteUnlessOwn("profile_update", another.profile_update[kind].get({ value, id: of.update ?? 0 }), importId);
    }
  }

  return {
    noteOfEntry(id, importId) {
      const row = isAnyCall() ? entries.id.get(id) : undefined;
      if (row === undefined) return;
      const { declaredCustomerId, externalId, type, key } = row;
      noteNames(row, { entry: id }, importId);
      if (declaredCustomerId !== null && externalId !== null)
        noteUnlessOwn("profile_update", toldOf.get(declaredCustomerId, externalId, 0), importId);
      if (type === SALE) for (const refund of refundsOf.all(key)) noteUnlessOwn("entry", refund, importId);
    },
    noteOfUpdate(id, importId) {
      const row = isAnyCall() ? updates.id.get(id) : undefined;
      if (row === undefined) return;
      noteNames(row, { update: id }, importId);
      const externalId = externalIdOf(row);
      if (externalId !== undefined) noteUnlessOwn("profile_update", toldOf.get(row.customerId, externalId, id), importId);
    },
    noteKept(kind, id) {
      if (isAnyCall()) note.run(kind, id);
    },
    next: () => next.get(),
    connectedWith({ kind, rowId }) {
      const found = { entry: new Map<number, NamingEntry>(), profile_update: new Map<number, NamingUpdate>() };
      const asked = new Set<string>();
      const isNew = (...key: unknown[]) => {
        const text = JSON.stringify(key);
        return !asked.has(text) && asked.add(text) !== undefined;
      };
      const newEntries = kind === "entry" ? entries.id.all(rowId) : [];
      const newUpdates = kind === "profile_update" ? updates.id.all(rowId) : [];
      const addByNames = (row: Naming) => {
        for (const [named, value] of namesOf(row)) {
          if (!isNew(named, value)) continue;
          newEntries.push(...entries[named].all(value, value));
          newUpdates.push(...updates[named].all(value, value));
        }
      };
      for (;;) {
        const row = newEntries.pop();
        const update = row === undefined ? newUpdates.pop() : undefined;
        if (row === undefined && update === undefined) break;
        if (row !== undefined && !found.entry.has(row.id)) {
          found.entry.set(row.id, row);
          addByNames(row);
          const { declaredCustomerId, externalId, type, orderId } = row;
          if (declaredCustomerId !== null && externalId !== null && isNew("told of", declaredCustomerId, externalId))
            newUpdates.push(...updates.externalId.all(declaredCustomerId, externalId));
          // Until its sale came, it was of whom it names.
          if (type === REFUND && orderId !== null && isNew("sale", orderId)) newEntries.push(...entries.sale.all(orderId));
        }
        if (update !== undefined && !found.profile_update.has(update.id)) {
          found.profile_update.set(update.id, update);
          addByNames(update);
          const externalId = externalIdOf(update);
          if (externalId !== undefined && isNew("of", update.customerId, externalId)) {
            newUpdates.push(...updates.externalId.all(update.customerId, externalId));
            newEntries.push(...entries.externalId.all(update.customerId, externalId), ...entries.refund.all(externalId));
          }
        }
        const reached = found.entry.size + found.profile_update.size;
        // Of those that wait, some are there already.
        if (reached > mostRows || newEntries.length + newUpdates.length > 2 * mostRows) return undefined;
      }
      const rows = (["entry", "profile_update"] as const).flatMap((each) =>
        [...found[each].keys()].map((id) => ({ kind: each, rowId: id })),
      );
      return { entries: [...found.entry.values()], updates: [...found.profile_update.values()], rows };
    },
    forget(rows) {
      for (const { kind, rowId } of rows) drop.run(kind, rowId);
    },
  };
}
