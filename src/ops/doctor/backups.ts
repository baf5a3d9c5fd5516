// Are there backups, and is the newest one recent?

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../../host/config.ts";
import { DAY_MS } from "../../value/calendar.ts";
import { type Finding, failure, fine, warning } from "./finding.ts";

/** Checks the age of the newest backup in the folder of scheduled backups. `now` is in milliseconds since 1970 UTC. */
export function lookAtBackups({ databasePath, backupEvery, backupDir }: Config, now: number): Finding {
  const subject = "backups";
  const folder = backupDir ?? join(dirname(databasePath), "backups");
  const times = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".db"))
    .map((name) => statSync(join(folder, name)).mtimeMs);
  const age = times.length === 0 ? undefined : now - Math.max(...times);
  const said =
    age === undefined
      ? `there are no backups in ${folder}`
      : `${folder} has ${times.length}, the newest ${(age / DAY_MS).toFixed(1)} days old`;
  if (backupEvery === undefined)
    return warning(subject, `no backups are scheduled, and ${said}`, "set BACKUP_EVERY=24h, or run `regulars backup FILE` regularly");
  if (age === undefined) return warning(subject, said, "start the server, which makes the first one immediately");
  if (age > 2 * backupEvery) return failure(subject, said, "check that the server is running and has disk space, and read its log");
  return fine(subject, said);
}
