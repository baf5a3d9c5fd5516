// Who reads the log of a customer with very many entries? This thread, with a connection that only reads.
import { addFunctions, connectReader } from "../../db/connection.ts";
import type { ThreadResponse } from "../host/thread-client.ts";
import { openCalendar } from "../value/calendar.ts";
import { openRecompute, type Recomputed, type RecomputeOrder } from "./recompute-beside.ts";
import { sqlFunctions } from "./sql-functions.ts";

/** A request to the thread: to recompute a customer of the database at `path`, whose days are those of `timezone`; or to close it. */
export type RecomputeRequest = { readonly path: string; readonly timezone: string } & (
  | { readonly order: RecomputeOrder }
  | { readonly close: true }
);

/** The page cache. Pages of the log are read once, so a small one is enough. */
const CACHE_KIB = 8000;

declare const self: Worker;
let open: { recompute(order: RecomputeOrder): Recomputed | undefined; close(): void } | undefined;

function openAt({ path, timezone }: RecomputeRequest) {
  const sqlite = connectReader(path);
  sqlite.pragma(`cache_size = -${CACHE_KIB}`);
  addFunctions(sqlite, sqlFunctions(openCalendar(timezone)));
  return { recompute: openRecompute(sqlite), close: () => void sqlite.close() };
}

function respond(request: RecomputeRequest): ThreadResponse<Recomputed | undefined> {
  try {
    if ("close" in request) {
      open?.close();
      open = undefined;
      return { answer: undefined };
    }
    open ??= openAt(request);
    return { answer: open.recompute(request.order) };
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    return { error: { message, code } };
  }
}

self.onmessage = ({ data }: MessageEvent<RecomputeRequest>) => self.postMessage(respond(data));
