// How is a backup made? By a process of its own, so that no request of a running server waits for it.
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  type Contents,
  checkCopy,
  compareExtents,
  copyInPieces,
  countRows,
  createEmptyFile,
  extentOf,
  publishCopy,
  refuseTaken,
  sealCopy,
} from "../../../db/backup.ts";
import { connectReader } from "../../../db/connection.ts";
import { inspectFile } from "../../../db/inspect.ts";
import { removeDatabaseFiles } from "../../../db/loading-copy.ts";
import { isBlank } from "../../../db/migrate.ts";
import { toUnusable, Unusable } from "../../../db/unusable.ts";

/** The name of a backup until it is complete. */
export const toTemporary = (file: string): string => `${file}.part`;

/**
 * Copies the database at `path` into the new file `file`, with everything
 * that was stored before the call. Gives the contents. Throws Unusable.
 */
export async function backUpBeside(path: string, file: string): Promise<Contents> {
  if (path === ":memory:" || !inspectFile(path))
    throw new Unusable(`There is no database ${path}`, "set DATABASE_PATH to the database to back up");
  refuseTaken(file);
  const temporary = toTemporary(file);
  createEmptyFile(temporary);
  try {
    const contents = await copy(path, file, temporary);
    publishCopy(temporary, file);
    return contents;
  } finally {
    removeDatabaseFiles(temporary);
  }
}

/** What a copy for another machine is called while it is made, beside the database. */
export const toSentCopy = (path: string, id: string): string => `${path}.sent-${id}`;

/** Removes the copies for other machines that a server which was killed has left. Only the one server of the database may call it. */
export function removeSentCopies(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) if (name.startsWith(toSentCopy(basename(path), ""))) rmSync(join(folder, name), { force: true });
}

async function copy(path: string, file: string, temporary: string): Promise<Contents> {
  const sqlite = connectReader(path);
  try {
    if (isBlank(sqlite, path)) throw new Unusable(`The database ${path} is empty`, "set DATABASE_PATH to the database to back up");
    const version = sqlite.pragma("data_version", { simple: true });
    const before = extentOf(sqlite);
    const rows = countRows(sqlite);
    await copyInPieces(sqlite, temporary);
    const isQuiet = sqlite.pragma("data_version", { simple: true }) === version;
    const after = extentOf(sqlite);
    sealCopy(temporary);
    const contents = checkCopy(temporary);
    compareExtents(file, before, contents.extent, after);
    if (isQuiet) compareRows(file, rows, contents.rows);
    return contents;
  } catch (error) {
    throw toUnusable(error, path);
  } finally {
    sqlite.close();
  }
}

function compareRows(file: string, rows: Contents["rows"], copied: Contents["rows"]): void {
  // `setting` of the copy has one more row, which marks it as a copy.
  for (const [table, count] of Object.entries(rows))
    if (table !== "setting" && copied[table] !== count)
      throw new Unusable(
        `The backup ${file} has ${copied[table]} rows of ${table}, not ${count}`,
        "make it again, and report this as a bug",
      );
}
