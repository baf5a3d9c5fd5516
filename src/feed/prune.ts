// When is an old change dropped from the feed? After CHANGES_KEEP, once every follower has it. A follower who was not seen for that long is forgotten.
import { openChanges } from "../../db/change.ts";
import type { Database } from "../../db/database.ts";
import { readFollowing } from "../../db/standby.ts";
import type { Followers } from "./followers.ts";

/** How often a server looks for old changes, and the most that one write drops. */
const EVERY_MS = 10 * 60_000;
const DROPPED_AT_ONCE = 1000;
const PAUSE_MS = 20;

export interface PruneOptions {
  readonly database: Database;
  readonly followers: Followers;
  /** CHANGES_KEEP, in milliseconds. */
  readonly keepMs: number;
  /** The clock of the machine, by which changes are dated. */
  readonly now?: () => number;
  /** Told why changes could not be dropped. The next time tries again. */
  readonly onError?: (error: unknown) => void;
}

/** Drops some of the changes that are old and that everybody has. Gives their number; 0: none is left. */
export function pruneSome({ database, followers, keepMs, now = Date.now }: PruneOptions): number {
  const before = now() - keepMs;
  followers.forget(before);
  const { sqlite } = database;
  // Not yet made into messages. A standby makes none, and has those of its primary.
  const ofEndpoints = sqlite.prepare<[], number | null>("SELECT min(seq) FROM webhook_endpoint").pluck();
  const untold = readFollowing(sqlite) === undefined ? ofEndpoints.get() : undefined;
  const upTo = Math.min(untold ?? Number.MAX_SAFE_INTEGER, ...followers.list().map(({ seq }) => seq));
  const changes = openChanges(sqlite);
  return database.write(() => changes.drop(upTo, before, DROPPED_AT_ONCE));
}

/** Drops old changes from time to time, in short writes, until it is closed. */
export function openPruning(options: PruneOptions): { close(): void } {
  let timer: Timer;
  function prune(): void {
    let dropped = 0;
    try {
      dropped = pruneSome(options);
    } catch (error) {
      options.onError?.(error);
    }
    waitFor(dropped === DROPPED_AT_ONCE ? PAUSE_MS : EVERY_MS);
  }
  function waitFor(milliseconds: number): void {
    timer = setTimeout(prune, milliseconds);
    timer.unref();
  }
  waitFor(EVERY_MS);
  return { close: () => clearTimeout(timer) };
}
