// What happens to work while another process (an import, a rebuild, a backup) holds the database, or while derived data is catching up?
// It is tried again for up to two seconds.
import { isBusy } from "../../db/unavailable.ts";
import { CatchingUp } from "../value/error.ts";

/** How long a request is retried before it is answered with 503. */
const PATIENCE_MS = 2000;
/** The pause between two tries, in which other requests are answered. It is random, so that not all waiting requests return at once. */
const LEAST_PAUSE_MS = 2;
const MOST_PAUSE_MS = 8;

/** Is the error temporary: is the database held by another connection, or is derived data catching up? */
function isTemporary(error: unknown): boolean {
  return error instanceof CatchingUp || isBusy(error);
}

async function tryAgain<T>(work: () => T | Promise<T>, first: unknown, until: number): Promise<T> {
  let error = first;
  while (isTemporary(error) && performance.now() < until) {
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
 * Runs `work`, and runs it again while it throws a temporary error, for at most `patienceMs`. Returns its result at once if the first
 * run succeeds without a promise. Throws the last error, or at once one that is not temporary.
 * Work that may have stored something before it fails must be safe to repeat.
 */
export function retryWhileBusy<T>(work: () => T | Promise<T>, patienceMs: number = PATIENCE_MS): T | Promise<T> {
  const until = performance.now() + patienceMs;
  try {
    const done = work();
    return done instanceof Promise ? done.catch((error: unknown) => tryAgain(work, error, until)) : done;
  } catch (error) {
    if (!isTemporary(error)) throw error;
    return tryAgain(work, error, until);
  }
}
