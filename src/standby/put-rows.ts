// How does a row of the primary become one of the standby? As it is, by its number; what it replaces says which figures are to be derived again.
import type { Sqlite } from "../../db/connection.ts";
import { KEYS_OF, type PlainTable } from "../../db/replicated.ts";
import { Unusable } from "../../db/unusable.ts";
import type { Stored, StoredRow } from "../feed/stored-row.ts";

/** Any statement of rows by names. */
type Row = Record<string, string | number | null>;

/** The columns of entries and profile updates that may hold something personal. */
const PERSONAL = [
  "external_id",
  "email",
  "aliases",
  "name",
  "avatar",
  "country",
  "visitor_id",
  "url",
  "referrer",
  "metadata",
  "known_email",
];
const PERSONAL_COLUMNS = [...PERSONAL, "known_alias", "profile"] as const;
/** What an entry or a profile update brings, and as what it is claimed. */
const BROUGHT = [
  ["click", "click_id"],
  ["visitor", "visitor_id"],
  ["email", "email"],
  ["email", "known_email"],
  ["alias", "known_alias"],
] as const;

/** A row that was stored, and the one that it replaced. */
export interface Put {
  readonly row: StoredRow;
  readonly before: StoredRow | undefined;
  /** Something personal of the former row is gone. */
  readonly hasLost: boolean;
}

export interface PutRows {
  /** Stores an entry or a profile update, with its aliases, and gives up the claims to what it does not bring any more. */
  logged(table: "entry" | "profile_update", row: StoredRow): Put;
  /** Deletes an entry or a profile update that was taken back, with its aliases and claims. Gives the former row. */
  withdrawn(table: "entry" | "profile_update", id: number): StoredRow | undefined;
  /** Stores by what a customer is known. Gives the former row, and who was known by it before. */
  customer(row: StoredRow): { readonly before: StoredRow | undefined; readonly robbed: readonly number[] };
  /** Creates customers who are told later, so that rows can refer to them. */
  ensureCustomers(ids: Iterable<number>): void;
  /** Stores who holds what a claimant brings. */
  claims(row: StoredRow): void;
  /** Stores or deletes a row of another table. */
  plain(stored: Stored): void;
}

/** The driver binds numbers as REAL, which a column of any type would keep. */
const withIntegers = (row: StoredRow) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? BigInt(value) : value]));

export interface Claimed {
  readonly kind: string;
  readonly value: string;
  readonly customer_id: number | null;
}
export const claimsIn = (row: StoredRow): Claimed[] => JSON.parse(String(row.claims)) as Claimed[];

