// Which server uses this database? Only one can. It keeps a write transaction open on a small database beside the file. If it is killed, that ends too.
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { connect, type Sqlite } from "./connection.ts";
import { ensureOwnFile } from "./private-file.ts";
import { isBusy } from "./unavailable.ts";
import { Unusable } from "./unusable.ts";

export interface Lock {
  release(): void;
}

export interface Holder {
  readonly pid: number;
  readonly since: string; // ISO 8601
  readonly host: string;
}

/** How long a start waits for another one that is writing its name. */
const BUSY_MS = 250;
const TRIES = 3;

/** The path of the lock of the database at `path`. */
export const lockOf = (path: string) => `${path}.lock`;

/** Keeps other servers and restores away from the database at `path` until released. Throws Unusable that names the holder. */
export function holdDatabase(path: string): Lock {
  const sqlite = openLock(path);
  try {
    // Others can read the holder's name only after a commit, which releases the lock for a moment. So it is checked again afterwards.
    for (let tries = 1; ; tries++) {
      const own: Holder = { pid: process.pid, since: new Date().toISOString(), host: hostname() };
      sqlite.exec("BEGIN IMMEDIATE");
      sqlite.exec("CREATE TABLE IF NOT EXISTS holder (pid INTEGER, since TEXT, host TEXT) STRICT; DELETE FROM holder");
      sqlite.prepare("INSERT INTO holder VALUES (?, ?, ?)").run(BigInt(own.pid), own.since, own.host);
      sqlite.exec("COMMIT; BEGIN IMMEDIATE");
      const holder = findHolder(sqlite);
      if (holder?.pid === own.pid && holder.host === own.host) break;
      sqlite.exec("ROLLBACK");
      if (tries === TRIES) throw inUse(path, holder);
    }
  } catch (error) {
    const thrown = isBusy(error) ? inUse(path, awaitHolder(sqlite)) : error;
    sqlite.close();
    throw thrown;
  }
  return { release: () => void sqlite.close() };
}

/** The process that holds the database at `path`; undefined if nobody does. */
export function findHolderOf(path: string): Holder | undefined {
  if (!isHeld(path)) return undefined;
  const sqlite = connect(lockOf(path), { busyMs: 0 });
  try {
    return awaitHolder(sqlite);
  } finally {
    sqlite.close();
  }
}

/** Does a server or a restore hold the database at `path`? */
export function isHeld(path: string): boolean {
  if (!existsSync(lockOf(path))) return false;
  const sqlite = connect(lockOf(path), { busyMs: 0 });
  try {
    sqlite.exec("BEGIN IMMEDIATE; ROLLBACK");
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    sqlite.close();
  }
}

function openLock(path: string): Sqlite {
  try {
    ensureOwnFile(lockOf(path));
    const sqlite = connect(lockOf(path), { busyMs: BUSY_MS });
    sqlite.prepare("SELECT count(*) FROM sqlite_schema").get();
    return sqlite;
  } catch (error) {
    if (isBusy(error)) throw inUse(path, undefined);
    if (error instanceof Unusable) throw error;
    throw new Unusable(`The lock file ${lockOf(path)} cannot be opened`, "check its permissions, or delete it if no server is running");
  }
}

/** Reads the holder, and waits up to 200 ms for its name: one that has only just locked the database may not have written it yet. */
function awaitHolder(sqlite: Sqlite): Holder | undefined {
  for (let tries = 1; tries < 20; tries++) {
    const holder = findHolder(sqlite);
    if (holder) return holder;
    Bun.sleepSync(10);
  }
  return findHolder(sqlite);
}

/** The holder, or undefined if no name was written or it cannot be read now. */
function findHolder(sqlite: Sqlite): Holder | undefined {
  try {
    return sqlite.prepare<[], Holder>("SELECT pid, since, host FROM holder").get();
  } catch {
    return undefined;
  }
}

function inUse(path: string, holder: Holder | undefined): Unusable {
  const who = holder ? ` (process ${holder.pid} on ${holder.host}, since ${holder.since})` : "";
  return new Unusable(`The database ${path} is in use by another server${who}`, "stop that server, or set DATABASE_PATH to another file");
}
