// How is a workspace opened and closed? This is the only place that opens and closes its parts.
import { type Checkpoints, openCheckpoints } from "../../db/checkpoint.ts";
import { openDatabase } from "../../db/database.ts";
import type { Context } from "../context.ts";
import { type Lists, openLists } from "../customer/list/lists.ts";
import { openFilePurge } from "../customer/purge-file.ts";
import type { Config } from "../host/config.ts";
import { type Log, openLog } from "../host/log.ts";
import { toModuleUrl } from "../host/program.ts";
import { openExpiry } from "../http/idempotency.ts";
import { openSnapshots, type Snapshots } from "../http/snapshots.ts";
import { concealKeys } from "../intake/conceal-keys.ts";
import { keepDerivedFor } from "../ledger/derived-for.ts";
import { type Derives, type Ledger, openLedger } from "../ledger/ledger.ts";
import { sqlFunctions } from "../ledger/sql-functions.ts";
import { adoptCopy } from "../ops/backup/adopt-copy.ts";
import { type Backups, openBackups } from "../ops/backup/schedule.ts";
import { openCalendar } from "../value/calendar.ts";

/** A `Context` with the parts that only a server needs. */
export interface Workspace extends Context {
  readonly lists: Lists;
  readonly snapshots: Snapshots;
  readonly backups: Backups;
  /** Stops background work, then closes the database. Calling it again does nothing. */
  close(): Promise<void>;
}

const SECRET_LOST =
  "the secret beside the database is missing, or does not belong to it: entries that were sent without a key, and requests with an Idempotency-Key, are not recognized when they are sent again";

export interface WorkspaceOptions {
  /** The time, in milliseconds since 1970 UTC. The default is the setting `CLOCK`, or else the clock of the machine. */
  readonly now?: () => number;
  readonly log?: Log;
  /**
   * When stale customers are refreshed; the default is `asked`. With `soon`, as in a server, a thread also moves the journal into the file.
   */
  readonly derives?: Derives;
  /** How many entries are reassigned in one transaction. */
  readonly reassignAtOnce?: number;
  /** For up to how many milliseconds of work a read waits, and how many may be left before intake waits. */
  readonly readWaitsMs?: number;
  readonly intakeWaitsMs?: number;
  /** How often a server deletes expired Idempotency-Keys; for tests. */
  readonly expiresEveryMs?: number;
  /** Locks the database, so that no other server can open it. */
  readonly alone?: boolean;
  /** The path that the database file will have later. While a backup is being restored, this is not the path of the file. */
  readonly standsFor?: string;
}

/** Opens the parts of a workspace and migrates its database. Throws an Error whose message says what to do. */
export function assembleWorkspace(config: Config, options: WorkspaceOptions = {}): Workspace {
  const { clock, databasePath: path } = config;
  const now = options.now ?? (clock === undefined ? Date.now : () => clock);
  const log = options.log ?? openLog(config.logLevel);
  const calendar = openCalendar(config.timezone);
  const database = openDatabase(path, sqlFunctions(calendar), {
    alone: options.alone ?? false,
    ...(options.standsFor !== undefined && { standsFor: options.standsFor }),
  });
  const lastEntryId = database.sqlite.prepare<[], number>("SELECT coalesce(max(id), 0) FROM entry").pluck();
  const snapshots = openSnapshots({
    ttlSeconds: config.snapshotTtl,
    ensureFresh: () => ledger.ensureFresh(),
    changedElsewhere: () => database.changedElsewhere(),
    lastEntryId: () => lastEntryId.get() ?? 0,
    now,
  });
  const ledger: Ledger = openLedger({
    database,
    currency: config.currency,
    calendar,
    now,
    onChanged: (ids) => snapshots.forgetCustomers(ids),
    derives: options.derives,
    reassignAtOnce: options.reassignAtOnce,
    readWaitsMs: options.readWaitsMs,
    intakeWaitsMs: options.intakeWaitsMs,
    onBackgroundError: (error) =>
      log.error({ message: "background refresh failed", error: error instanceof Error ? error.message : "unknown" }),
  });
  const lists = openLists({ database, path, thread: toModuleUrl("src/customer/list/list-thread.ts") });
  const backups = openBackups({ config, database, log });
  const checkpoints: Checkpoints | undefined =
    options.derives === "soon" ? openCheckpoints(database, path, toModuleUrl("db/checkpoint-thread.ts")) : undefined;
  const expiry =
    options.derives === "soon"
      ? openExpiry({
          database,
          now,
          ...(options.expiresEveryMs !== undefined && { everyMs: options.expiresEveryMs }),
          onError: (error) =>
            log.warn({
              message: "expired Idempotency-Keys could not be deleted",
              error: error instanceof Error ? error.message : "unknown",
            }),
        })
      : undefined;
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    expiry?.close();
    ledger.close();
    await backups.stop();
    await lists.close();
    await checkpoints?.close();
    database.close();
  }

  return {
    config,
    database,
    now,
    calendar,
    ledger,
    lists,
    snapshots,
    backups,
    log,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/**
 * Opens a workspace and prepares it for use. If the database is a restored backup, people who were erased after it was made are
 * erased again. If the time zone or the currency has changed, all figures are recomputed.
 * Throws an Error whose message says what to do.
 */
export async function openWorkspace(config: Config, options: WorkspaceOptions = {}): Promise<Workspace> {
  const workspace = assembleWorkspace(config, options);
  try {
    if (options.alone) await openFilePurge(workspace.database).resume();
    if (options.alone && workspace.database.secret.state() === "lost") workspace.log.warn({ message: SECRET_LOST });
    await concealKeys(workspace.database);
    await adoptCopy(workspace);
    await keepDerivedFor(workspace);
    return workspace;
  } catch (error) {
    await workspace.close();
    throw error;
  }
}
