// When is something derived though nobody asks? Soon after a write or a start, in steps with pauses between them.
import { isBusy } from "../../db/unavailable.ts";

/** How long after a write the background begins. By then, a burst of writes can be derived together. */
const DELAY_MS = 200;
const RETRY_MS = 60_000; // after an error
/** Between two full steps, so that requests come in between. */
export const PAUSE_MS = 2;

export interface Background {
  /** Derives after so many milliseconds, or earlier if that is planned already. */
  schedule(delay?: number): void;
  close(): void;
}

/** Runs `step` until it says that nothing is left. A step says "full" if there is more to do at once, and "some" if a burst may follow. */
export function openBackground(step: () => "full" | "some" | "none", onError?: (error: unknown) => void): Background {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAt = 0; // performance.now()
  let closed = false;

  function schedule(delay: number = DELAY_MS): void {
    const at = performance.now() + delay;
    if (closed || (timer !== undefined && timerAt <= at)) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => {
      timer = undefined;
      try {
        const done = step();
        if (done !== "none") schedule(done === "some" ? DELAY_MS : PAUSE_MS);
      } catch (error) {
        if (isBusy(error)) return schedule();
        onError?.(error); // the next read tries again too, and fails if it has to
        schedule(RETRY_MS);
      }
    }, delay);
  }

  return {
    schedule,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
