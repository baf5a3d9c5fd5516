// When is the journal moved into the database file? Soon after writes, by a thread of its own, so that no request waits for it.
import type { CheckpointReply, CheckpointRequest } from "./checkpoint-thread.ts";
import { requireRow } from "./connection.ts";
import type { Database } from "./database.ts";

/** How long after a write the journal is checked. */
const LOOK_MS = 100;
/** From this many pages on that are only in the journal, a checkpoint is worthwhile. */
const WORTH_PAGES = 1000;
/** From this length on (32 MiB), the whole journal is moved so that it can begin again. Writers wait for the rest of it. */
const LONG_PAGES = 8000;
/** From this length on, a write moves the journal itself, as SQLite does by default. It happens if the thread cannot keep up or is missing. */
const LONGEST_PAGES = 32_000;

export interface Checkpoints {
  /** Ends the thread. Call it before the database is closed. */
  close(): Promise<void>;
}

interface Journal {
  readonly log: number; // pages in the journal
  readonly checkpointed: number; // those of them that are in the file too
}

/** How long to wait for the thread to end. */
const GRACE_MS = 1000;

/** Makes writes move the journal seldom, for a command that writes much. Then a page that is written repeatedly is moved only once. */
export function checkpointSeldom({ sqlite }: Pick<Database, "sqlite">): void {
  sqlite.pragma(`wal_autocheckpoint = ${LONGEST_PAGES}`);
}

/** Moves the journal into the database at `path` after writes. `thread` is the module of the thread, which is started when it is first needed. */
export function openCheckpoints(database: Database, path: string, thread: URL): Checkpoints {
  const { sqlite } = database;
  if (sqlite.memory) return { close: async () => undefined };
  checkpointSeldom(database);
  // NOOP reads the counts and moves nothing (SQLite manual, "PRAGMA wal_checkpoint").
  const look = sqlite.prepare<[], Journal>("PRAGMA wal_checkpoint(NOOP)");
  let worker: Worker | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: CheckpointRequest | undefined;
  let before = 0; // how many pages were in the file too at the last request
  let isClosed = false;
  let ended: () => void = () => undefined;

  function start(): Worker {
    const started = new Worker(thread.href, { smol: true });
    started.unref(); // does not keep the program running
    started.onmessage = ({ data }: MessageEvent<CheckpointReply>) => {
      const { isWhole } = pending ?? {};
      pending = undefined;
      if (data.isClosed) ended();
      else if (!isClosed && !isWhole) check(true); // not after a whole one: with a reader in the way, it would stop writers again and again
    };
    const died = () => {
      if (worker !== started) return;
      worker = undefined; // one of the next writes starts it again
      pending = undefined;
      ended();
    };
    started.onerror = died;
    started.addEventListener("close", died);
    return started;
  }

  function ask(request: CheckpointRequest): void {
    worker ??= start();
    pending = request;
    worker.postMessage(request);
  }

  /**
   * Asks for a checkpoint if the journal is long. What was written during one checkpoint is moved by the next, and is less each time.
   * A long journal is finished while writers wait. If a reader of old pages is in the way, the next write tries again.
   */
  function check(isJustDone: boolean): void {
    if (isClosed || pending || !sqlite.open) return;
    try {
      const { log, checkpointed } = requireRow(look);
      if (log - checkpointed > WORTH_PAGES) {
        if (isJustDone && checkpointed <= before) return;
        before = checkpointed;
        ask({ path });
      } else if (isJustDone && log > LONG_PAGES && log > checkpointed) ask({ path, isWhole: true });
    } catch {
      // A full or broken disk. The journal stays as it is, and the next write that fails reports it.
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
        const grace = setTimeout(() => ended(), GRACE_MS); // cleared below, since it would keep the program running
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
