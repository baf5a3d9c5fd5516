// How is a workspace's database opened? It is inspected, locked, and migrated after a copy was made. A lost database is never silently replaced by a new one.
import { existsSync, statSync } from "node:fs";
import { keepBefore } from "./backup.ts";
import { openBlank } from "./blank.ts";
import { connect, type Orm, type SqlFunctions, type Sqlite, setUp, toOrm } from "./connection.ts";
import { refuseForeignObjects } from "./foreign-objects.ts";
import { ensureFolderOf, ensureMarker, inspectFile, refuseLoss } from "./inspect.ts";
import { beginHistory, readLineage } from "./lineage.ts";
import { holdDatabase, isHeld, type Lock } from "./lock.ts";
import { findPending, isBlank, MIGRATIONS, migrate } from "./migrate.ts";
import { ensureOwnFile } from "./private-file.ts";
import { openSecret, type Secret } from "./secret.ts";
import { openSweep } from "./sweep.ts";
import { openTombstones, type Tombstones } from "./tombstone.ts";
import { RESTORE, toUnusable, Unusable } from "./unusable.ts";

export interface Database {
  /** The driver's connection: prepare once, run often. */
  readonly sqlite: Sqlite;
  /** The same connection through drizzle. */
  readonly orm: Orm;
  /** Who was erased. The list is beside the database, so that older backups can be restored safely. */
  readonly tombstones: Tombstones;
  /** Hashes what a copy of the database must not reveal. */
  readonly secret: Secret;
  /** Runs `work` in one immediate transaction: all of it is stored, or none. Nested calls join the outer one. */
  write<T>(work: () => T): T;
  /** Calls `work` after each write that this process has stored, until the function that it gives is called. */
  afterWrites(work: () => void): () => void;
  /** Resolves when the disk fails to save a write. What is on the disk is then unknown until the next start, and every later write throws. */
  readonly failedSync: Promise<Error>;
  /**
   * Empties the journal and zeroes every unused byte of the file, so that deleted data cannot be read any more.
   * Resolves to false if another reader or writer is in the way; then try again.
   */
  sweep(): Promise<boolean>;
  /** Was another reader or writer in the way of the last sweep? */
  isSweepHeldUp(): boolean;
  /** Has another process written since the last call? */
  changedElsewhere(): boolean;
  /** Does a server, in this process or another, use this database? */
  isServed(): boolean;
  /** Sets how long a statement, and so this whole process, waits for another process that writes, before it throws SQLITE_BUSY. The default is a second. */
  waitAtMost(milliseconds: number): void;
  /** Keeps other servers out until released. Does nothing in a server. Throws Unusable that names the running server. */
  hold(): Lock;
  close(): void;
}

/** Files up to this size are checked when a server starts. The check takes some tens of milliseconds. */
const MOST_CHECKED_BYTES = 32 * 2 ** 20;

export interface OpenOptions {
  /** Keep other servers out while the database is open. */
  readonly alone?: boolean;
  /** The file is going to replace the database at this path, where the lock, the marker and the list of erased customers are. */
  readonly standsFor?: string;
  readonly migrations?: typeof MIGRATIONS;
}

/**
 * Opens the database at `path`, migrates it and checks its settings. Creates it if there never was one; `:memory:` works too.
 * SQL may call `functions`. Throws Unusable, whose message says what to do, and then changes nothing.
 */
export function openDatabase(path: string, functions: SqlFunctions = {}, options: OpenOptions = {}): Database {
  if (path === ":memory:") {
    const blank = openBlank(functions, options.migrations ?? MIGRATIONS);
    ensureHistory(blank);
    return toDatabase(blank, undefined);
  }
  const home = options.standsFor ?? path;
  let lock: Lock | undefined;
  let sqlite: Sqlite | undefined;
  try {
    ensureFolderOf(path);
    const isThere = inspectFile(path);
    if (options.alone) lock = holdDatabase(home);
    // SQLite gives its journals the permissions of this file: for this user only.
    if (!isThere && !existsSync(path)) ensureOwnFile(path);
    sqlite = connect(path);
    if (isBlank(sqlite, path)) {
      refuseLoss(path, "empty");
      prepareBlank(sqlite, functions, options);
    } else prepareUsed(sqlite, path, functions, options, lock !== undefined);
    if (home === path) ensureMarker(path);
    return toDatabase(sqlite, home, lock);
  } catch (error) {
    sqlite?.close();
    lock?.release();
    throw toUnusable(error, path);
  }
}

