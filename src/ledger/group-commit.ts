// How do many writes at once share one commit? The waiting writes are stored in one transaction, and all are answered once it is on disk.

import type { Database } from "../../db/database.ts";
import { isBusy } from "../../db/unavailable.ts";
import { ApiError } from "../value/error.ts";

/** How soon a group tries again after another process held the database. Other requests are answered meanwhile. */
const RETRY_MS = 4;
/** How long a write is retried before it fails. */
const PATIENCE_MS = 2000;
/** How long a write waits while too much is left to derive: one step as a rule. Beside arrays, it and what they do meanwhile is about 50 ms. */
const MOST_DELAY_MS = 5;
/** How often it is looked whether too much is left to derive. */
const LOOKS_EVERY_MS = 20;

interface Waiting {
  readonly since: number; // performance.now()
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export type GroupCommit = <T>(work: () => T) => Promise<T>;

/**
 * Opens a group commit. `write` runs its work in one transaction. `makeRoom` derives a little if too much is left, and gives whether it did.
 * If the work of one waiting write throws an ApiError, only that write is undone and rejected.
 */
export function openGroupCommit({ sqlite }: Database, write: <T>(work: () => T) => T, makeRoom: () => boolean = () => false): GroupCommit {
  let waiting: Waiting[] = [];
  let roomUntil = 0;
  const alone = sqlite.transaction((work: () => unknown) => work()); // within a transaction: a savepoint

  function attempt({ work, resolve, reject }: Waiting): () => void {
    try {
      const value = alone(work);
      return () => resolve(value);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return () => reject(error);
    }
  }

  function store(batch: readonly Waiting[]): void {
    let answers: (() => void)[];
    try {
      answers = write(() => batch.map(attempt));
    } catch (error) {
      if (isBusy(error)) {
        const isPatient = ({ since }: Waiting) => performance.now() - since < PATIENCE_MS;
        for (const each of batch) if (!isPatient(each)) each.reject(error);
        // Writes that arrive meanwhile join these.
        waiting = [...waiting, ...batch.filter(isPatient)];
        if (waiting.length > 0) setTimeout(storeAll, RETRY_MS);
        return;
      }
      // The database refused, and nothing of the batch is stored. Each write is tried alone, so that only those at fault fail.
      if (batch.length > 1) for (const each of batch) store([each]);
      else batch[0]?.reject(error);
      return;
    }
    for (const answer of answers) answer();
  }

  /** A failure to derive must not become that of a write. Looks seldom, because looking reads as many rows as may be left. */
  function hasMadeRoom(): boolean {
    if (performance.now() < roomUntil) return false;
    try {
      if (makeRoom()) return true;
    } catch {}
    roomUntil = performance.now() + LOOKS_EVERY_MS;
    return false;
  }

  function storeAll(): void {
    const [oldest] = waiting;
    if (oldest && performance.now() - oldest.since < MOST_DELAY_MS && hasMadeRoom()) return void setTimeout(storeAll, 0);
    const batch = waiting;
    waiting = [];
    store(batch);
  }

  return <T>(work: () => T) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ since: performance.now(), work, resolve: resolve as (value: unknown) => void, reject });
      if (waiting.length === 1) setImmediate(storeAll);
    });
}
