// What happens to work while another process (an import, a rebuild, a backup) holds the database, or while derived data is catching up?
// It is tried again, for up to two seconds while the database is held.
import { isBusy } from "../../db/unavailable.ts";
import { CatchingUp } from "../value/error.ts";

/** How long a request is retried before it is answered with 503. */
const PATIENCE_MS = 2000;
/** How long a request waits for derived data about its customer, which it must not answer without. This is the deadline of requests. */
const CATCHING_UP_PATIENCE_MS = 30_000;
/** The pause between two tries, in which other requests are answered. It is random, so that not all waiting requests return at once. */
const LEAST_PAUSE_MS = 2;
const MOST_PAUSE_MS = 8;

/** For how long an error is retried: while the database is held by another connection, or while derived data is catching up. */
function patienceFor(error: unknown, patienceMs: number): number {
  if (error instanceof CatchingUp) return CATCHING_UP_PATIENCE_MS;
  return isBusy(error) ? patienceMs : 0;
}

async function tryAgain<T>(work: () => T | Promise<T>, first: unknown, startedAt: number, patienceMs: number): Promise<T> {
  let error = first;
  while (performance.now() < startedAt + patienceFor(error, patienceMs)) {
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
 * Runs `work`, and runs it again while the database is held, for at most `patienceMs`, or while derived data is catching up. Returns its
 * result at once if the first run succeeds without a promise. Throws the last error, or at once one that is not temporary.
 * Work that may have stored something before it fails must be safe to repeat.
 */
export function retryWhileBusy<T>(work: () => T | Promise<T>, patienceMs: number = PATIENCE_MS): T | Promise<T> {
  const startedAt = performance.now();
  try {
    const done = work();
    return done instanceof Promise ? done.catch((error: unknown) => tryAgain(work, error, startedAt, patienceMs)) : done;
  } catch (error) {
    if (patienceFor(error, patienceMs) === 0) throw error;
    return tryAgain(work, error, startedAt, patienceMs);
  }
}
