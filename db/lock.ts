// Who serves this database? One server at a time: it holds a write transaction on a small database beside the file, which a kill releases.
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { connect, type Sqlite } from "./connection.ts";
import { isBusy } from "./unavailable.ts";
import { Unusable } from "./unusable.ts";

export interface Lock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly since: string; // ISO 8601
  readonly host: string;
}

/** How long a start waits for another one that is just writing itself down. */
const BUSY_MS = 250;
const TRIES = 3;

export const lockOf = (path: string) => `${path}.lock`;

/** Keeps every other server and restore away from the database at `path` until released. Throws Unusable that says who has it. */
export function holdDatabase(path: string): Lock {
  const sqlite = openLock(path);
  try {
    // Who holds it must be committed to be read by others, which lets go for a moment: hence a look at who it is after all.
    for (let tries = 1; ; tries++) {
      const me: Holder = { pid: process.pid, since: new Date().toISOString(), host: hostname() };
      sqlite.exec("BEGIN IMMEDIATE");
      sqlite.exec("CREATE TABLE IF NOT EXISTS holder (pid INTEGER, since TEXT, host TEXT) STRICT; DELETE FROM holder");
      sqlite.prepare("INSERT INTO holder VALUES (?, ?, ?)").run(BigInt(me.pid), me.since, me.host);
      sqlite.exec("COMMIT; BEGIN IMMEDIATE");
      const holder = findHolder(sqlite);
      if (holder?.pid === me.pid && holder.host === me.host) break;
      sqlite.exec("ROLLBACK");
      if (tries === TRIES) throw toHeld(path, holder);
    }
  } catch (error) {
    const held = isBusy(error) ? toHeld(path, awaitHolder(sqlite)) : error;
    sqlite.close();
    throw held;
  }
  return { release: () => void sqlite.close() };
}

/** Does a server, or a restore, hold the database at `path`? */
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
    const sqlite = connect(lockOf(path), { busyMs: BUSY_MS });
    sqlite.prepare("SELECT count(*) FROM sqlite_schema").get();
    return sqlite;
  } catch (error) {
    if (isBusy(error)) throw toHeld(path, undefined);
    throw new Unusable(`The lock ${lockOf(path)} cannot be opened`, "delete it, if no server runs");
  }
}

/** Who has only just taken it may not have written themselves down yet. */
function awaitHolder(sqlite: Sqlite): Holder | undefined {
  for (let tries = 1; tries < 20; tries++) {
    const holder = findHolder(sqlite);
    if (holder) return holder;
    Bun.sleepSync(10);
  }
  return findHolder(sqlite);
}

/** Undefined: nobody said, or it cannot be read just now. */
function findHolder(sqlite: Sqlite): Holder | undefined {
  try {
    return sqlite.prepare("SELECT pid, since, host FROM holder").get() as Holder | undefined;
  } catch {
    return undefined;
  }
}

function toHeld(path: string, holder: Holder | undefined): Unusable {
  const who = holder ? ` (process ${holder.pid} on ${holder.host}, since ${holder.since})` : "";
  return new Unusable(`The database ${path} is in use by another server${who}`, "stop that one, or set DATABASE_PATH to another file");
}
