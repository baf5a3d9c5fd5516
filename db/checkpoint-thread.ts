// Who goes through the journal of a database? A thread with a connection of its own, each time it is asked.
import { connect, type Sqlite } from "./connection.ts";

/** Of which database; `isLast`: close it instead. */
export interface Asked {
  readonly path: string;
  readonly isLast?: boolean;
  /** Writers wait meanwhile, so that nothing is left in the journal alone and it begins anew. */
  readonly isWhole?: boolean;
}
export interface Told {
  readonly isClosed: boolean;
}

/** How long it waits, and writers with it, for readers of old pages. */
const BUSY_MS = 20;

declare const self: Worker;
let sqlite: Sqlite | undefined;

function goThrough(path: string, isWhole: boolean): void {
  try {
    if (sqlite === undefined) {
      sqlite = connect(path, { mustExist: true, busyMs: BUSY_MS });
      sqlite.pragma("synchronous = FULL");
    }
    sqlite.pragma(`wal_checkpoint(${isWhole ? "FULL" : "PASSIVE"})`);
  } catch {
    // The journal stays as long as it is: a write goes through it when it is too long, and fails where that fails.
    sqlite?.close();
    sqlite = undefined;
  }
}

self.onmessage = ({ data: { path, isLast = false, isWhole = false } }: MessageEvent<Asked>) => {
  if (isLast) sqlite?.close();
  else goThrough(path, isWhole);
  self.postMessage({ isClosed: isLast } satisfies Told);
};
