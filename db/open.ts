// How is the database opened, and what is asserted of it? The only file that names the driver.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Driver from "#sqlite";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { migrate } from "./migrate.ts";
import * as schema from "./schema.ts";

export type Sqlite = Driver.Database;
export type Statement = Driver.Statement;
/** Functions that SQL may call on this connection: pure, from numbers or text to a number or text. */
export type SqlFunctions = Readonly<Record<string, (...values: never[]) => number | string | null>>;

export interface Database {
  /** The driver's connection: prepare once, run often. */
  readonly sqlite: Sqlite;
  /** The same connection through drizzle. */
  readonly orm: BetterSQLite3Database<typeof schema>;
  /** Runs `work` in one immediate transaction: all of it is stored, or none. Nested calls join the outer one. */
  write<T>(work: () => T): T;
  close(): void;
}

/** Pragmas set on every writing connection, with the value each must read back as (SQLite manual, "PRAGMA Statements"). */
const PRAGMAS: readonly (readonly [name: string, set: string, expected: number | string])[] = [
  ["journal_mode", "WAL", "wal"],
  ["synchronous", "FULL", 2],
  ["secure_delete", "ON", 1],
  ["foreign_keys", "ON", 1],
  ["trusted_schema", "OFF", 0],
  ["temp_store", "MEMORY", 2],
  ["busy_timeout", "1000", 1000],
];

/** SQLite's own number of a version: 3.54.0 → 3054000. */
const LEAST_SQLITE = [3, 54, 0] as const;

/**
 * Opens (and makes, if missing) the database at `path` (`:memory:` works), migrates it and asserts its settings.
 * `functions` are what SQL may call. Throws an Error whose message says what to do.
 */
export function openDatabase(path: string, functions: SqlFunctions = {}): Database {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const sqlite = new Driver(path);
  for (const [name, value, expected] of PRAGMAS) {
    sqlite.pragma(`${name} = ${value}`);
    const actual = sqlite.pragma(name, { simple: true });
    const wanted = name === "journal_mode" && path === ":memory:" ? "memory" : expected;
    if (actual !== wanted) throw new Error(`The database cannot be used safely: ${name} is ${String(actual)}, not ${String(wanted)}.`);
  }
  const version = String(sqlite.prepare("SELECT sqlite_version()").pluck().get()).split(".").map(Number);
  if (LEAST_SQLITE.some((least, index) => (version[index] ?? 0) < least && LEAST_SQLITE.slice(0, index).every((part, before) => version[before] === part)))
    throw new Error(`SQLite ${version.join(".")} is too old: ${LEAST_SQLITE.join(".")} is needed.`);
  for (const [name, run] of Object.entries(functions)) sqlite.function(name, { deterministic: true }, run as (...values: unknown[]) => unknown);
  migrate(sqlite);
  return {
    sqlite,
    orm: drizzle(sqlite, { schema }),
    write: (work) => (sqlite.inTransaction ? work() : sqlite.transaction(work).immediate()),
    close: () => void sqlite.close(),
  };
}
