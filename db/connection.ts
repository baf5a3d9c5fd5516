// How is a connection to a database opened, and which settings are checked? This is the only file that names the driver.
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import Driver from "#sqlite";
import * as schema from "./schema.ts";
import { Unusable } from "./unusable.ts";

export type Sqlite = Driver.Database;
/** A prepared statement that takes `Parameters` (a list, or an object by name) and gives rows of type `Row`. */
export type Statement<Parameters extends unknown[] | object = unknown[], Row = unknown> = Driver.Statement<Parameters, Row>;
/** Functions that SQL may call on this connection: pure, from numbers or text to a number or text. */
export type SqlFunctions = Readonly<Record<string, (...values: never[]) => number | string | null>>;

export type Orm = BetterSQLite3Database<typeof schema>;

/** How long a statement waits for another process unless `waitAtMost` says otherwise. */
export const BUSY_MS = 1000;

/** Pragmas set on every writing connection, with the value each must read back as (SQLite manual, "PRAGMA Statements"). */
const PRAGMAS: readonly (readonly [name: string, set: string, expected: number | string])[] = [
  ["busy_timeout", String(BUSY_MS), BUSY_MS],
  ["journal_mode", "WAL", "wal"],
  ["synchronous", "FULL", 2],
  ["secure_delete", "ON", 1],
  ["foreign_keys", "ON", 1],
  ["trusted_schema", "OFF", 0],
  ["temp_store", "MEMORY", 2],
];

/** The oldest version of SQLite that works, as SQLite writes versions in numbers: 3.54.0 is 3054000. */
const LEAST_SQLITE = 3_054_000;

export interface ConnectOptions {
  readonly readonly?: boolean;
  /** Throw if the file does not exist, instead of creating it. */
  readonly mustExist?: boolean;
  /** How long a statement waits for another process. The default is `BUSY_MS`. */
  readonly busyMs?: number;
}

/** Opens a bare connection to a file, to look at it. Changes no settings and writes nothing. */
export function connect(path: string, { readonly = false, mustExist = false, busyMs = BUSY_MS }: ConnectOptions = {}): Sqlite {
  return new Driver(path, { readonly, fileMustExist: mustExist, timeout: busyMs });
}

/** Opens a database in memory that begins as a copy of `bytes`, which come from `serialize()`. */
export function connectToBytes(bytes: Buffer): Sqlite {
  return new Driver(bytes);
}

/**
 * A connection for whoever only reads: SQLite refuses every write to the database, and to any other that is attached, whatever SQL says
 * so. Throws if there is no file. Triggers and views of the file call no functions, and what a statement collects stays in memory.
 */
export function connectReader(path: string, busyMs = BUSY_MS): Sqlite {
  const sqlite = connect(path, { readonly: true, mustExist: true, busyMs });
  for (const pragma of ["trusted_schema = OFF", "temp_store = MEMORY"]) sqlite.pragma(pragma);
  return sqlite;
}

/** Prepares a connection for the program's writes, and checks that every setting took effect. Throws Unusable. */
export function setUp(sqlite: Sqlite, functions: SqlFunctions): void {
  const version = String(sqlite.prepare("SELECT sqlite_version()").pluck().get());
  if (toNumber(version) < LEAST_SQLITE) throw new Unusable(`SQLite ${version} is too old`, "build regulars with SQLite 3.54 or newer");
  for (const [name, value, expected] of PRAGMAS) {
    sqlite.pragma(`${name} = ${value}`);
    const actual = sqlite.pragma(name, { simple: true });
    const wanted = name === "journal_mode" && sqlite.memory ? "memory" : expected;
    if (actual !== wanted)
      throw new Unusable(
        `The database cannot be used safely: ${name} is ${String(actual)}, not ${String(wanted)}`,
        "put it on a local disk, and keep other programs from opening it",
      );
  }
  addFunctions(sqlite, functions);
}

/** Lets SQL on this connection call the functions. */
export function addFunctions(sqlite: Sqlite, functions: SqlFunctions): void {
  for (const [name, run] of Object.entries(functions))
    sqlite.function(name, { deterministic: true }, run as (...values: unknown[]) => unknown);
}

/** The same connection, seen through drizzle. */
export function toOrm(sqlite: Sqlite): Orm {
  return drizzle(sqlite, { schema });
}

/** The row of a query that always has one, such as a count. Throws an Error if it has none. */
export function requireRow<Parameters extends unknown[], Row>(
  statement: { get(...values: Parameters): Row | undefined },
  ...values: Parameters
): Row {
  const row = statement.get(...values);
  if (row === undefined) throw new Error("A query that always has a row had none.");
  return row;
}

function toNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return major * 1_000_000 + minor * 1000 + patch;
}
