// Is the machine ready for the database? Checks file permissions, disk space and the clock.
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { secretOf } from "../../../db/secret.ts";
import { type Finding, failure, fine, toSize, warning } from "./finding.ts";

/** With less free space than this, writes may fail soon. */
const LEAST_BYTES = 100e6;
/** A clock that is earlier than the program itself is wrong. */
const RELEASED_AT = Date.parse("2026-01-01T00:00:00Z");
/** A file that is newer than now by more than this shows that the clock was set back. */
const TOLERANCE_MS = 60_000;

/** Checks that the folder of the database exists, is writable, and is closed to other users. */
export function lookAtFolder(databasePath: string): Finding {
  const folder = dirname(databasePath);
  const subject = "folder";
  if (!existsSync(folder)) return warning(subject, `${folder} does not exist yet`, "start the server, which creates it");
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return failure(
      subject,
      `this user may not write to ${folder}`,
      `change its owner with \`chown\`, or set DATABASE_PATH to a file in another folder`,
    );
  }
  const mode = statSync(folder).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    return warning(subject, `other users can open ${folder} (mode ${mode.toString(8)})`, `run \`chmod 700 ${folder}\``);
  return fine(subject, `only this user can open ${folder}`);
}

/** Checks that other users cannot read the files of the database. */
export function lookAtFiles(databasePath: string): Finding {
  const open = [databasePath, `${databasePath}-wal`, secretOf(databasePath)].filter((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return process.platform !== "win32" && (mode & 0o077) !== 0;
  });
  if (open.length > 0) return warning("files", `other users can read ${open.join(" and ")}`, `run \`chmod 600 ${open.join(" ")}\``);
  return fine("files", "only this user can read the database and its secret");
}

/** Checks that there is disk space for the database to grow, and for a backup of it. */
export function lookAtDisk(databasePath: string): Finding {
  const folder = existsSync(dirname(databasePath)) ? dirname(databasePath) : ".";
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const size = statSync(databasePath, { throwIfNoEntry: false })?.size ?? 0;
  const said = `${toSize(free)} are free, and the database takes ${toSize(size)}`;
  if (free < LEAST_BYTES) return failure("disk", said, "free some space, or move the database to another disk");
  if (free < 2 * size) return warning("disk", said, "free some space: the database needs room to grow and to be copied");
  return fine("disk", said);
}

/** Checks that the clock is plausible. `now` is in milliseconds since 1970 UTC; `standsStill` says whether `CLOCK` fixes it. */
export function lookAtClock(databasePath: string, now: number, standsStill: boolean): Finding {
  const subject = "clock";
  if (standsStill)
    return warning(subject, `CLOCK fixes the time at ${new Date(now).toISOString()}`, "unset CLOCK, which is for tests only");
  const touchedAt = statSync(databasePath, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (now < RELEASED_AT || touchedAt > now + TOLERANCE_MS)
    return failure(
      subject,
      `the clock says ${new Date(now).toISOString()}, which is in the past`,
      "set the clock of the machine, and synchronize it by NTP",
    );
  return fine(subject, new Date(now).toISOString());
}
