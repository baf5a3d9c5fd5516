// How does a backup become the database? The former database is kept under another name, and erased people stay erased.
import { existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { checkCopy, copyFile, inspectCopy } from "../../db/backup.ts";
import { connect, connectReader } from "../../db/connection.ts";
import { refuseForeignObjects } from "../../db/foreign-objects.ts";
import { ensureFolderOf, ensureMarker } from "../../db/inspect.ts";
import { isCopy, markAsCopy } from "../../db/lineage.ts";
import { removeDatabaseFiles } from "../../db/loading-copy.ts";
import { holdDatabase } from "../../db/lock.ts";
import { findPending } from "../../db/migrate.ts";
import { isTaken } from "../../db/private-file.ts";
import { syncFolderOf } from "../../db/sync.ts";
import { isBusy } from "../../db/unavailable.ts";
import { Unusable } from "../../db/unusable.ts";
import type { Config } from "../host/config.ts";
import { silentLog } from "../host/log.ts";
import { sqlFunctions } from "../ledger/sql-functions.ts";
import { adoptCopy } from "../ops/backup/adopt-copy.ts";
import { openCalendar } from "../value/calendar.ts";
import { assembleWorkspace } from "./workspace.ts";

export interface Restored {
  /** The path of the former database. Undefined: there was none. */
  readonly keptAt: string | undefined;
  /** How many people were erased again, because the backup still contained them. */
  readonly erased: number;
  /** Rows per table. */
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Replaces the workspace's database with a backup, migrated to this version.
 * Throws Unusable and changes nothing if the backup is damaged, foreign or of a newer version, or if a server is running.
 */
export async function restore(config: Config, file: string): Promise<Restored> {
  const path = config.databasePath;
  if (path === ":memory:") throw new Unusable("DATABASE_PATH is :memory:", "set it to the file that the backup is to become");
  attempt(() => inspectCopy(file)); // before a folder is created
  ensureFolderOf(path);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Unusable(`The database ${path} is a directory`, "set DATABASE_PATH to a file, for example one in it");
  const lock = holdDatabase(path);
  const next = `${path}.restoring`;
  try {
    const { rows } = attempt(() => requireBackup(file, config.timezone));
    removeDatabaseFiles(next);
    copyFile(file, next);
    ensureMarked(next);
    const workspace = assembleWorkspace({ ...config, databasePath: next }, { log: silentLog(), standsFor: path });
    let erased: number;
    try {
      erased = await adoptCopy(workspace);
    } finally {
      await workspace.close();
    }
    const keptAt = swap(path, next);
    ensureMarker(path);
    return { keptAt, erased, rows };
  } finally {
    removeDatabaseFiles(next);
    lock.release();
  }
}

/** Checks a backup and gives its contents. Throws Unusable if this version cannot restore it. */
export function requireBackup(file: string, timezone: string): ReturnType<typeof checkCopy> {
  const contents = checkCopy(file);
  const backup = connectReader(file);
  try {
    const { done } = findPending(backup, file, undefined, "backup");
    refuseForeignObjects(backup, file, sqlFunctions(openCalendar(timezone)), done);
  } finally {
    backup.close();
  }
  return contents;
}

/** Runs a check, and adds to its error that nothing was changed. */
function attempt<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw error instanceof Unusable ? new Unusable(`Nothing was changed. ${error.problem}`, error.remedy) : error;
  }
}

/** Marks a file as a copy, in case it was copied by other means than `backup`. */
function ensureMarked(file: string): void {
  const sqlite = connect(file, { mustExist: true });
  try {
    if (!isCopy(sqlite)) markAsCopy(sqlite);
  } finally {
    sqlite.close();
  }
}

/** Renames `next` to `path`. Gives the path under which the former database is kept, if there was one. */
function swap(path: string, next: string): string | undefined {
  const keptAt = toFreeName(`${path}.before-restore-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`);
  const isThere = existsSync(path) && statSync(path).size > 0;
  if (isThere) foldJournal(path);
  // A remaining journal belongs to the former database. SQLite would apply it to the new one.
  for (const ending of ["-wal", "-journal"]) if (existsSync(path + ending)) renameSync(path + ending, keptAt + ending);
  rmSync(`${path}-shm`, { force: true });
  if (isThere) keepUnder(path, keptAt);
  renameSync(next, path);
  syncFolderOf(path);
  return isThere ? keptAt : undefined;
}

/** The path, with a number at its end if a restore in the same second has taken it. */
function toFreeName(name: string): string {
  for (let [number, free] = [2, name]; ; free = `${name}-${number++}`)
    if (!["", "-wal", "-journal"].some((ending) => isTaken(free + ending))) return free;
}

/** Moves the journal into the database file. Throws Unusable if another process has the database open. */
function foldJournal(path: string): void {
  try {
    const sqlite = connect(path, { mustExist: true });
    try {
      sqlite.pragma("journal_mode = DELETE");
    } finally {
      sqlite.close();
    }
  } catch (error) {
    if (isBusy(error))
      throw new Unusable(`The database ${path} is in use by another command`, "wait until that command has ended, then restore again");
    // The database is damaged, so its journal is kept with it unchanged.
  }
}

function keepUnder(path: string, keptAt: string): void {
  try {
    linkSync(path, keptAt); // with a link, there is always a database at `path`
  } catch {
    renameSync(path, keptAt); // file systems without links
  }
}
