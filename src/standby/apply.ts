// How does a page of the primary's feed become part of this database? In one transaction, with how far the standby has come.
import { NUMBER_OF_TYPE } from "../../db/change.ts";
import type { Following } from "../../db/standby.ts";
import { keepUnfinishedWork, openStandby } from "../../db/standby.ts";
import { Unusable } from "../../db/unusable.ts";
import type { Context } from "../context.ts";
import { openFilePurge } from "../customer/purge-file.ts";
import type { RowsPage } from "../feed/routes.ts";
import type { Stored, StoredRow } from "../feed/stored-row.ts";
import { claimsIn, openPutRows } from "./put-rows.ts";

/** What has changed in the files' bytes. */
export interface Applied {
  /** How far the standby has come now. */
  readonly following: Following;
  /** The customers who were erased by it. */
  readonly erased: readonly number[];
  /** A customer by whom the purge of the files is noted; undefined: nothing personal is gone. */
  readonly purgeFor: number | undefined;
}

/** The columns by which rows refer to customers. */
const REFERENCES = ["customer_id", "declared_customer_id", "erased_customer_id"] as const;
/** The settings that this server decides for itself. */
const OWN_SETTINGS = ["derived_version"];

export function openApply(context: Context) {
  const { config, database, ledger } = context;
  const { sqlite } = database;
  const put = openPutRows(sqlite);
  const purge = openFilePurge(database, async () => undefined);
  const standby = openStandby(sqlite);
  const dropChanges = sqlite.prepare("DELETE FROM change WHERE seq > ?");
  const insertChange = sqlite.prepare("INSERT INTO change (seq, type, id, at) VALUES (?, ?, ?, ?)");
  const scrubCustomer = sqlite.prepare(
    "UPDATE customer SET email = NULL, name = NULL, avatar = NULL, country = NULL, metadata = NULL, search_text = '' WHERE id = ?",
  );

  const markStale = (id: unknown) => {
    if (typeof id === "number") ledger.markStale(id);
  };

  /** Customers whom the rows refer to. Some may be newer than the page, because rows are as they are now. */
  function referredTo(rows: readonly Stored[]): Set<number> {
    const ids = new Set<number>();
    for (const { table, row } of rows) {
      if (row === null) continue;
      if (table === "claim") for (const { customer_id: id } of claimsIn(row)) if (id !== null) ids.add(id);
      if (table === "entry" || table === "profile_update")
        for (const column of REFERENCES) if (typeof row[column] === "number") ids.add(row[column]);
    }
    return ids;
  }

  function putEntry(row: StoredRow): boolean {
    const { before, hasLost } = put.logged("entry", row);
    const owner = row.customer_id;
    if (before === undefined && typeof owner === "number") {
      const { id, at, email, name, avatar, country } = row as never;
      ledger.arrived(owner, { id, at, email, name, avatar, country });
    } else for (const id of [before?.customer_id, owner]) markStale(id);
    return hasLost;
  }

  /** Gives whether the customer was erased by it. */
  function putCustomer(row: StoredRow): boolean {
    const { before, robbed } = put.customer(row);
    for (const other of robbed) markStale(other);
    const id = Number(row.id);
    const isErased = row.deleted_at !== null && (before === undefined || before.deleted_at === null);
    if (isErased) {
      database.tombstones.add({ customerId: id, erasedAt: Number(row.deleted_at) });
      scrubCustomer.run(id);
    }
    if (isErased || ["external_id", "known_email", "known_alias", "created_at"].some((name) => before?.[name] !== row[name])) markStale(id);
    return isErased;
  }

  function refuseOtherSettings({ name, value }: StoredRow): void {
    const own = name === "timezone" ? config.timezone : name === "currency" ? config.currency : value;
    if (own !== value)
      throw new Unusable(
        `The primary has another ${String(name).toUpperCase()}`,
        `set ${String(name).toUpperCase()}=${String(value)} and start again`,
      );
  }

  /** Applies a page that follows what is here. Throws Unusable, and stores nothing, if this server cannot follow any more. */
  return (page: RowsPage, from: Following): Applied => {
    const rows = page.rows as readonly Stored[];
    const of = (table: Stored["table"]) =>
      rows.filter((each) => each.table === table && each.row !== null).map(({ row }) => row as StoredRow);
    const isWhole = page.next === page.newest;
    const following: Following = {
      ...from,
      seq: page.next,
      isWhole,
      // Before it is whole, all that is certain is what the last change says.
      asOfAt: isWhole ? Date.parse(page.at) : Math.max(from.asOfAt, Date.parse(page.changes.at(-1)?.at ?? "") || 0),
    };
    return ledger.write(() => {
      const erased: number[] = [];
      let lostBy: number | undefined;
      put.ensureCustomers(referredTo(rows));
      for (const row of of("customer")) if (putCustomer(row)) erased.push(Number(row.id));
      for (const row of of("entry")) if (putEntry(row)) lostBy = Number(row.customer_id ?? row.id);
      for (const row of of("profile_update")) {
        const { before, hasLost } = put.logged("profile_update", row);
        for (const id of [before?.customer_id, row.customer_id]) markStale(id);
        if (hasLost) lostBy = Number(row.customer_id);
      }
      for (const { table, id, row } of rows)
        if (row === null && (table === "entry" || table === "profile_update")) {
          const before = put.withdrawn(table, Number(id));
          markStale(before?.customer_id);
          if (before !== undefined) lostBy = Number(before.customer_id ?? id);
        }
      for (const row of of("claim")) put.claims(row);
      for (const stored of rows) {
        if (["customer", "entry", "profile_update", "claim"].includes(stored.table)) continue;
        if (stored.table === "setting" && stored.row !== null) {
          refuseOtherSettings(stored.row);
          if (OWN_SETTINGS.includes(String(stored.row.name))) continue;
        }
        put.plain(stored);
      }
      // The triggers have told of these rows too; here they have the numbers of the primary.
      dropChanges.run(from.seq);
      for (const { seq, type, id, at } of page.changes)
        insertChange.run(seq, NUMBER_OF_TYPE.get(type), typeof id === "number" ? BigInt(id) : id, Date.parse(at));
      // Before it is whole, a promotion derives everything again, and what was unfinished may name somebody who is erased.
      if (keepUnfinishedWork(sqlite, page.work ?? "{}")) lostBy ??= 0;
      const purgeFor = erased.at(-1) ?? lostBy;
      if (purgeFor !== undefined) purge.schedule(purgeFor);
      standby.store(following);
      return { following, erased, purgeFor };
    });
  };
}
