// How is a workspace opened and closed? This is the only place that opens and closes its parts.
import { type Checkpoints, openCheckpoints } from "../../db/checkpoint.ts";
import { openDatabase } from "../../db/database.ts";
import { loadingCopyOf, removeDatabaseFiles } from "../../db/loading-copy.ts";
import { openStandby, type Standby } from "../../db/standby.ts";
import { Unusable } from "../../db/unusable.ts";
import { openKeyring } from "../access/keyring.ts";
import type { Context } from "../context.ts";
import { openErasure } from "../customer/erase-customer.ts";
import { type Lists, openLists } from "../customer/list/lists.ts";
import { openFollowers } from "../feed/followers.ts";
import { openNews } from "../feed/news.ts";
import { openPruning } from "../feed/prune.ts";
import type { Feed } from "../feed/routes.ts";
import { type Dispatcher, openDispatcher } from "../feed/webhooks/dispatcher.ts";
import type { AnalyticsTarget } from "../host/analytics-url.ts";
import type { Config } from "../host/config.ts";
import { type Log, openLog } from "../host/log.ts";
import { toModuleUrl } from "../host/program.ts";
import { openThreadClient, type ThreadClient } from "../host/thread-client.ts";
import { openExpiry } from "../http/idempotency.ts";
import { openSnapshots, type Snapshots } from "../http/snapshots.ts";
import { concealKeys } from "../intake/conceal-keys.ts";
import { type Imports, openImports } from "../intake/import/queue.ts";
import { keepDerivedFor } from "../ledger/derived-for.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import type { Derives } from "../ledger/ledger-options.ts";
import type { Recomputed } from "../ledger/recompute-beside.ts";
import type { RecomputeRequest } from "../ledger/recompute-thread.ts";
import { sqlFunctions } from "../ledger/sql-functions.ts";
import { adoptCopy } from "../ops/backup/adopt-copy.ts";
import { removeSentCopies } from "../ops/backup/make-backup.ts";
import { type Backups, openBackups } from "../ops/backup/schedule.ts";
import { connectClickHouse } from "../report/clickhouse/connection.ts";
import { openShipping, type Shipping } from "../report/clickhouse/shipping.ts";
import type { LargeAnswer, LargeRequest } from "../report/large-thread.ts";
import type { Behind } from "../value/behind.ts";
import { openCalendar } from "../value/calendar.ts";

/** A `Context` with the parts that only a server needs. */
export interface Workspace extends Context {
  readonly lists: Lists;
  readonly snapshots: Snapshots;
  readonly backups: Backups;
  readonly feed: Feed;
  /** Another thread that reads the history of customers with very many entries; undefined: it cannot read the database. */
  readonly largeReports: ThreadClient<LargeRequest, LargeAnswer> | undefined;
  readonly dispatcher: Dispatcher;
  readonly imports: Imports;
  readonly standby: Standby;
  /** Tells ClickHouse what has changed; undefined: SQLite computes every report. */
  readonly shipping: Shipping | undefined;
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
  /** From how many entries on a customer is recomputed by another thread. */
  readonly largeFrom?: number;
  /** The module of that thread, for tests. */
  readonly recomputeThread?: URL;
  /** How ClickHouse is told what changes, if ANALYTICS_URL is set; the default is not at all, except in a server. For tests. */
  readonly openShipping?: (context: Context, target: AnalyticsTarget) => Shipping;
  /** How often a server deletes expired Idempotency-Keys; for tests. */
  readonly expiresEveryMs?: number;
  /** Locks the database, so that no other server can open it. */
  readonly alone?: boolean;
  /** What is opened to write: throws if the database is a standby. */
  readonly writes?: boolean;
  /** The path that the database file will have later. While a backup is being restored, this is not the path of the file. */
  readonly standsFor?: string;
}

const openOwnShipping = (context: Context, target: AnalyticsTarget): Shipping =>
  openShipping(context, { target, clickhouse: connectClickHouse(target), hasFallback: context.config.analyticsFallback });