function prepareBlank(sqlite: Sqlite, functions: SqlFunctions, { migrations = MIGRATIONS }: OpenOptions): Sqlite {
  setUp(sqlite, functions);
  migrate(sqlite, sqlite.name, migrations);
  ensureHistory(sqlite);
  return sqlite;
}

function prepareUsed(sqlite: Sqlite, path: string, functions: SqlFunctions, options: OpenOptions, isLocked: boolean): void {
  const { migrations = MIGRATIONS, standsFor } = options;
  const { last, done, pending } = findPending(sqlite, path, migrations);
  if (options.alone) refuseForeignObjects(sqlite, path, functions, done);
  setUp(sqlite, functions);
  if (options.alone && statSync(path).size <= MOST_CHECKED_BYTES) readThrough(sqlite, path);
  if (pending.length > 0 && last !== undefined) {
    // A running server has the old version, so its database must not be migrated.
    const lock = isLocked || standsFor !== undefined ? undefined : holdDatabase(path);
    try {
      if (standsFor === undefined) keepBefore(sqlite, path, last);
      migrate(sqlite, path, migrations);
    } finally {
      lock?.release();
    }
  }
  ensureHistory(sqlite);
}

function readThrough(sqlite: Sqlite, path: string): void {
  const problem = sqlite.pragma("quick_check(1)", { simple: true });
  if (problem !== "ok") throw new Unusable(`The database ${path} is damaged (${String(problem)})`, RESTORE);
}

function ensureHistory(sqlite: Sqlite): void {
  if (readLineage(sqlite).length > 0) return;
  sqlite
    .transaction(() => {
      if (readLineage(sqlite).length === 0) beginHistory(sqlite);
    })
    .immediate();
}

/** Wraps a connection. The lock, the secret and the list of erased customers are beside `path`; undefined: a database in memory. */
function toDatabase(sqlite: Sqlite, path: string | undefined, lock?: Lock): Database {
  // It changes exactly when another connection has written (SQLite manual, "PRAGMA data_version").
  const version = sqlite.prepare("PRAGMA data_version").pluck();
  let seen = version.get();
  const { promise: failedSync, resolve: failSync } = Promise.withResolvers<Error>();
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure = error;
    failSync(error);
  };
  const listeners = new Set<() => void>();
  const sweep = sqlite.memory ? undefined : openSweep(sqlite, sqlite.name);
  let isHeldUp = false;
  return {
    sqlite,
    orm: toOrm(sqlite),
    tombstones: openTombstones(sqlite, path),
    secret: openSecret(sqlite, path),
    failedSync,
    write(work) {
      if (sqlite.inTransaction) return work();
      if (failure) throw failure;
      try {
        const done = sqlite.transaction(work).immediate();
        for (const tell of listeners) tell();
        return done;
      } catch (error) {
        // A second fsync would succeed, although the kernel has dropped what the first one could not write.
        if (codeOf(error) === "SQLITE_IOERR_FSYNC") fail(error as Error);
        throw error;
      }
    },
    afterWrites(work) {
      listeners.add(work);
      return () => void listeners.delete(work);
    },
    changedElsewhere() {
      const now = version.get();
      const changed = now !== seen;
      seen = now;
      return changed;
    },
    isServed: () => lock !== undefined || (path !== undefined && isHeld(path)),
    waitAtMost: (milliseconds) => void sqlite.pragma(`busy_timeout = ${milliseconds}`),
    hold: () => (lock || path === undefined ? { release: () => undefined } : holdDatabase(path)),
    async sweep() {
      try {
        const isDone = (await sweep?.run()) ?? true;
        isHeldUp = !isDone;
        return isDone;
      } catch (error) {
        if (codeOf(error) === "EIO") fail(error as Error);
        throw error;
      }
    },
    isSweepHeldUp: () => isHeldUp,
    close() {
      sqlite.close();
      sweep?.close();
      lock?.release();
    },
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