/** All functions must be called within a write. */
export function openPutRows(sqlite: Sqlite): PutRows {
  const columns = new Map<string, ReadonlySet<string>>();
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepare = (sql: string) => {
    const known = statements.get(sql) ?? sqlite.prepare(sql);
    statements.set(sql, known);
    return known;
  };

  /** The columns of a row. Throws Unusable if this version does not know one of them. */
  function columnsOf(table: string, row: StoredRow): string[] {
    const known =
      columns.get(table) ?? new Set(sqlite.prepare<[string], string>("SELECT name FROM pragma_table_info(?)").pluck().all(table));
    columns.set(table, known);
    const names = Object.keys(row);
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined || known.size === 0)
      throw new Unusable(`The primary is of a newer version: it has ${table}.${unknown}`, "update regulars on this machine");
    return names;
  }

  /** Never a REPLACE, which deletes the row, and with it what refers to it. */
  function upsert(table: string, row: StoredRow, keys: readonly string[] = ["id"]): void {
    const names = columnsOf(table, row);
    const set = names.filter((name) => !keys.includes(name)).map((name) => `${name} = excluded.${name}`);
    const otherwise = set.length === 0 ? "NOTHING" : `UPDATE SET ${set.join(", ")}`;
    prepare(
      `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map((name) => `:${name}`).join(", ")}) ON CONFLICT (${keys.join(", ")}) DO ${otherwise}`,
    ).run(withIntegers(row));
  }

  function replaceAliases(table: "entry" | "profile_update", id: number, before: string | null, now: string | null): void {
    const of = `${table}_alias`;
    if (before !== null) prepare(`DELETE FROM ${of} WHERE ${table}_id = ? AND alias IN (SELECT value FROM json_each(?))`).run(id, before);
    if (now !== null) prepare(`INSERT OR IGNORE INTO ${of} (alias, ${table}_id) SELECT value, ? FROM json_each(?)`).run(id, now);
  }

  /** Deletes the claims that a row made to what it does not bring any more. */
  function giveUp(table: "entry" | "profile_update", before: Row, row: StoredRow): void {
    const drop = prepare(`DELETE FROM claim WHERE kind = ? AND value = ? AND ${table}_id = ?`);
    for (const [kind, column] of BROUGHT)
      if (before[column] != null && before[column] !== row[column]) drop.run(kind, before[column], row.id);
    if (before.aliases != null && before.aliases !== row.aliases)
      for (const alias of JSON.parse(String(before.aliases)) as string[]) drop.run("alias", alias, row.id);
  }

  return {
    logged(table, row) {
      const before = prepare(`SELECT * FROM ${table} WHERE id = ?`).get(row.id) as Row | undefined;
      upsert(table, row);
      const [was, is] = [before?.aliases ?? null, row.aliases ?? null] as (string | null)[];
      if (was !== is) replaceAliases(table, Number(row.id), was ?? null, is ?? null);
      if (before) giveUp(table, before, row);
      return { row, before, hasLost: PERSONAL_COLUMNS.some((name) => before?.[name] != null && before[name] !== row[name]) };
    },

    withdrawn(table, id) {
      const before = prepare(`SELECT * FROM ${table} WHERE id = ?`).get(id) as Row | undefined;
      if (before === undefined) return undefined;
      replaceAliases(table, id, before.aliases as string | null, null);
      giveUp(table, before, { id });
      prepare(`DELETE FROM ${table} WHERE id = ?`).run(id);
      return before;
    },

    customer({ external_ids, pinned, ...row }) {
      const id = Number(row.id);
      const before = prepare("SELECT * FROM customer WHERE id = ?").get(id) as Row | undefined;
      // Who had it is told as well, but maybe later.
      const robbed = ["external_id", "known_email", "known_alias"].flatMap((name) =>
        row[name] == null
          ? []
          : (prepare(`UPDATE customer SET ${name} = NULL WHERE ${name} = ? AND id <> ? RETURNING id`).all(row[name], id) as {
              id: number;
            }[]),
      );
      const put = { before, robbed: robbed.map((each) => each.id) };
      upsert("customer", row);
      const ids = String(external_ids);
      prepare("DELETE FROM external_id WHERE customer_id = ? AND external_id NOT IN (SELECT value FROM json_each(?))").run(id, ids);
      prepare("INSERT OR REPLACE INTO external_id (external_id, customer_id) SELECT value, ? FROM json_each(?)").run(id, ids);
      if (pinned == null) return put;
      prepare("INSERT OR REPLACE INTO pinned_click (click_id, customer_id) SELECT value, ? FROM json_each(?)").run(id, pinned);
      prepare(
        "INSERT OR REPLACE INTO claim (kind, value, at, type, key, customer_id) SELECT 'click', value, -2, 0, '', ? FROM json_each(?)",
      ).run(id, pinned);
      return put;
    },

    ensureCustomers(ids) {
      const ensure = prepare("INSERT OR IGNORE INTO customer (id, created_at, updated_at) VALUES (?, 0, 0)");
      for (const id of ids) ensure.run(id);
    },

    claims(row) {
      for (const { kind, value, customer_id: customerId, ...claim } of claimsIn(row) as (Claimed & Row)[])
        if (customerId === null) prepare("DELETE FROM claim WHERE kind = ? AND value = ?").run(kind, value);
        else {
          const all: Row = { kind, value, ...claim, customer_id: customerId };
          const names = Object.keys(all);
          prepare(`INSERT OR REPLACE INTO claim (${names.join(", ")}) VALUES (${names.map((name) => `:${name}`).join(", ")})`).run(all);
        }
    },

    plain({ table, id, row }) {
      const keys: readonly string[] | undefined = KEYS_OF[table as PlainTable];
      if (keys === undefined) throw new Unusable(`The primary is of a newer version: it has ${table}`, "update regulars on this machine");
      if (row === null) {
        const is = keys.map((key) => `${key} = ${table === "rate" && key === "day" ? "CAST(julianday(?) - 2440587.5 AS INTEGER)" : "?"}`);
        prepare(`DELETE FROM ${table} WHERE ${is.join(" AND ")}`).run(...(JSON.parse(String(id)) as never[]));
        return;
      }
      upsert(table, row, keys);
    },
  };
}
