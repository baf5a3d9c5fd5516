// Who goes through the journal of a database? A thread with a connection of its own, each time it is asked.
import { connect, type Sqlite } from "./open.ts";

/** Of which database; `isLast`: close it instead. */
export interface Asked {
  readonly path: string;
  readonly isLast?: boolean;
}
export interface Told {
  readonly isClosed: boolean;
}

declare const self: Worker;
let sqlite: Sqlite | undefined;

function goThrough(path: string): void {
  try {
    if (sqlite === undefined) {
      sqlite = connect(path, { mustExist: true });
      sqlite.pragma("synchronous = FULL");
    }
    sqlite.pragma("wal_checkpoint(PASSIVE)");
  } catch {
    // The journal stays as long as it is: a write goes through it when it is too long, and fails where that fails.
    sqlite?.close();
    sqlite = undefined;
  }
}

self.onmessage = ({ data: { path, isLast = false } }: MessageEvent<Asked>) => {
  if (isLast) sqlite?.close();
  else goThrough(path);
  self.postMessage({ isClosed: isLast } satisfies Told);
};
