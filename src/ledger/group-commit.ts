// How do many single writes at once cost one commit? Those that wait are stored in one transaction; each is answered after its own is on disk.

import type { Database } from "../../db/database.ts";
import { isBusy } from "../../db/unavailable.ts";
import { ApiError } from "../value/error.ts";

/** How soon what found another process writing tries again; nobody else waits meanwhile. */
const AGAIN_MS = 4;
/** After so long it fails. */
const PATIENCE_MS = 2000;

interface Waiting {
  readonly since: number; // performance.now()
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export type GroupCommit = <T>(work: () => T) => Promise<T>;

/** `write` stores what its work does, whole or not at all. A work's own error (an ApiError) undoes and fails that work alone. */
export function openGroupCommit({ sqlite }: Database, write: <T>(work: () => T) => T): GroupCommit {
  let waiting: Waiting[] = [];
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
        // Whoever comes meanwhile joins those that wait.
        waiting = [...waiting, ...batch.filter(isPatient)];
        if (waiting.length > 0) setTimeout(storeAll, AGAIN_MS);
        return;
      }
      // The database refused: nothing of the batch is stored. Alone, each learns what is wrong with it.
      if (batch.length > 1) for (const each of batch) store([each]);
      else batch[0]?.reject(error);
      return;
    }
    for (const answer of answers) answer();
  }

  function storeAll(): void {
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
