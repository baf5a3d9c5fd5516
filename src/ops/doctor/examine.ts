// What does the doctor check?
import { connect } from "../../../db/connection.ts";
import type { Config } from "../../host/config.ts";
import { VERSION } from "../../host/version.ts";
import { lookAtBackups } from "./backups.ts";
import { lookAtDatabase } from "./database.ts";
import { type Finding, fine } from "./finding.ts";
import { lookAtKeys } from "./keys.ts";
import { lookAtClock, lookAtDisk, lookAtFiles, lookAtFolder } from "./surroundings.ts";

/** Checks the whole installation that the settings describe, without changing it. `now`: milliseconds since 1970 UTC. */
export function examine(config: Config, now: number): Finding[] {
  const { databasePath: path } = config;
  const database = lookAtDatabase(config, now);
  if (path === ":memory:") return [lookAtVersions(), ...database];
  return [
    lookAtVersions(),
    lookAtFolder(path),
    lookAtFiles(path),
    lookAtDisk(path),
    lookAtClock(path, config.clock ?? now, config.clock !== undefined),
    ...database,
    ...lookAtKeys(config, now),
    lookAtBackups(config, now),
  ];
}

function lookAtVersions(): Finding {
  const sqlite = connect(":memory:");
  const version = String(sqlite.prepare("SELECT sqlite_version()").pluck().get());
  sqlite.close();
  return fine("version", `regulars ${VERSION}, Bun ${Bun.version}, SQLite ${version}, ${process.platform} ${process.arch}`);
}
