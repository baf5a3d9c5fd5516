// When does the server make a scheduled backup, and how did the last one end?
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Database } from "../../../db/database.ts";
import type { Config } from "../../host/config.ts";
import type { Log } from "../../host/log.ts";
import { type BackUp, backUpElsewhere, backUpGivingWay } from "./back-up-elsewhere.ts";

export interface BackupStatus {
  /** The result of the last finished backup; `waiting` if there was none. */
  readonly status: "waiting" | "ok" | "failed";
  /** When the newest good backup was begun, in milliseconds since 1970 UTC. */
  readonly newestAt: number | undefined;
}

export interface Backups {
  /** Undefined if no backups are scheduled. */
  status(): BackupStatus | undefined;
  /** Makes backups when they are due, from now on. */
  start(): void;
  /** Makes a backup now, unless one is in progress. Never throws; a failure is in the log and in the status. */
  run(): Promise<void>;
  /** Abandons a backup in progress. */
  stop(): Promise<void>;
}

export interface BackupOptions {
  readonly config: Pick<Config, "backupEvery" | "backupKeep" | "backupDir" | "databasePath">;
  readonly database: Database;
  readonly log: Log;
  readonly clock?: () => number;
  readonly backUp?: BackUp;
}

/** How often the server checks whether a backup is due. */
const LOOK_MS = 30_000;
/** How long the server waits after a failed backup, unless backups are more frequent. */
const RETRY_MS = 15 * 60_000;
const PART = /^regulars-\d{8}T\d{6}Z\.db\.part(-\w+)?$/;
const NAME = /^regulars-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/;

/** The name of a backup begun at an instant: `regulars-20260201T100000Z.db`. */
function toName(at: number): string {
  return `regulars-${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z.db`;
}

/** When the backup with this name was begun, in milliseconds since 1970 UTC, rounded down to the second. Undefined: it is no such name. */
export function toAt(name: string): number | undefined {
  const match = NAME.exec(name);
  return match ? Date.parse(name.replace(NAME, "$1-$2-$3T$4:$5:$6Z")) : undefined;
}

/** The scheduled backups of a database. Before `start`, only `run` makes one. `clock` gives milliseconds since 1970 UTC. */
export function openBackups({ config, database, log, clock = Date.now, backUp = backUpElsewhere }: BackupOptions): Backups {
  const every = config.databasePath === ":memory:" ? undefined : config.backupEvery;
  const folder = config.backupDir ?? join(dirname(config.databasePath), "backups");
  let status: BackupStatus["status"] = "waiting";
  let running: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let timer: Timer | undefined;
  const stopping = new AbortController();

  /** The backups in the folder, newest first. */
  function list(): string[] {
    try {
      return readdirSync(folder)
        .filter((name) => NAME.test(name))
        .sort()
        .reverse();
    } catch {
      return []; // the folder does not exist yet, or is unreadable, which the next backup reports
    }
  }

  function newestAt(): number | undefined {
    const [newest] = list();
    return newest === undefined ? undefined : toAt(newest);
  }

  async function make(): Promise<void> {
    triedAt = clock();
    const name = toName(triedAt);
    const startedAt = performance.now();
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const left of readdirSync(folder).filter((each) => PART.test(each))) rmSync(join(folder, left)); // left by a server that was killed
      const { rows } = await backUpGivingWay(database, [config.databasePath, join(folder, name)], backUp, stopping.signal);
      for (const old of list().slice(config.backupKeep)) rmSync(join(folder, old));
      status = "ok";
      log.info({ message: "backup made", name, milliseconds: Math.round(performance.now() - startedAt), entries: rows.entry });
    } catch (error) {
      if (stopping.signal.aborted) return;
      status = "failed";
      log.error({ message: "backup failed", name, error: error instanceof Error ? error.message : "unknown" });
    }
  }

  function run(): Promise<void> {
    running ??= make().finally(() => {
      running = undefined;
    });
    return running;
  }

  function look(): void {
    if (every === undefined || stopping.signal.aborted) return;
    const at = clock();
    const isDue = at - (newestAt() ?? Number.NEGATIVE_INFINITY) >= every;
    if (isDue && at - triedAt >= Math.min(every, RETRY_MS)) void run();
  }

  return {
    status: () => (every === undefined ? undefined : { status, newestAt: newestAt() }),
    start() {
      if (every === undefined || timer) return;
      look();
      timer = setInterval(look, Math.min(LOOK_MS, every)).unref();
    },
    run,
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await running;
    },
  };
}
