// How is a database looked at for as long as it takes, while a server works with it? In a copy of one moment, which is gone afterwards.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { copyDatabase, ensureEmptyFile } from "../../db/backup.ts";
import { connectReader } from "../../db/connection.ts";

/** A folder of a run: beside the database, named by its process. Other users may not look into it (mkdtemp makes it 0700). */
const folderName = (path: string) => `.${basename(path)}.verify-`;

/**
 * Copies the database at `path` over a connection that only reads, runs `work` on the copy, and removes it, also after a failure
 * or when the run is interrupted. Needs as much room as the database has beside it. Throws when there is no database.
 */
export async function withCopy<T>(path: string, work: (copyPath: string) => Promise<T>): Promise<T> {
  if (!existsSync(path)) throw new Error(`There is no database ${resolve(path)}: set DATABASE_PATH to one.`);
  removeLeftOver(path);
  const folder = mkdtempSync(join(dirname(path), `${folderName(path)}${process.pid}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const interrupted = () => {
    remove();
    process.exit(130);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupted);
  try {
    const copyPath = join(folder, "copy.db");
    ensureEmptyFile(copyPath);
    const source = connectReader(path);
    try {
      copyDatabase(source, copyPath);
    } finally {
      source.close();
    }
    return await work(copyPath);
  } catch (error) {
    // What is wrong with the copy is wrong with the original.
    if (error instanceof Error) error.message = error.message.replaceAll(join(folder, "copy.db"), path);
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    remove();
  }
}

/** A run that was killed could not remove its copy, which holds people: the next run does. */
function removeLeftOver(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(folderName(path)) ? Number.parseInt(name.slice(folderName(path).length), 10) : Number.NaN;
    if (pid > 0 && !isRunning(pid)) rmSync(join(dirname(path), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
