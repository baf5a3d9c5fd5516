// How is a database copied while others work with it, and how is the copy known to be good?
import { closeSync, copyFileSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { connect, type Sqlite } from "./connection.ts";
import { inspectBytes } from "./inspect.ts";
import { markAsCopy } from "./lineage.ts";
import { isBlank } from "./migrate.ts";
import { syncFile, syncFolderOf } from "./sync.ts";
import { toUnusable, Unusable } from "./unusable.ts";

/** Tables whose rows are only ever added. */
const GROWING = ["customer", "profile_update", "entry"] as const;

/** Per table of GROWING: the highest row. */
export type Extent = Readonly<Record<(typeof GROWING)[number], number>>;

/** What was read in a copy: rows per table, and its extent. */
export interface Contents {
  readonly rows: Readonly<Record<string, number>>;
  readonly extent: Extent;
}

/** Makes an empty file that only this user may read, for a copy to go into. Throws Unusable. */
export function ensureEmptyFile(path: string): void {
  try {
    rmSync(path, { force: true });
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    throw new Unusable(
      `The file ${path} cannot be made (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`,
      "name a file in a folder that is there and that this user may write to",
    );
  }
}

/** Copies a database as it is at one moment into `file`, which may be there and empty. Others go on reading and writing. */
export function copyDatabase(sqlite: Sqlite, file: string): void {
  sqlite.prepare("VACUUM INTO ?").run(file);
}

/** Makes a copy one file without a journal, that says that it is a copy, and syncs it. */
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

/** Reads a copy or a backup through, without changing it. Throws Unusable when it is not whole, or not of this program. */
export function checkCopy(file: string): Contents {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new Unusable(`There is no backup ${file}`, "name a file that `regulars backup` wrote");
  if (existsSync(`${file}-wal`)) throw new Unusable(`${file} is a database at work, with a journal`, "copy it with `regulars backup FILE`");
  inspectBytes(file, stats.size);
  let copy: Sqlite | undefined;
  try {
    copy = connect(file, { readonly: true, mustExist: true });
    if (isBlank(copy, file)) throw new Unusable(`The backup ${file} is empty`, "name another one");
    const problem = copy.pragma("integrity_check(1)", { simple: true });
    if (problem !== "ok") throw new Unusable(`The backup ${file} is damaged (${String(problem)})`, "name another one");
    return { rows: countRows(copy), extent: extentOf(copy) };
  } catch (error) {
    throw toUnusable(error, file);
  } finally {
    copy?.close();
  }
}

/** Gives a finished copy its name, which must be free. Throws Unusable. */
export function publishCopy(temporary: string, file: string): void {
  try {
    linkSync(temporary, file); // refuses, in one step, to take a name that is taken
    rmSync(temporary);
  } catch (error) {
    refuseTaken(file);
    if (!(error instanceof Error)) throw error;
    renameSync(temporary, file); // file systems without links
  }
  syncFolderOf(file);
}

export function refuseTaken(file: string): void {
  if (existsSync(file)) throw new Unusable(`There is a file ${file} already`, "name another one; a backup overwrites nothing");
}

/** Copies a database before it is migrated, beside it, replacing a copy of the same version. Gives the copy's name. */
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

/** Copies a file that nobody writes to, for this user alone. */
export function copyFile(from: string, to: string): void {
  ensureEmptyFile(to);
  copyFileSync(from, to);
  syncFile(to);
}

/** Rows per table. */
export function countRows(sqlite: Sqlite): Record<string, number> {
  const tables = sqlite
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL %' ORDER BY name",
    )
    .pluck()
    .all() as string[];
  return Object.fromEntries(tables.map((table) => [table, Number(sqlite.prepare(`SELECT count(*) FROM "${table}"`).pluck().get())]));
}

/** At once, however much there is. */
export function extentOf(sqlite: Sqlite): Extent {
  const highest = (table: string) => Number(sqlite.prepare(`SELECT coalesce(max(id), 0) FROM ${table}`).pluck().get());
  return { customer: highest("customer"), profile_update: highest("profile_update"), entry: highest("entry") };
}

/** Refuses a copy that has less than there was before it was begun, or more than after. Throws Unusable. */
export function compareExtents(file: string, before: Extent, copied: Extent, after: Extent): void {
  for (const table of GROWING)
    if (copied[table] < before[table] || copied[table] > after[table])
      throw new Unusable(`The backup ${file} lacks rows of ${table}`, "make it again, and report this");
}
