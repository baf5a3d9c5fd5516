// How is a backup made? By another process while a server runs, or by the server itself between its requests.
import { rmSync } from "node:fs";
import {
  COPY_ENDINGS,
  type Contents,
  checkCopy,
  compareExtents,
  copyDatabase,
  countRows,
  createEmptyFile,
  extentOf,
  publishCopy,
  refuseTaken,
  sealCopy,
} from "../../../db/backup.ts";
import { connectReader, type Sqlite } from "../../../db/connection.ts";
import { inspectFile } from "../../../db/inspect.ts";
import { isBlank } from "../../../db/migrate.ts";
import { toUnusable, Unusable } from "../../../db/unusable.ts";

/** How many pages are copied between two other requests: about 400 kB. */
const PAGES = 100;

/**
 * Copies the database at `path` into the new file `file`, with everything
 * that was stored before the call. Gives the contents. Throws Unusable.
 */
export async function backUpBeside(path: string, file: string): Promise<Contents> {
  if (path === ":memory:" || !inspectFile(path))
    throw new Unusable(`There is no database ${path}`, "set DATABASE_PATH to the database to back up");
  return await publishing(file, async (temporary) => {
    const sqlite = connectReader(path);
    try {
      if (isBlank(sqlite, path)) throw new Unusable(`The database ${path} is empty`, "set DATABASE_PATH to the database to back up");
      const version = sqlite.pragma("data_version", { simple: true });
      const before = extentOf(sqlite);
      const rows = countRows(sqlite);
      copyDatabase(sqlite, temporary);
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
  });
}

export interface WithinOptions {
  /** Checks the whole copy, in another process because it takes long. Rejects if the copy is damaged. */
  readonly check: Check;
  /** Abandons the backup. */
  readonly signal: AbortSignal;
}

export type Check = (file: string, signal: AbortSignal) => Promise<Contents>;

/** The same over a server's writing connection. Later writes are copied too, and no long read prevents checkpoints of the journal. */
export async function backUpWithin(sqlite: Sqlite, file: string, { check, signal }: WithinOptions): Promise<Contents> {
  return await publishing(file, async (temporary) => {
    const before = extentOf(sqlite);
    await sqlite.backup(temporary, {
      progress() {
        if (signal.aborted) throw new Unusable(`The backup ${file} was not finished`, "the server stopped");
        return PAGES;
      },
    });
    const after = extentOf(sqlite);
    sealCopy(temporary);
    const contents = await check(temporary, signal);
    compareExtents(file, before, contents.extent, after);
    return contents;
  });
}

/** Makes a copy under a temporary name. It is renamed to `file` when it is complete, and removed otherwise. */
async function publishing(file: string, make: (temporary: string) => Promise<Contents>): Promise<Contents> {
  refuseTaken(file);
  const temporary = `${file}.part`;
  createEmptyFile(temporary);
  try {
    const contents = await make(temporary);
    publishCopy(temporary, file);
    return contents;
  } finally {
    for (const ending of COPY_ENDINGS) rmSync(temporary + ending, { force: true });
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
