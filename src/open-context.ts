// How is everything put together that features are handed?
import { openCheckpoints } from "../db/checkpoint.ts";
import { openDatabase } from "../db/database.ts";
import { adoptCopy } from "./backup/adopt-copy.ts";
import { openBackups } from "./backup/schedule.ts";
import { openCalendar } from "./calendar.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import { openClearing } from "./customer/clear-file.ts";
import { openLists } from "./customer/lists.ts";
import { type Derives, openLedger, sqlFunctions } from "./ledger/ledger.ts";
import { keepWorkspace } from "./ledger/workspace.ts";
import { type Log, openLog } from "./log.ts";
import { openSnapshots } from "./snapshot.ts";

export interface ContextOptions {
  /** The time, milliseconds since 1970 UTC; else the clock of the machine, or `CLOCK`. */
  readonly now?: () => number;
  readonly log?: Log;
  /** When what is derived follows a write; `asked` unless said. */
  readonly derives?: Derives;
  /** So many entries change hands within one write. */
  readonly moveAtOnce?: number;
  /** Keep every other server out. */
  readonly alone?: boolean;
  /** The database's file is to become the one at this path. */
  readonly standsFor?: string;
}

/** Opens the workspace that the settings describe, and migrates its database. Throws an Error whose message says what to do. */
export function openContext(config: Config, options: ContextOptions = {}): Context {
  const { clock } = config;
  const now = options.now ?? (clock === undefined ? Date.now : () => clock);
  const log = options.log ?? openLog(config.logLevel);
  const calendar = openCalendar(config.timezone);
  const database = openDatabase(config.databasePath, sqlFunctions(calendar), {
    alone: options.alone ?? false,
    ...(options.standsFor !== undefined && { standsFor: options.standsFor }),
  });
  const snapshots = openSnapshots({ ttlSeconds: config.snapshotTtl, changedElsewhere: () => database.changedElsewhere() });
  const ledger = openLedger({
    database,
    currency: config.currency,
    calendar,
    now,
    onTouched: (ids) => snapshots.forgetCustomer(ids),
    derives: options.derives,
    moveAtOnce: options.moveAtOnce,
    onBackgroundError: (error) =>
      log.error({ message: "the background refresh failed", error: error instanceof Error ? error.message : "unknown" }),
  });
  const lists = openLists({ database, path: config.databasePath, thread: new URL("./customer/list-thread.ts", import.meta.url) });
  const backups = openBackups({ config, database, log });
  const checkpoints =
    options.derives === "soon"
      ? openCheckpoints(database, config.databasePath, new URL("../db/checkpoint-thread.ts", import.meta.url))
      : undefined;
  return { config, database, now, calendar, ledger, lists, snapshots, backups, checkpoints, log };
}

/**
 * The same for those who work with it: who was erased since a backup was made, which is the database now, is erased again, and what is derived
 * is computed anew, if the zone or the currency is another one than it was computed for. Throws an Error whose message says what to do.
 */
export async function openWorkspace(config: Config, options: ContextOptions = {}): Promise<Context> {
  const context = openContext(config, options);
  try {
    if (options.alone) await openClearing(context.database).resume();
    await adoptCopy(context);
    await keepWorkspace(context);
    return context;
  } catch (error) {
    context.ledger.close();
    context.database.close();
    throw error;
  }
}
