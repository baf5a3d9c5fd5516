// When is there something new in the feed? Whoever waits is woken by a write of this process at once, and by one of another process within a second.
import { openChanges } from "../../db/change.ts";
import type { Database } from "../../db/database.ts";

/** How often it is looked for what other processes have written. */
const LOOK_MS = 1000;

export interface News {
  /** Resolves when there is a change after `seq`, after so many milliseconds, or when the server stops. */
  after(seq: number, milliseconds: number): Promise<void>;
  /** Wakes everybody. From then on, nobody waits. */
  close(): void;
}

export function openNews(database: Database): News {
  const changes = openChanges(database.sqlite);
  const waiting = new Set<() => void>();
  let isClosed = false;
  let timer: Timer | undefined;
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  const unlisten = database.afterWrites(wakeAll);

  function setTimer(): void {
    if (waiting.size > 0) timer ??= setInterval(wakeAll, LOOK_MS);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  }

  return {
    async after(seq, milliseconds) {
      for (const until = performance.now() + milliseconds; !isClosed && changes.newest() <= seq; ) {
        const left = until - performance.now();
        if (left <= 0) return;
        let wake: () => void = () => undefined;
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const end = setTimeout(wake, left);
        waiting.add(wake);
        setTimer();
        await woken;
        clearTimeout(end);
        waiting.delete(wake);
        setTimer();
      }
    },
    close() {
      isClosed = true;
      unlisten();
      wakeAll();
    },
  };
}
