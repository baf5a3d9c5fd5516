// Is what lies at the database's path fit to be opened? Looked at before SQLite is, which takes an empty file for a new database.
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolderOf } from "./sync.ts";
import { RESTORE, Unusable } from "./unusable.ts";

/** "SQLite format 3" and NUL begin every SQLite file (SQLite manual, "Database File Format", 1.3). */
const MAGIC = Buffer.from("SQLite format 3\0", "latin1");
const HEADER_BYTES = 100;

/** Makes the folder of a file, for this user alone, if it is missing. Throws Unusable. */
export function ensureFolderOf(path: string): void {
  const folder = dirname(path);
  const remedy = "set DATABASE_PATH to a file in a folder that this user may write to";
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Unusable(`The folder ${folder} for the database cannot be made (${codeOf(error)})`, remedy);
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Unusable(`The folder ${folder} of the database cannot be written (${codeOf(error)})`, remedy);
  }
}

/** Where is it written down that there is data at a path? Beside it, so that a lost or emptied file is not taken for a new database. */
export const markerOf = (path: string) => `${path}.made`;

export function ensureMarker(path: string): void {
  if (existsSync(markerOf(path))) return;
  writeFileSync(
    markerOf(path),
    "There is data in the database beside this file: without it, regulars does not start with an empty one.\n",
    {
      mode: 0o600,
    },
  );
  syncFolderOf(path);
}

/** Refuses an empty or missing file where data was. Throws Unusable. */
export function refuseLoss(path: string, what: "missing" | "empty"): void {
  if (existsSync(markerOf(path)))
    throw new Unusable(
      `The database ${path} is ${what}, but there was data`,
      `${RESTORE}, or delete ${markerOf(path)} to start with nothing`,
    );
  if (bytesOf(`${path}-wal`) > 0)
    throw new Unusable(`The database ${path} is ${what}, but its journal ${path}-wal is not`, `${RESTORE}, or delete the journal`);
}

/** Looks at the file from outside: `false` when there is none yet, or one of no bytes where no data was. Throws Unusable. */
export function inspectFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    refuseLoss(path, "missing");
    return false;
  }
  if (stats.isDirectory()) throw new Unusable(`${path} is a directory`, "set DATABASE_PATH to a file in it or elsewhere");
  if (!stats.isFile()) throw new Unusable(`${path} is not a file`, "set DATABASE_PATH to one");
  refuseReadOnly(path, stats);
  if (stats.size === 0) {
    refuseLoss(path, "empty");
    return false;
  }
  inspectBytes(path, stats.size);
  return true;
}

/** Looks at the first bytes: is it a SQLite file, and as long as it says? Throws Unusable. */
export function inspectBytes(path: string, size: number): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, "r");
  const read = readSync(file, header, 0, HEADER_BYTES, 0);
  closeSync(file);
  if (read < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC))
    throw new Unusable(`${path} is not a SQLite database`, `set DATABASE_PATH to another file, or ${RESTORE}`);
  // Of a file with a journal, the journal may hold the rest.
  if (bytesOf(`${path}-wal`) > 0 || bytesOf(`${path}-journal`) > 0) return;
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const isCountValid = header.readUInt32BE(24) === header.readUInt32BE(92);
  if (isCountValid && size < pageBytes * header.readUInt32BE(28))
    throw new Unusable(`The database ${path} is damaged: its end is missing`, RESTORE);
}

/** Also for root, whom permissions do not stop: who takes a file's write permission means something by it. */
function refuseReadOnly(path: string, stats: Stats): void {
  const remedy = `allow it with \`chmod u+w ${path}\`, or set DATABASE_PATH to another file`;
  if ((stats.mode & 0o222) === 0) throw new Unusable(`The database ${path} is read-only`, remedy);
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Unusable(`The database ${path} may not be read and written by this user (${codeOf(error)})`, remedy);
  }
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
