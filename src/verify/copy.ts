// How is a database checked while a server works with it? In a copy of one moment, which is removed afterwards.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { copyDatabase, ensureEmptyFile } from "../../db/backup.ts";
import { connectReader } from "../../db/connection.ts";

/**
 * How the name of a run's folder begins. It is beside the database and closed
 * to other users (mkdtemp sets the mode 0700); the process id follows.
 */
const folderName = (path: string) => `.${basename(path)}.verify-`;

/**
 * Copies the database at `path` over a read-only connection, runs `work` on the copy and gives its result. The copy is removed in any
 * case, also after a failure or an interruption. It takes as much disk space as the database. Throws an Error if there is no database.
 */
export async function withCopy<T>(path: string, work: (copyPath: string) => Promise<T>): Promise<T> {
  if (!existsSync(path)) throw new Error(`There is no database ${resolve(path)}: set DATABASE_PATH to one.`);
  removeAbandoned(path);
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
    // A fault of the copy is a fault of the original, so the message names the original.
    if (error instanceof Error) error.message = error.message.replaceAll(join(folder, "copy.db"), path);
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    remove();
  }
}

/** Removes the copies of runs that were killed: they contain personal data. */
function removeAbandoned(path: string): void {
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
