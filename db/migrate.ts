// How does a database get from its version to the one that this program needs?

import type { Sqlite } from "./connection.ts";
import start from "./migrations/0001_start.sql" with { type: "text" };
import access from "./migrations/0002_access.sql" with { type: "text" };
import lists from "./migrations/0003_lists.sql" with { type: "text" };
import moving from "./migrations/0004_moving.sql" with { type: "text" };
import firstTouch from "./migrations/0005_first_touch.sql" with { type: "text" };
import words from "./migrations/0006_words.sql" with { type: "text" };
import idempotency from "./migrations/0007_idempotency.sql" with { type: "text" };
import revenue from "./migrations/0008_revenue.sql" with { type: "text" };
import session from "./migrations/0009_session.sql" with { type: "text" };
import freshness from "./migrations/0010_freshness.sql" with { type: "text" };
import lastSale from "./migrations/0011_last_sale.sql" with { type: "text" };
import statuses from "./migrations/0012_statuses.sql" with { type: "text" };
import bounded from "./migrations/0013_bounded.sql" with { type: "text" };
import aliases from "./migrations/0014_aliases.sql" with { type: "text" };
import webhooks from "./migrations/0015_webhooks.sql" with { type: "text" };
import imports from "./migrations/0016_imports.sql" with { type: "text" };
import changes from "./migrations/0017_changes.sql" with { type: "text" };
import large from "./migrations/0018_large.sql" with { type: "text" };
import refundTotals from "./migrations/0019_refund_totals.sql" with { type: "text" };
import credit from "./migrations/0020_credit.sql" with { type: "text" };
import webhookEndpoints from "./migrations/0022_webhook_endpoints.sql" with { type: "text" };
import declaredRefunds from "./migrations/0023_declared_refunds.sql" with { type: "text" };
import standby from "./migrations/0024_standby.sql" with { type: "text" };
import calls from "./migrations/0027_calls.sql" with { type: "text" };
import counted from "./migrations/0028_counted.sql" with { type: "text" };
import creditPacked from "./migrations/0029_credit_packed.sql" with { type: "text" };
import shortErasure from "./migrations/0030_short_erasure.sql" with { type: "text" };
import unconvertedDays from "./migrations/0031_unconverted_days.sql" with { type: "text" };
import { ADVICE, type FileRole, RESTORE, Unusable } from "./unusable.ts";

/** "rglr". It distinguishes a database of this program from other SQLite files (SQLite manual, "PRAGMA application_id"). */
export const APPLICATION_ID = 0x72676c72;

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** All migrations, in order. A test compares this list with the folder. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001_start", sql: start },
  { name: "0002_access", sql: access },
  { name: "0003_lists", sql: lists },
  { name: "0004_moving", sql: moving },
  { name: "0005_first_touch", sql: firstTouch },
  { name: "0006_words", sql: words },
  { name: "0007_idempotency", sql: idempotency },
  { name: "0008_revenue", sql: revenue },
  { name: "0009_session", sql: session },
  { name: "0010_freshness", sql: freshness },
  { name: "0011_last_sale", sql: lastSale },
  { name: "0012_statuses", sql: statuses },
  { name: "0013_bounded", sql: bounded },
  { name: "0014_aliases", sql: aliases },
  { name: "0015_webhooks", sql: webhooks },
  { name: "0016_imports", sql: imports },
  { name: "0017_changes", sql: changes },
  { name: "0018_large", sql: large },
  { name: "0019_refund_totals", sql: refundTotals },
  { name: "0020_credit", sql: credit },
  { name: "0022_webhook_endpoints", sql: webhookEndpoints },
  { name: "0023_declared_refunds", sql: declaredRefunds },
  { name: "0024_standby", sql: standby },
  { name: "0027_calls", sql: calls },
  { name: "0028_counted", sql: counted },
  { name: "0029_credit_packed", sql: creditPacked },
  { name: "0030_short_erasure", sql: shortErasure },
  { name: "0031_unconverted_days", sql: unconvertedDays },
];

/** The SHA-256 of a migration's text, in hexadecimal. It shows whether the migration was edited. */
function checksum(sql: string): string {
  return new Bun.CryptoHasher("sha256").update(sql).digest("hex");
}

