// How is a whole history loaded into an empty database? Into a copy beside it, which takes its place once everything is stored, derived and on
// disk. So whatever stops it leaves the empty database as it was.
import { renameSync, rmSync } from "node:fs";
import { copyDatabase, ensureEmptyFile } from "../../db/backup.ts";
import type { Sqlite } from "../../db/connection.ts";
import { openDatabase } from "../../db/database.ts";
import { loadingCopyOf, removeDatabaseFiles } from "../../db/loading-copy.ts";
import type { Lock } from "../../db/lock.ts";
import { syncFile, syncFolderOf } from "../../db/sync.ts";
import { isBusy } from "../../db/unavailable.ts";
import type { Context } from "../context.ts";
import type { Config } from "../host/config.ts";
import { silentLog } from "../host/log.ts";
import { deriveLoaded } from "../ledger/load/derive.ts";
import { dropIndexes } from "../ledger/load/indexes.ts";
import { sqlFunctions } from "../ledger/sql-functions.ts";
import { assembleWorkspace, openWorkspace } from "./workspace.ts";

/**
 * The tables that may have rows in a database that is empty: settings, keys and sessions, rates, what requests and webhooks left that brought
 * nothing, and what of this the feed has told.
 */
const WITHOUT_HISTORY = [
  "migration",
  "setting",
  "api_key",
  "session",
  "rate",
  "idempotency",
  "webhook_count",
  "webhook_field",
  "webhook_delivery",
  "credit_key",
  "change",
];
/** Refunds are measured against their sale when they arrive, so these indexes are needed from the start. */
const KEPT = ["entry_refund", "entry_refund_order", "entry_refund_total"];
/** Nobody reads the copy before it is finished, so it is synced once, and what is deleted in it was nobody's yet. */
const UNSAFE = ["synchronous = OFF", "foreign_keys = OFF", "secure_delete = OFF"];
/** How much of the copy is kept in memory, in KiB. */
const CACHE_KIB = 65_536;

export interface LoadParts<Stored> {
  /** Stores entries with the recorder of `openLoadingRecorder`, and notes their import, and nothing else. */
  readonly store: (context: Context) => Promise<Stored>;
  /** Called once everything is derived, with what `store` gave. */
  readonly seal: (sqlite: Sqlite, stored: Stored) => void;
  /** Called with what is done now, again and again. If it throws, the load stops. */
  readonly tell: (what: string) => void;
  readonly now?: (() => number) | undefined;
}

/**
 * Loads a history into the database of the settings, and gives what `store` gave. Gives undefined, and has not called it, if the database is not
 * empty or in use. Throws what `parts` throw, and then leaves the database as it was.
 */
export async function loadEmpty<Stored>(config: Config, parts: LoadParts<Stored>): Promise<Stored | undefined> {
  const path = config.databasePath;
  if (path === ":memory:" || process.platform === "win32") return undefined; // Windows renames nothing to the path of an open file
  const empty = await openWorkspace(config, { log: silentLog(), writes: true });
  const { database } = empty;
  let lock: Lock | undefined;
  try {
    if (!isEmpty(database.sqlite) || database.isServed()) return undefined;
    lock = database.hold();
    if (!keepToOurselves(database.sqlite) || !isEmpty(database.sqlite)) return undefined;
    const copy = loadingCopyOf(path);
    try {
      removeDatabaseFiles(copy);
      ensureEmptyFile(copy);
      copyDatabase(database.sqlite, copy);
      const stored = await fill(config, copy, parts);
      syncFile(copy);
      replace(database.sqlite, path, copy);
      return stored;
    } finally {
      removeDatabaseFiles(copy);
    }
  } finally {
    await empty.close();
    lock?.release();
  }
}

/**
 * Keeps every other connection out until this one is closed: what they would write to the empty database would be lost. Gives false if another
 * one is open. With a journal, the first write takes the lock (SQLite manual, "PRAGMA locking_mode").
 */
function keepToOurselves(sqlite: Sqlite): boolean {
  sqlite.pragma("locking_mode = EXCLUSIVE");
  try {
    sqlite.exec("BEGIN IMMEDIATE; COMMIT");
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

async function fill<Stored>(config: Config, copy: string, { store, seal, tell, now }: LoadParts<Stored>): Promise<Stored> {
  const standsFor = config.databasePath;
  const workspace = assembleWorkspace({ ...config, databasePath: copy }, { log: silentLog(), standsFor, ...(now && { now }) });
  let restoreIndexes: (sqlite: Sqlite) => void;
  let stored: Stored;
  try {
    const { sqlite } = workspace.database;
    hurry(sqlite);
    restoreIndexes = dropIndexes(sqlite, ["entry", "claim"], KEPT);
    stored = await store(workspace);
  } finally {
    await workspace.close();
  }
  const database = openDatabase(copy, sqlFunctions(workspace.calendar), { standsFor });
  try {
    hurry(database.sqlite);
    database.sqlite.pragma("temp_store = FILE"); // what is sorted is larger than memory
    const { calendar, now: clock } = workspace;
    await deriveLoaded({ database, calendar, config, now: clock, restoreIndexes }, tell);
    seal(database.sqlite, stored);
    database.sqlite.pragma("journal_mode = DELETE");
  } finally {
    database.close();
  }
  return stored;
}

/** Prepares a connection to the copy. Without a journal, whatever stops it leaves the copy broken, so it must be removed then. */
function hurry(sqlite: Sqlite): void {
  sqlite.unsafeMode(true); // else the next line does nothing
  sqlite.pragma("journal_mode = OFF");
  sqlite.unsafeMode(false);
  for (const pragma of [...UNSAFE, `cache_size = -${CACHE_KIB}`]) sqlite.pragma(pragma);
}

/**
 * Renames the copy to the path of the empty database. A command that has opened that one and waits for it must not write to it. A journal of the
 * empty database that stayed would be taken for one of the copy, so it is gone from the disk before.
 */
function replace(sqlite: Sqlite, path: string, copy: string): void {
  sqlite.pragma("journal_mode = DELETE");
  sqlite.pragma("journal_mode = MEMORY"); // closes the journal's file, and makes no other
  rmSync(`${path}-journal`, { force: true });
  syncFolderOf(path);
  renameSync(copy, path);
  syncFolderOf(path);
  sqlite.exec("DROP TABLE migration");
}

function isEmpty(sqlite: Sqlite): boolean {
  const tables = sqlite
    .prepare<[], string>("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict")
    .pluck()
    .all();
  return tables
    .filter((table) => !WITHOUT_HISTORY.includes(table))
    .every((table) => sqlite.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined);
}
