// When does what was written get from the journal into the file? In a thread beside the one that answers requests, so that none of them waits for it.
import type { Asked, Told } from "./checkpoint-thread.ts";
import type { Database } from "./database.ts";

/** How soon after a write the journal is looked at. */
const LOOK_MS = 100;
/** So many pages that are in the journal alone are worth going through. */
const WORTH_PAGES = 1000;
/** From this length on (32 MiB) the journal is begun anew: nothing may be left in it alone, so writers wait for the last of it. */
const LONG_PAGES = 8000;
/** Where the thread cannot keep up or is not there, a write goes through the journal itself from this length on, as SQLite does by itself. */
const LONGEST_PAGES = 32_000;

export interface Checkpoints {
  /** Ends the thread. To be called before the database is closed. */
  close(): Promise<void>;
}

interface Journal {
  readonly log: number; // pages in it
  readonly checkpointed: number; // … that are in the file too
}

/** How long the end of the thread is waited for. */
const GRACE_MS = 1000;

/** Writes go through the journal seldom, so that pages which are written again and again get into the file once: for a command that writes much. */
export function checkpointSeldom({ sqlite }: Pick<Database, "sqlite">): void {
  sqlite.pragma(`wal_autocheckpoint = ${LONGEST_PAGES}`);
}

/** Goes through the journal of a database after its writes; `thread`: the module of the other thread, started when there is something to do. */
export function openCheckpoints(database: Database, path: string, thread: URL): Checkpoints {
  const { sqlite } = database;
  if (sqlite.memory) return { close: async () => undefined };
  checkpointSeldom(database);
  // NOOP only looks (SQLite manual, "PRAGMA wal_checkpoint").
  const look = sqlite.prepare("PRAGMA wal_checkpoint(NOOP)");
  let worker: Worker | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: Asked | undefined;
  let before = 0; // pages that were in the file too when the thread was asked
  let isClosed = false;
  let ended: () => void = () => undefined;

  function start(): Worker {
    const started = new Worker(thread.href, { smol: true });
    started.unref(); // does not keep the program going
    started.onmessage = ({ data }: MessageEvent<Told>) => {
      const { isWhole } = asked ?? {};
      asked = undefined;
      if (data.isClosed) ended();
      else if (!isClosed && !isWhole) check(true); // with a reader in the way it would hold writers up again and again
    };
    const died = () => {
      if (worker !== started) return;
      worker = undefined; // started again after one of the next writes
      asked = undefined;
      ended();
    };
    started.onerror = died;
    started.addEventListener("close", died);
    return started;
  }

  function ask(what: Asked): void {
    worker ??= start();
    asked = what;
    worker.postMessage(what);
  }

  /**
   * What came while the thread was at work is gone through next, and is less each time; the last of it without any writer.
   * A reader of old pages stops the thread where it is: then the next write has it look again.
   */
  function check(isJustDone: boolean): void {
    if (isClosed || asked || !sqlite.open) return;
    try {
      const { log, checkpointed } = look.get() as Journal;
      if (log - checkpointed > WORTH_PAGES) {
        if (isJustDone && checkpointed <= before) return;
        before = checkpointed;
        ask({ path });
      } else if (isJustDone && log > LONG_PAGES && log > checkpointed) ask({ path, isWhole: true });
    } catch {
      // A full or broken disk: the journal stays as it is, and what cannot be written is said by the write itself.
    }
  }

  database.afterWrites(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      check(false);
    }, LOOK_MS).unref();
  });

  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      if (worker === undefined) return Promise.resolve();
      return new Promise<void>((resolve) => {
        const grace = setTimeout(() => ended(), GRACE_MS); // cleared, or the program would go on for its sake
        ended = () => {
          clearTimeout(grace);
          worker?.terminate();
          resolve();
        };
        ask({ path, isLast: true });
      });
    },
  };
}
