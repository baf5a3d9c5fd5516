// How are requests that read many customers answered? In a thread beside the one for HTTP, with its own read-only connection.

import { connectReader, type Sqlite } from "../../../db/connection.ts";
import type { ThreadResponse } from "../../host/thread-client.ts";
import type { Condition } from "./condition.ts";
import { type CustomerList, type ListPage, type ListRequest, openCustomerList, type StretchRequest } from "./list-customers.ts";
import type { Stretch } from "./read-page.ts";

/** A request to the thread: a list, a stretch of one or a count of the database at `path`, or to close it. */
export type ThreadRequest = { path: string } & (
  | { list: ListRequest }
  | { stretch: StretchRequest }
  | { count: readonly Condition[] }
  | { close: true }
);
/** What the thread answers. */
export type ThreadAnswer = ListPage | Stretch | number | undefined;

/** The page cache. Scanned pages are not read again, so a small one is enough. */
const CACHE_KIB = 8000;

declare const self: Worker;
let open: { sqlite: Sqlite; list: CustomerList } | undefined;

function openAt(path: string): { sqlite: Sqlite; list: CustomerList } {
  const sqlite = connectReader(path);
  sqlite.pragma(`cache_size = -${CACHE_KIB}`);
  // It changes when another connection has written (SQLite manual, "PRAGMA data_version"), and this one only reads.
  const version = sqlite.prepare<[], number>("PRAGMA data_version").pluck();
  return { sqlite, list: openCustomerList(sqlite, () => version.get()) };
}

function answer(request: ThreadRequest): ThreadAnswer {
  if ("close" in request) {
    open?.sqlite.close();
    open = undefined;
    return undefined;
  }
  open ??= openAt(request.path);
  if ("stretch" in request) return open.list.stretch(request.stretch);
  return "list" in request ? open.list.list(request.list) : open.list.count(request.count);
}

function respond(request: ThreadRequest): ThreadResponse<ThreadAnswer> {
  try {
    return { answer: answer(request) };
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    return { error: { message, code } };
  }
}

self.onmessage = ({ data }: MessageEvent<ThreadRequest>) => self.postMessage(respond(data));
