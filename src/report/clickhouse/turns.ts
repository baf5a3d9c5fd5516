// How does a report see one state of the table, though it asks several questions? Nothing is inserted while it asks.
import { Unreachable } from "./connection.ts";

/** How long a report waits for an insert. */
const WAIT_MS = 5000;

export interface Turns {
  /** Runs a report, beside others. Throws Unreachable if an insert takes too long. */
  read<T>(work: () => Promise<T>): Promise<T>;
  /** Runs an insert once the reports that have begun are done. Later ones wait for it. */
  insert<T>(work: () => Promise<T>): Promise<T>;
}

export function openTurns(waitMs: number = WAIT_MS): Turns {
  let readers = 0;
  let inserting: Promise<void> | undefined;
  let drained: (() => void) | undefined;

  async function insertDone(until: number): Promise<void> {
    while (inserting !== undefined) {
      const left = until - performance.now();
      if (left <= 0) throw new Unreachable("An insert takes too long");
      let timer: Timer | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, left);
      });
      await Promise.race([inserting, late]);
      clearTimeout(timer);
    }
  }

  return {
    async read(work) {
      if (inserting !== undefined) await insertDone(performance.now() + waitMs);
      readers++;
      try {
        return await work();
      } finally {
        readers--;
        if (readers === 0) drained?.();
      }
    },
    async insert(work) {
      let end: () => void = () => undefined;
      inserting = new Promise((resolve) => {
        end = resolve;
      });
      try {
        if (readers > 0)
          await new Promise<void>((resolve) => {
            drained = resolve;
          });
        return await work();
      } finally {
        drained = undefined;
        inserting = undefined;
        end();
      }
    },
  };
}
