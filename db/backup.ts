// How is a database copied while others use it, and how is the copy checked?
import { closeSync, existsSync, fdatasyncSync, linkSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { connect, connectReader, type Sqlite } from "./connection.ts";
import { inspectBytes } from "./inspect.ts";
import { markAsCopy } from "./lineage.ts";
import { DATABASE_ENDINGS } from "./loading-copy.ts";
import { isBlank } from "./migrate.ts";
import { isTaken, openNewFile, openReplacedFile } from "./private-file.ts";
import { syncFile, syncFolderOf } from "./sync.ts";
import { ADVICE, toUnusable, toUnwritable, Unusable } from "./unusable.ts";

/** Tables whose rows are only ever added. */
const GROWING = ["customer", "profile_update", "entry"] as const;

/** The highest row number of each table of GROWING. */
export type Extent = Readonly<Record<(typeof GROWING)[number], number>>;

/** What a check has read in a copy: the number of rows per table, and the extent. */
export interface Contents {
  readonly rows: Readonly<Record<string, number>>;
  readonly extent: Extent;
}

/** Bytes copied at a time. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** How many pages of a database are copied before they are synced: 1 MiB. */
const PIECE_PAGES = 256;

/** Creates an empty file for a copy, readable by this user only. Replaces an existing one. Throws Unusable. */
export function ensureEmptyFile(path: string): void {
  try {
    closeSync(openReplacedFile(path));
  } catch (error) {
    throw toUnwritable(dirname(path), error, "name a file in another folder");
  }
}

/** The same, but throws Unusable if the file or one of its journals exists, because it may be somebody's. */
export function createEmptyFile(path: string): void {
  const taken = DATABASE_ENDINGS.map((ending) => path + ending).find(isTaken);
  if (taken !== undefined)
    throw new Unusable(
      `The file ${taken} already exists`,
      "delete it if it is left of a backup that was interrupted, or name another file for the backup",
    );
  try {
    closeSync(openNewFile(path));
  } catch (error) {
    throw toUnwritable(dirname(path), error, "name a file in another folder");
  }
}

/** Copies a database, as it is at one moment, into `file`, which must be missing or empty. Others can read and write meanwhile. */
export function copyDatabase(sqlite: Sqlite, file: string): void {
  sqlite.prepare("VACUUM INTO ?").run(file);
}

/**
 * The same, into an empty file, in pieces that are synced one by one. Otherwise the disk would have gigabytes to write at once, and each
 * commit of a server would wait for them. The connection must be for this alone: it holds one read transaction meanwhile.
 */
export async function copyInPieces(sqlite: Sqlite, file: string): Promise<void> {
  const written = openSync(file, "r+");
  sqlite.exec("BEGIN");
  try {
    sqlite.prepare("SELECT count(*) FROM sqlite_schema").get(); // the moment of the copy; without it, each write of others begins it anew
    await sqlite.backup(file, {
      progress() {
        fdatasyncSync(written);
        return PIECE_PAGES;
      },
    });
  } finally {
    sqlite.exec("ROLLBACK");
    closeSync(written);
  }
}

/** Turns a copy into a single file without a journal, marks it as a copy, and syncs it. */
export function sealCopy(file: string): void {
  const copy = connect(file, { mustExist: true });
  try {
    copy.pragma("journal_mode = DELETE");
    markAsCopy(copy);
  } finally {
    copy.close();
  }
  syncFile(file);
}

/** Checks a backup without opening it in SQLite: does it exist, is it a SQLite file, and is it complete? Throws Unusable. */
export function inspectCopy(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) throw new Unusable(`There is no file ${file}`, "check the path");
  if (!stats.isFile()) throw new Unusable(`${file} is not a regular file`, ADVICE.backup.foreign);
  if (existsSync(`${file}-wal`))
    throw new Unusable(`${file} is a database in use, with a journal`, "make a backup of it with `regulars backup FILE`, and use that");
  inspectBytes(file, stats.size, "backup");
}

/** Reads a whole copy or backup, without changing it. Returns what is in it. Throws Unusable if it is damaged or of another program. */
export function checkCopy(file: string): Contents {
  inspectCopy(file);
  let copy: Sqlite | undefined;
  try {
    copy = connectReader(file);
    if (isBlank(copy, file, "backup")) throw new Unusable(`The backup ${file} is empty`, ADVICE.backup.damaged);
    const problem = copy.pragma("integrity_check(1)", { simple: true });
    if (problem !== "ok") throw new Unusable(`The backup ${file} is damaged (${String(problem)})`, ADVICE.backup.damaged);
    return { rows: countRows(copy), extent: extentOf(copy) };
  } catch (error) {
    throw toUnusable(error, file, "backup");
  } finally {
    copy?.close();
  }
}

/** Renames a finished copy to `file`. Throws Unusable if a file of that name exists. */
export function publishCopy(temporary: string, file: string): void {
  try {
    linkSync(temporary, file); // unlike a rename, it fails if the name exists
    rmSync(temporary);
  } catch (error) {
    refuseTaken(file);
    if (!(error instanceof Error)) throw error;
    renameSync(temporary, file); // file systems without links
  }
  syncFolderOf(file);
}

/** Throws Unusable if the file exists. */
export function refuseTaken(file: string): void {
  if (isTaken(file)) throw new Unusable(`The file ${file} already exists`, "name a new file; a backup never overwrites one");
}

/** Copies a database to a file beside it before a migration. Replaces a copy of the same version (`last`). Returns the path of the copy. */
export function keepBefore(sqlite: Sqlite, path: string, last: string): string {
  const kept = `${path}.at-${last}`;
  const temporary = `${kept}.part`;
  ensureEmptyFile(temporary);
  try {
    copyDatabase(sqlite, temporary);
    sealCopy(temporary);
    renameSync(temporary, kept);
    syncFolderOf(kept);
  } finally {
    rmSync(temporary, { force: true });
  }
  return kept;
}

/** Copies a file that nobody writes to. Only this user may read the copy, whatever the permissions of the original. Throws Unusable. */
export function copyFile(from: string, to: string): void {
  const source = openSync(from, "r");
  try {
    const copy = openReplacedFile(to);
    try {
      const piece = Buffer.alloc(PIECE_BYTES);
      for (let read = readSync(source, piece); read > 0; read = readSync(source, piece))
        for (let written = 0; written < read; ) written += writeSync(copy, piece, written, read - written);
    } finally {
      closeSync(copy);
    }
  } finally {
    closeSync(source);
  }
  syncFile(to);
}

/** The number of rows of each table. */
export function countRows(sqlite: Sqlite): Record<string, number> {
  const tables = sqlite
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL %' ORDER BY name",
    )
    .pluck()
    .all();
  return Object.fromEntries(tables.map((table) => [table, Number(sqlite.prepare(`SELECT count(*) FROM "${table}"`).pluck().get())]));
}

/** The highest row numbers. Fast for any size of database. */
export function extentOf(sqlite: Sqlite): Extent {
  const highest = (table: string) => Number(sqlite.prepare(`SELECT coalesce(max(id), 0) FROM ${table}`).pluck().get());
  return { customer: highest("customer"), profile_update: highest("profile_update"), entry: highest("entry") };
}

/** Checks that a copy has at least the rows from before it was begun, and at most those from after. Throws Unusable. */
export function compareExtents(file: string, before: Extent, copied: Extent, after: Extent): void {
  for (const table of GROWING)
    if (copied[table] < before[table] || copied[table] > after[table])
      throw new Unusable(`The backup ${file} is missing rows of ${table}`, "make it again, and report this as a bug");
}
