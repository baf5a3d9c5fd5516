// Which entries and profile updates have a name, a clickId or a visitorId?
import type { Sqlite, Statement } from "../../db/connection.ts";
import { REFUND } from "../../db/schema.ts";
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

/** Prepares the statements. `atOnce` is the most entries of a value that are read at once. */
export function openNamedRows(sqlite: Sqlite, atOnce: number) {
  const selectEntries = <Parameters extends unknown[]>(rest: string) => sqlite.prepare<Parameters, NamedEntry>(`${SELECT_ENTRY} ${rest}`);
  // The index of the value gives the entries in the order of their ids. SQLite would recompile a bound LIMIT at each run, and ORDER BY takes three times as long.
  const nextEntries = (index: string, condition: string) =>
    selectEntries<[value: string, afterId: number]>(`INDEXED BY ${index} WHERE ${condition} AND id > ? LIMIT ${atOnce}`);
  const selectProfileUpdates = <Parameters extends unknown[]>(rest: string) =>
    sqlite.prepare<Parameters, NamedProfileUpdate>(`${SELECT_PROFILE_UPDATE} ${rest}`);
  const isBringing = `erased_customer_id IS NULL AND type <> ${REFUND}`;

  return {
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
    /** All entries that bring a name. */
    entriesBringing: {
      email: selectEntries<[value: string]>(`WHERE email = ? AND ${isBringing}`),
      alias: selectEntries<[value: string]>(`WHERE id IN (SELECT entry_id FROM entry_alias WHERE alias = ?) AND ${isBringing}`),
    } satisfies Readonly<Record<NameKind, Statement<[value: string], NamedEntry>>>,
    entriesAfter: sqlite.prepare<[id: number, most: number], LoggedEntry>(`${SELECT_LOGGED_ENTRY} WHERE id > ? ORDER BY id LIMIT ?`),
    /** The profile updates that bring a name, or whose customer was known by it. The name is bound twice. */
    profileUpdatesOf: {
      email: selectProfileUpdates<[value: string, value: string]>(`WHERE known_email = ? OR email = ?`),
      alias: selectProfileUpdates<[value: string, value: string]>(
        `WHERE known_alias = ? OR id IN (SELECT profile_update_id FROM profile_update_alias WHERE alias = ?)`,
      ),
    } satisfies Readonly<Record<NameKind, Statement<[value: string, value: string], NamedProfileUpdate>>>,
    profileUpdateById: selectProfileUpdates<[id: number]>(`WHERE id = ?`),
    profileUpdatesAfter: selectProfileUpdates<[id: number, most: number]>(`WHERE id > ? ORDER BY id LIMIT ?`),
    profileUpdatesOfCustomer: selectProfileUpdates<[customerId: number]>(`WHERE customer_id = ?`),
  };
}
