// Is the machine fit for the database: its folder's permissions, its disk, its clock?
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Finding, failure, fine, toSize, warning } from "./finding.ts";

/** Below this much room, writes may fail soon. */
const LEAST_BYTES = 100e6;
/** A clock before the program was made is wrong. */
const MADE_AT = Date.parse("2026-01-01T00:00:00Z");
/** A file that is younger than now by more than this says that the clock went back. */
const TOLERANCE_MS = 60_000;

/** The folder of the database: is it there, for this user alone, and writable? */
export function lookAtFolder(databasePath: string): Finding {
  const folder = dirname(databasePath);
  const subject = "folder";
  if (!existsSync(folder)) return warning(subject, `${folder} is not there yet`, "the first start makes it");
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return failure(subject, `${folder} may not be written by this user`, `give it to this user with \`chown\`, or set DATABASE_PATH`);
  }
  const mode = statSync(folder).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    return warning(subject, `${folder} is open to other users (${mode.toString(8)})`, `close it with \`chmod 700 ${folder}\``);
  return fine(subject, `${folder} is this user's alone`);
}

/** The files of the database: may nobody else read them? */
export function lookAtFiles(databasePath: string): Finding {
  const open = [databasePath, `${databasePath}-wal`].filter((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return process.platform !== "win32" && (mode & 0o077) !== 0;
  });
  if (open.length > 0)
    return warning("files", `${open.join(" and ")} can be read by other users`, `close with \`chmod 600 ${open.join(" ")}\``);
  return fine("files", "nobody else may read the database");
}

/** Is there room for the database to grow, and for a backup of it? */
export function lookAtDisk(databasePath: string): Finding {
  const folder = existsSync(dirname(databasePath)) ? dirname(databasePath) : ".";
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const size = statSync(databasePath, { throwIfNoEntry: false })?.size ?? 0;
  const said = `${toSize(free)} are free, and the database has ${toSize(size)}`;
  if (free < LEAST_BYTES) return failure("disk", said, "make room, or move the database");
  if (free < 2 * size) return warning("disk", said, "make room for it to grow and for copies of it");
  return fine("disk", said);
}

/** Does the machine know what time it is? */
export function lookAtClock(databasePath: string, now: number, standsStill: boolean): Finding {
  const subject = "clock";
  if (standsStill) return warning(subject, `CLOCK makes it stand at ${new Date(now).toISOString()}`, "leave it unset, it is for tests");
  const touchedAt = statSync(databasePath, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (now < MADE_AT || touchedAt > now + TOLERANCE_MS)
    return failure(subject, `${new Date(now).toISOString()} is in the past`, "set the machine's clock, and keep it by NTP");
  return fine(subject, new Date(now).toISOString());
}
