// Which entries and profile updates have a name, a clickId or a visitorId?
import type { Sqlite, Statement } from "../../db/connection.ts";
import type { ClaimKind } from "./claim.ts";
import type { NameKind } from "./name.ts";
import {
  type LoggedEntry,
  type NamedEntry,
  type NamedProfileUpdate,
  SELECT_ENTRY,
  SELECT_LOGGED_ENTRY,
  SELECT_PROFILE_UPDATE,
} from "./named-row.ts";

type NextUpdates = Statement<{ value: string; after: number }, NamedProfileUpdate>;

/** The next `atOnce` profile updates that say a value, by id. Each index gives them in that order, so that no step reads all of them. */
export function openNextUpdates(sqlite: Sqlite, atOnce: number): Readonly<Record<ClaimKind, NextUpdates>> {
  const from = (table: string, column: string, id = "id") =>
    `SELECT * FROM (SELECT ${id} FROM ${table} WHERE ${column} = :value AND ${id} > :after ORDER BY ${id} LIMIT ${atOnce})`;
  const select = (...sources: readonly string[]): NextUpdates =>
    sqlite.prepare(`${SELECT_PROFILE_UPDATE} WHERE id IN (${sources.join(" UNION ")}) ORDER BY id LIMIT ${atOnce}`);
  return {
    click: select(from("profile_update", "click_id")),
    visitor: select(from("profile_update", "visitor_id")),
    email: select(from("profile_update", "known_email"), from("profile_update", "email")),
    alias: select(from("profile_update", "known_alias"), from("profile_update_alias", "alias", "profile_update_id")),
  };
}

/** Prepares the statements. `atOnce` is the most entries of a value that are read at once. */
export function openNamedRows(sqlite: Sqlite, atOnce: number) {
  const selectEntries = <Parameters extends unknown[]>(rest: string) => sqlite.prepare<Parameters, NamedEntry>(`${SELECT_ENTRY} ${rest}`);
  // The index of the value gives the entries in the order of their ids. SQLite would recompile a bound LIMIT at each run, and ORDER BY takes three times as long.
  const nextEntries = (index: string, condition: string) =>
    selectEntries<[value: string, afterId: number]>(`INDEXED BY ${index} WHERE ${condition} AND id > ? LIMIT ${atOnce}`);
  const selectProfileUpdates = <Parameters extends unknown[]>(rest: string) =>
    sqlite.prepare<Parameters, NamedProfileUpdate>(`${SELECT_PROFILE_UPDATE} ${rest}`);
  const nextUpdates = openNextUpdates(sqlite, atOnce);

  return {
    byId: selectEntries<[id: number]>(`WHERE id = ?`),
    byKey: selectEntries<[type: number, key: string]>(`WHERE type = ? AND key = ?`),
    /** The next entries of a value, by id. Those that name their customer by an externalId do not depend on who has a name. */
    entriesOf: {
      click: nextEntries("entry_click", "click_id = ?"),
      visitor: nextEntries("entry_visitor", "visitor_id = ?"),
      email: nextEntries("entry_email", "email = ? AND declared_customer_id IS NULL"),
      alias: selectEntries<[value: string, afterId: number]>(
        `JOIN entry_alias AS a ON a.entry_id = entry.id WHERE a.alias = ? AND a.entry_id > ? AND declared_customer_id IS NULL ORDER BY a.entry_id LIMIT ${atOnce}`,
      ),
    } satisfies Readonly<Record<ClaimKind, Statement<[value: string, afterId: number], NamedEntry>>>,
    entriesAfter: sqlite.prepare<[id: number, most: number], LoggedEntry>(`${SELECT_LOGGED_ENTRY} WHERE id > ? ORDER BY id LIMIT ?`),
    /** The next profile updates that bring a name, or whose customer was known by it, by id. */
    profileUpdatesOf: { email: nextUpdates.email, alias: nextUpdates.alias } satisfies Readonly<Record<NameKind, NextUpdates>>,
    profileUpdateById: selectProfileUpdates<[id: number]>(`WHERE id = ?`),
    profileUpdatesAfter: selectProfileUpdates<[id: number, most: number]>(`WHERE id > ? ORDER BY id LIMIT ?`),
  };
}
