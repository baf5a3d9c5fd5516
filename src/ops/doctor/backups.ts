// Are there backups, and is the newest one young?

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../../host/config.ts";
import { DAY_MS } from "../../value/calendar.ts";
import { type Finding, failure, fine, warning } from "./finding.ts";

/** The backups that the server makes by itself: those in their folder, by their age. */
export function lookAtBackups({ databasePath, backupEvery, backupDir }: Config, now: number): Finding {
  const subject = "backups";
  const folder = backupDir ?? join(dirname(databasePath), "backups");
  const times = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".db"))
    .map((name) => statSync(join(folder, name)).mtimeMs);
  const age = times.length === 0 ? undefined : now - Math.max(...times);
  const said =
    age === undefined ? `there are none in ${folder}` : `${times.length} in ${folder}, the newest ${(age / DAY_MS).toFixed(1)} days old`;
  if (backupEvery === undefined)
    return warning(subject, `none are scheduled, and ${said}`, "set BACKUP_EVERY=24h, or run `regulars backup FILE` by a timer");
  if (age === undefined) return warning(subject, said, "a running server makes the first at once");
  if (age > 2 * backupEvery) return failure(subject, said, "see the server's log for why; is it running, and is there room?");
  return fine(subject, said);
}
