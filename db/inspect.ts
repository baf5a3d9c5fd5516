// Can the file at the database's path be opened? Checked before SQLite opens it, since SQLite takes an empty file for a new database.
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { ensureOwnFile } from "./private-file.ts";
import { syncFolderOf } from "./sync.ts";
import { ADVICE, type FileRole, RESTORE, toUnwritable, Unusable } from "./unusable.ts";

/** Every SQLite file begins with this (SQLite manual, "Database File Format", 1.3). */
const MAGIC = Buffer.from("SQLite format 3\0", "latin1");
const HEADER_BYTES = 100;

/** Creates the folder of a file if it is missing, for this user only. Throws Unusable. */
export function ensureFolderOf(path: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw toUnwritable(folder, error, "set DATABASE_PATH to a file in another folder");
  }
}

/** The path of the marker beside a database that has data. With it, a lost or emptied database is not mistaken for a new one. */
export const markerOf = (path: string) => `${path}.made`;

/** Creates the marker beside the database at `path`, if it is missing. */
export function ensureMarker(path: string): void {
  if (existsSync(markerOf(path))) return;
  ensureOwnFile(
    markerOf(path),
    "The database beside this file has data. While this file exists, regulars does not start with a missing or empty database.\n",
  );
  syncFolderOf(path);
}

/** Throws Unusable if the missing or empty database at `path` had data. */
export function refuseLoss(path: string, what: "missing" | "empty"): void {
  if (existsSync(markerOf(path)))
    throw new Unusable(
      `The database ${path} is ${what}, but it had data`,
      `${RESTORE}, or delete ${markerOf(path)} to start with an empty database`,
    );
  if (bytesOf(`${path}-wal`) > 0)
    throw new Unusable(`The database ${path} is ${what}, but its journal ${path}-wal is not`, `${RESTORE}, or delete the journal`);
}

/**
 * Checks the file at `path` before SQLite opens it. Returns false if it is missing or empty and never had data.
 * Throws Unusable if it cannot be used.
 */
export function inspectFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    refuseLoss(path, "missing");
    return false;
  }
  if (stats.isDirectory()) throw new Unusable(`The database ${path} is a directory`, "set DATABASE_PATH to a file, for example one in it");
  if (!stats.isFile()) throw new Unusable(`The database ${path} is not a regular file`, "set DATABASE_PATH to a regular file");
  refuseReadOnly(path, stats);
  if (stats.size === 0) {
    refuseLoss(path, "empty");
    return false;
  }
  inspectBytes(path, stats.size);
  return true;
}

/** Checks the header: is it a SQLite file, and is it as long as the header says? `size` is in bytes. Throws Unusable. */
export function inspectBytes(path: string, size: number, role: FileRole = "database"): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, "r");
  const read = readSync(file, header, 0, HEADER_BYTES, 0);
  closeSync(file);
  if (read < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC))
    throw new Unusable(`The ${role} ${path} is not a SQLite database`, ADVICE[role].foreign);
  // The rest of the file may still be in its journal.
  if (bytesOf(`${path}-wal`) > 0 || bytesOf(`${path}-journal`) > 0) return;
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const isCountValid = header.readUInt32BE(24) === header.readUInt32BE(92);
  if (isCountValid && size < pageBytes * header.readUInt32BE(28))
    throw new Unusable(`The ${role} ${path} is damaged: its end is missing`, ADVICE[role].damaged);
}

/** Throws Unusable for a read-only file, even for root, who could write it: somebody made it read-only on purpose. */
function refuseReadOnly(path: string, stats: Stats): void {
  const remedy = `make it writable with \`chmod u+w ${path}\`, or set DATABASE_PATH to another file`;
  if ((stats.mode & 0o222) === 0) throw new Unusable(`The database ${path} is read-only`, remedy);
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Unusable(`This user may not read and write the database ${path} (${codeOf(error)})`, remedy);
  }
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