/** Returns true for an empty database and false for one of this program. Throws Unusable for another program's or a damaged one. */
export function isBlank(sqlite: Sqlite, path: string, role: FileRole = "database"): boolean {
  const applicationId = sqlite.pragma("application_id", { simple: true });
  const tables = sqlite.prepare("SELECT name FROM sqlite_schema").pluck().all();
  if (tables.length === 0 && (applicationId === 0 || applicationId === APPLICATION_ID)) return true;
  if (applicationId !== APPLICATION_ID)
    throw new Unusable(`The ${role} ${path} is a SQLite database of another program`, ADVICE[role].foreign);
  if (!tables.includes("migration"))
    throw new Unusable(`The ${role} ${path} is damaged: its list of migrations is missing`, ADVICE[role].damaged);
  return false;
}

/**
 * The migrations that a database has run (`done`; `last` is the name of the newest) and those that it lacks (`pending`).
 * Throws Unusable if it is from a newer version, or if a migration was edited after it ran.
 */
export function findPending(
  sqlite: Sqlite,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
  role: FileRole = "database",
): { last: string | undefined; done: Migration[]; pending: Migration[] } {
  if (isBlank(sqlite, path, role)) return { last: undefined, done: [], pending: [...migrations] };
  const done = sqlite.prepare<[], { name: string; checksum: string }>("SELECT name, checksum FROM migration ORDER BY name").all();
  if (done.length === 0) throw new Unusable(`The ${role} ${path} is damaged: its list of migrations is empty`, ADVICE[role].damaged);
  for (const [index, row] of done.entries()) {
    const ours = migrations[index];
    if (ours?.name !== row.name)
      throw new Unusable(
        `The ${role} ${path} was made by a newer version of regulars (it has the migration ${row.name})`,
        "run that version or a newer one",
      );
    if (checksum(ours.sql) !== row.checksum)
      throw new Unusable(
        `The migration ${row.name} has been edited since it ran on the ${role} ${path}`,
        "run the version of regulars that made the file",
      );
  }
  return { last: done.at(-1)?.name, done: migrations.slice(0, done.length), pending: migrations.slice(done.length) };
}

/**
 * Runs all migrations that the database lacks, in one transaction, so that it never ends up between two versions.
 * Throws Unusable, and then leaves the database as it was.
 */
export function migrate(sqlite: Sqlite, path: string, migrations: readonly Migration[] = MIGRATIONS): void {
  // Tables are rebuilt with foreign keys off. They are checked before the commit (SQLite manual, "ALTER TABLE", 7).
  sqlite.pragma("foreign_keys = OFF");
  try {
    sqlite
      .transaction(() => {
        const { last, pending } = findPending(sqlite, path, migrations); // another process may have migrated it meanwhile
        if (last === undefined) {
          sqlite.pragma(`application_id = ${APPLICATION_ID}`);
          sqlite.exec("CREATE TABLE migration (name TEXT PRIMARY KEY, checksum TEXT NOT NULL) STRICT, WITHOUT ROWID");
        }
        for (const migration of pending) run(sqlite, path, migration);
        if (last !== undefined && pending.length > 0) refuseDangling(sqlite, path);
      })
      .immediate();
  } finally {
    sqlite.pragma("foreign_keys = ON");
  }
}

function run(sqlite: Sqlite, path: string, { name, sql }: Migration): void {
  try {
    sqlite.exec(sql);
  } catch (error) {
    throw new Unusable(
      `The database ${path} cannot be migrated to this version (${name}: ${error instanceof Error ? error.message : "unknown"}) and was not changed`,
      "run the version of regulars that made it, and report this as a bug",
    );
  }
  sqlite.prepare("INSERT INTO migration (name, checksum) VALUES (?, ?)").run(name, checksum(sql));
}

function refuseDangling(sqlite: Sqlite, path: string): void {
  if ((sqlite.pragma("foreign_key_check") as unknown[]).length > 0)
    throw new Unusable(
      `The database ${path} cannot be migrated to this version, because rows refer to rows that do not exist, and was not changed`,
      RESTORE,
    );
}