/** What an answer lacks that is behind in two ways. */
const addUp = (a: Behind, b: Behind): Behind => ({ entries: a.entries + b.entries, asOfAt: Math.min(a.asOfAt, b.asOfAt) });

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
  const standby = openStandby(database.sqlite);
  const lastEntryId = database.sqlite.prepare<[], number>("SELECT coalesce(max(id), 0) FROM entry").pluck();
  const snapshots = openSnapshots({
    ttlSeconds: config.snapshotTtl,
    ensureFresh: async () => {
      const [derived, shipped] = [await ledger.ensureFresh(), await shipping?.ensureShipped()];
      return derived && shipped ? addUp(derived, shipped) : (derived ?? shipped);
    },
    changedElsewhere: () => database.changedElsewhere(),
    lastEntryId: () => lastEntryId.get() ?? 0,
    now,
  });
  // Another thread cannot read a database in memory.
  const isShared = path !== ":memory:";
  const recomputes = !isShared
    ? undefined
    : openThreadClient<RecomputeRequest, Recomputed | undefined>({
        thread: options.recomputeThread ?? toModuleUrl("src/ledger/recompute-thread.ts"),
        closing: { path, timezone: config.timezone, close: true },
        failure: "A customer with very many entries could not be recomputed",
      });
  const largeReports = !isShared
    ? undefined
    : openThreadClient<LargeRequest, LargeAnswer>({
        thread: toModuleUrl("src/report/large-thread.ts"),
        closing: { close: true },
        failure: "The history of this customer could not be read",
      });
  const ledger: Ledger = openLedger({
    database,
    currency: config.currency,
    calendar,
    attributionWindowDays: config.attributionWindowDays,
    now,
    onChanged: (ids) => snapshots.forgetCustomers(ids),
    derives: options.derives,
    reassignAtOnce: options.reassignAtOnce,
    readWaitsMs: options.readWaitsMs,
    intakeWaitsMs: options.intakeWaitsMs,
    recomputeBeside: recomputes && ((order) => recomputes.ask({ path, timezone: config.timezone, order })),
    largeFrom: options.largeFrom,
    isStandby: () => standby.following() !== undefined,
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
  const context: Context = { config, database, now, calendar, ledger, log };
  const imports = openImports(context);
  const { analyticsUrl: target } = config;
  const shipping = target && (options.openShipping ?? (options.derives === "soon" ? openOwnShipping : undefined))?.(context, target);
  const feed: Feed = { news: openNews(database), followers: openFollowers(database) };
  const pruning =
    options.derives === "soon"
      ? openPruning({
          database,
          followers: feed.followers,
          keepMs: config.changesKeep,
          onError: (error) =>
            log.warn({ message: "old changes could not be dropped", error: error instanceof Error ? error.message : "unknown" }),
        })
      : undefined;
  const keyring = openKeyring(database, now, config.adminKey);
  const dispatcher = openDispatcher(context, { keyring, news: feed.news });
  if (options.derives === "soon" && standby.following() === undefined) dispatcher.start();
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    expiry?.close();
    pruning?.close();
    dispatcher.close();
    keyring.flush();
    feed.news.close();
    await shipping?.close();
    await imports.close();
    ledger.close();
    await backups.stop();
    await lists.close();
    await recomputes?.close();
    await largeReports?.close();
    await checkpoints?.close();
    database.close();
  }

  return {
    ...context,
    lists,
    snapshots,
    backups,
    feed,
    largeReports,
    dispatcher,
    imports,
    standby,
    shipping,
    log,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** A standby derives the same figures as its primary, so it has the same zone and currency. */
function requireSameSettings({ config, database }: Workspace): void {
  const read = database.sqlite.prepare<[string], string>("SELECT value FROM setting WHERE name = ?").pluck();
  for (const name of ["timezone", "currency"] as const) {
    const stored = read.get(name);
    if (stored !== undefined && stored !== config[name])
      throw new Unusable(
        `${name.toUpperCase()} is ${config[name]}, but that of the primary is ${stored}`,
        `set ${name.toUpperCase()}=${stored}`,
      );
  }
}

/**
 * Opens a workspace and prepares it for use. If the database is a restored backup, people who were erased after it was made are
 * erased again. If the time zone or the currency has changed, all figures are recomputed.
 * Throws an Error whose message says what to do.
 */
export async function openWorkspace(config: Config, options: WorkspaceOptions = {}): Promise<Workspace> {
  const workspace = assembleWorkspace(config, options);
  try {
    if (options.alone) removeDatabaseFiles(loadingCopyOf(config.databasePath)); // of an import that was killed
    const following = workspace.standby.following();
    if (following !== undefined && options.writes)
      throw new Unusable(
        `The database ${config.databasePath} is a standby of ${following.primary}`,
        `run \`regulars follow ${following.primary}\`, or make it the primary with \`regulars promote\``,
      );
    if (following !== undefined) requireSameSettings(workspace);
    if (options.alone && config.databasePath !== ":memory:") removeSentCopies(config.databasePath);
    const erasure = openErasure(workspace);
    await (options.alone ? erasure.resume() : erasure.finish());
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
