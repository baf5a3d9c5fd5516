// What becomes of work that finds the database held by another process (an import, a rebuild, a backup beside the server), or entries just
// changing hands? It is tried again.
import { isBusy } from "../../db/unavailable.ts";
import { CatchingUp } from "../value/error.ts";

/** For how long a request tries again before it is answered 503. */
const PATIENCE_MS = 2000;
/** Between two tries other requests are answered; not all that wait come back at once. */
const LEAST_PAUSE_MS = 2;
const MOST_PAUSE_MS = 8;

/** Did another connection hold the database, or is something not derived yet, so that nothing was stored? Also of an error that wraps SQLite's. */
function isPassing(error: unknown): boolean {
  return error instanceof CatchingUp || isBusy(error);
}

async function tryAgain<T>(work: () => T | Promise<T>, first: unknown, until: number): Promise<T> {
  let error = first;
  while (isPassing(error) && performance.now() < until) {
    await Bun.sleep(LEAST_PAUSE_MS + Math.random() * (MOST_PAUSE_MS - LEAST_PAUSE_MS));
    try {
      return await work();
    } catch (thrown) {
      error = thrown;
    }
  }
  throw error;
}

/**
 * Does what may find the database held, again and again until it is free, for at most `patienceMs`; what it throws then, or for another
 * reason, is thrown. Work that has stored something before it finds the database held must come to the same when it is done again.
 */
export function retryWhileBusy<T>(work: () => T | Promise<T>, patienceMs: number = PATIENCE_MS): T | Promise<T> {
  const until = performance.now() + patienceMs;
  try {
    const done = work();
    return done instanceof Promise ? done.catch((error: unknown) => tryAgain(work, error, until)) : done;
  } catch (error) {
    if (!isPassing(error)) throw error;
    return tryAgain(work, error, until);
  }
}
