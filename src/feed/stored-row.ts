// What does a standby need of a change, to come to the same state? The rows that were sent or decided, as they are now; no figures.
import type { Change } from "../../db/change.ts";
import type { Sqlite, Statement } from "../../db/connection.ts";
import type { ChangeType } from "../../db/feed-schema.ts";
import { KEYS_OF, type PlainTable } from "../../db/replicated.ts";

/** A row of the database by its columns. Integers beyond 2^53 are texts. */
export type StoredRow = Readonly<Record<string, string | number | null>>;

/** What a row is of: a table, or the claims to what an entry or a profile update brings. */
export type RowKind = "entry" | "customer" | "profile_update" | "claim" | PlainTable;

/** A row, or null if it is gone. `id`: its number, or its key as a JSON array. */
export interface Stored {
  readonly table: RowKind;
  readonly id: number | string;
  readonly row: StoredRow | null;
}

/** With every externalId, and of an erased customer with every pinned click, as JSON arrays. */
const CUSTOMER = `SELECT id, external_id, known_email, known_alias, created_at, updated_at, deleted_at,
  (SELECT json_group_array(e.external_id) FROM external_id AS e WHERE e.customer_id = c.id) AS external_ids,
  CASE WHEN deleted_at IS NOT NULL THEN (SELECT json_group_array(p.value) FROM claim AS p WHERE p.customer_id = c.id AND p.kind = 'click' AND p.at = -2) END AS pinned
  FROM customer AS c WHERE id = :id`;

/** Who holds what a claimant brings, as a JSON array. A claim of which only kind and value are there is nobody's. */
const claimsTo = (brought: string) =>
  `WITH brought (kind, value) AS (${brought}) SELECT json_group_array(json_object('kind', b.kind, 'value', b.value, 'rank', c.rank, 'at', c.at, 'type', c.type,
     'key', c.key, 'entry_id', c.entry_id, 'profile_update_id', c.profile_update_id, 'customer_id', c.customer_id)) AS claims
   FROM brought AS b LEFT JOIN claim AS c ON c.kind = b.kind AND c.value = b.value`;
const BROUGHT = ["click_id", "visitor_id", "email"] as const;
const bringing = (table: string, id: string, further = "") =>
  [
    ...BROUGHT.map((column) => `SELECT '${column.replace("_id", "")}', ${column} FROM ${table} WHERE id = ${id} AND ${column} IS NOT NULL`),
    `SELECT 'alias', j.value FROM ${table} AS t, json_each(t.aliases) AS j WHERE t.id = ${id} AND t.aliases IS NOT NULL`,
  ].join(" UNION ") + further;
const CLAIMS_OF_ENTRY = claimsTo(bringing("entry", ":id"));
const CLAIMS_OF_PROFILE_UPDATE = claimsTo(
  bringing(
    "profile_update",
    "-:id",
    ` UNION SELECT 'email', known_email FROM profile_update WHERE id = -:id AND known_email IS NOT NULL
      UNION SELECT 'alias', known_alias FROM profile_update WHERE id = -:id AND known_alias IS NOT NULL`,
  ),
);

/** Which row a change is of. A type that is not here is derived, so that a standby has it from the others. */
const KINDS: Partial<Record<ChangeType, RowKind>> = {
  "entry.created": "entry",
  "entry.updated": "entry",
  "entry.stored": "entry",
  "customer.created": "customer",
  "customer.updated": "customer",
  "customer.merged": "customer",
  "customer.erased": "customer",
  "customer.named": "customer",
  "profile.told": "profile_update",
  "profile.stored": "profile_update",
  "claim.held": "claim",
  "status.said": "said_status",
  "rate.set": "rate",
  "key.created": "api_key",
  "key.revoked": "api_key",
  "setting.set": "setting",
  "entry.deleted": "entry",
  "profile.deleted": "profile_update",
  "status.deleted": "said_status",
  "rate.deleted": "rate",
};

const toPlain = (value: unknown) =>
  typeof value !== "bigint" ? (value as string | null) : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/** The key of a row without a number, as a JSON array. */
function keyOf(type: ChangeType, id: string): string {
  if (type === "status.said" || type === "status.deleted" || type === "row.stored") return id;
  return JSON.stringify(type === "rate.set" || type === "rate.deleted" ? id.split(":") : [id]);
}

/** Opens the function that reads the rows of a page of changes, each once. */
export function openStoredRows(sqlite: Sqlite): (page: readonly Change[]) => Stored[] {
  const prepare = (sql: string): Statement<{ id: number | string }, Record<string, unknown>> =>
    sqlite.prepare<{ id: number | string }, Record<string, unknown>>(sql).safeIntegers(true);
  const byKey = ([table, columns]: [string, readonly string[]]) =>
    prepare(`SELECT * FROM ${table} WHERE ${columns.map((column, place) => `${column} = ${keyPart(table, column, place)}`).join(" AND ")}`);
  const plain = new Map(Object.entries(KEYS_OF).map((each) => [each[0], byKey(each)]));
  const numbered = {
    entry: prepare("SELECT * FROM entry WHERE id = :id"),
    customer: prepare(CUSTOMER),
    profile_update: prepare("SELECT * FROM profile_update WHERE id = :id"),
  };
  const claims = { entry: prepare(CLAIMS_OF_ENTRY), profileUpdate: prepare(CLAIMS_OF_PROFILE_UPDATE) };

  function statementFor(table: RowKind, id: number | string) {
    if (table === "claim") return Number(id) > 0 ? claims.entry : claims.profileUpdate;
    return table in numbered ? numbered[table as keyof typeof numbered] : plain.get(table);
  }

  return (page) => {
    const seen = new Set<string>();
    const all: Stored[] = [];
    for (const { type, id: changed } of page) {
      const id = typeof changed === "number" ? changed : keyOf(type, changed);
      const table = type === "row.stored" ? (JSON.parse(String(id)) as [RowKind])[0] : KINDS[type];
      const key = type === "row.stored" ? toKey(table, JSON.parse(String(id)) as unknown[]) : id;
      if (table === undefined || seen.has(`${table} ${key}`)) continue;
      seen.add(`${table} ${key}`);
      const row = statementFor(table, key)?.get({ id: key });
      all.push({
        table,
        id: key,
        row: row ? Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toPlain(value)])) : null,
      });
    }
    return all;
  };
}

/** The key of a row that is told with its table. */
const toKey = (table: RowKind | undefined, [, ...key]: readonly unknown[]): string | number =>
  table === "customer" ? Number(key[0]) : JSON.stringify(key);

/** The SQL of one part of a key. A rate is told by its date. */
function keyPart(table: string, column: string, place: number): string {
  const part = `(:id ->> ${place})`;
  return table === "rate" && column === "day" ? `CAST(julianday(${part}) - 2440587.5 AS INTEGER)` : part;
}
