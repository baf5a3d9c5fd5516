// What moves the journal into the database file? This thread, with a connection of its own, each time it is asked to.
import { connect, type Sqlite } from "./connection.ts";

/** A request to the thread: a checkpoint of the database at `path`. */
export interface CheckpointRequest {
  readonly path: string;
  /** Close the connection instead. */
  readonly isLast?: boolean;
  /** Make writers wait, so that the whole journal is moved and begins again. */
  readonly isWhole?: boolean;
}

/** The thread's answer, once it is done. */
export interface CheckpointReply {
  readonly isClosed: boolean;
}

/** How long the thread, and writers with it, wait for readers of old pages. */
const BUSY_MS = 20;

declare const self: Worker;
let sqlite: Sqlite | undefined;

function checkpoint(path: string, isWhole: boolean): void {
  try {
    if (sqlite === undefined) {
      sqlite = connect(path, { mustExist: true, busyMs: BUSY_MS });
      sqlite.pragma("synchronous = FULL");
    }
    sqlite.pragma(`wal_checkpoint(${isWhole ? "FULL" : "PASSIVE"})`);
  } catch {
    // The journal stays as it is. Once it is too long, a write moves it, and reports what is wrong.
    sqlite?.close();
    sqlite = undefined;
  }
}

self.onmessage = ({ data: { path, isLast = false, isWhole = false } }: MessageEvent<CheckpointRequest>) => {
  if (isLast) sqlite?.close();
  else checkpoint(path, isWhole);
  self.postMessage({ isClosed: isLast } satisfies CheckpointReply);
};
