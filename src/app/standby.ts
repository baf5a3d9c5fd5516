// How does a standby begin, and how is it promoted? It begins with a copy of the primary's database, which replaces its own only once it is whole.

import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { connectReader } from "../../db/connection.ts";
import { ensureFolderOf, ensureMarker } from "../../db/inspect.ts";
import { removeDatabaseFiles } from "../../db/loading-copy.ts";
import { holdDatabase } from "../../db/lock.ts";
import { isBlank } from "../../db/migrate.ts";
import { replaceSecret } from "../../db/secret.ts";
import { type Following, makeStandby, promote, readFollowing } from "../../db/standby.ts";
import { syncFolderOf } from "../../db/sync.ts";
import { openTombstones, type Tombstone } from "../../db/tombstone.ts";
import { Unusable } from "../../db/unusable.ts";
import { openErasure } from "../customer/erase-customer.ts";
import type { Config } from "../host/config.ts";
import { keepDerivedFor } from "../ledger/derived-for.ts";
import type { Primary } from "../standby/primary.ts";
import { requireBackup } from "./restore.ts";
import type { Workspace } from "./workspace.ts";

/** A copy of the primary's database, made a standby, beside the place where it is to be. */
export interface Copy {
  readonly file: string;
  readonly secret: string | null;
}

/** What the copy is called until it takes the place of the database. */
const toBegun = (path: string) => `${path}.following`;

/** Removes what a killed process has left of a copy. */
export const removeBegun = (path: string): void => removeDatabaseFiles(toBegun(path));

/** What there is at the path of the database: nothing, a standby, or a database of its own. Throws Unusable. */
export function stateOf(path: string): "nothing" | "standby" | "own" {
  if (!existsSync(path) || statSync(path).size === 0) return "nothing";
  const sqlite = connectReader(path);
  try {
    if (isBlank(sqlite, path)) return "nothing";
    return readFollowing(sqlite) === undefined ? "own" : "standby";
  } finally {
    sqlite.close();
  }
}

/** Gets a copy of the primary's database, and checks it. `name`: under which the primary is to know this standby. Throws Unusable, Refused or an Error. */
export async function fetchCopy(config: Config, primary: Primary, name: string, signal: AbortSignal): Promise<Copy> {
  const file = toBegun(config.databasePath);
  ensureFolderOf(file);
  removeDatabaseFiles(file);
  const asOfAt = Date.now();
  const secret = await primary.secret(signal); // first, so that the copy knows it
  await primary.backup(file, signal);
  requireBackup(file, config.timezone);
  makeStandby(file, { primary: primary.url, name, asOfAt });
  return { file, secret };
}

/** Puts a copy in the place of the database, which must not be open. What was there is gone. Throws Unusable if a server uses it. */
export function installCopy(path: string, { file, secret }: Copy): void {
  const lock = holdDatabase(path);
  try {
    if (secret !== null) replaceSecret(path, secret);
    noteErased(path, file);
    // A remaining journal belongs to the former database. SQLite would apply it to the new one.
    for (const ending of ["-wal", "-journal", "-shm"]) rmSync(path + ending, { force: true });
    renameSync(file, path);
    syncFolderOf(path);
    ensureMarker(path);
  } finally {
    lock.release();
  }
}

/** Writes the list of who is erased in the copy, as if they had been erased here: no older backup is to bring them back. */
function noteErased(path: string, file: string): void {
  const sqlite = connectReader(file);
  try {
    const erased = sqlite.prepare<[], Tombstone>(
      "SELECT id AS customerId, deleted_at AS erasedAt FROM customer WHERE deleted_at IS NOT NULL",
    );
    openTombstones(sqlite, path).addAll(erased.all());
  } finally {
    sqlite.close();
  }
}

/** Stores that the primary is reached at another address. */
export function moveTo({ database, standby }: Workspace, following: Following, primary: string): void {
  database.write(() => standby.store({ ...following, primary }));
  standby.keep({ ...following, primary });
}

/** Makes a standby, which does not follow any more, the primary. Throws Unusable if it is none. */
export function promoteWorkspace(workspace: Workspace): void {
  const { database, standby, log } = workspace;
  if (standby.following() === undefined)
    throw new Unusable(`The database ${workspace.config.databasePath} is no standby`, "nothing is to be done: start it with `regulars`");
  database.write(() => promote(database.sqlite));
  standby.keep(undefined);
  log.info({ message: "promoted: this is the primary now" });
}

/** Finishes in the background what a promotion has left. It answers meanwhile. */
export async function finishPromotion(workspace: Workspace): Promise<void> {
  try {
    await openErasure(workspace).resume();
    workspace.dispatcher.start();
    workspace.imports.resume();
    await keepDerivedFor(workspace);
  } catch (error) {
    workspace.log.error({ message: "the next start goes on", error: error instanceof Error ? error.message : "unknown" });
  }
}
