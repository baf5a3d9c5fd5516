// Who answers the questions about many customers? A thread beside the one that answers requests, with its own connection, which only reads.

import { connect, type Sqlite } from "../../../db/connection.ts";
import type { Condition } from "./condition.ts";
import { type CustomerList, type Listed, openCustomerList, type Question } from "./list-customers.ts";

/** A question to the thread: about the database at `path`, or that it is the last. */
export type Asked = { path: string } & ({ list: Question } | { count: readonly Condition[] } | { close: true });
/** Its answer, or what went wrong: an error with its code of SQLite. */
export type Told = { answer: Listed | number | undefined } | { error: { message: string; code: unknown } };

/** Memory for pages of the database: what is read in a row is not read again, so a little is enough. */
const CACHE_KIB = 8000;

declare const self: Worker;
let open: { sqlite: Sqlite; list: CustomerList } | undefined;

function openAt(path: string): { sqlite: Sqlite; list: CustomerList } {
  const sqlite = connect(path, { readonly: true, mustExist: true });
  for (const pragma of ["trusted_schema = OFF", "temp_store = MEMORY", `cache_size = -${CACHE_KIB}`]) sqlite.pragma(pragma);
  return { sqlite, list: openCustomerList(sqlite) };
}

function answer(asked: Asked): Listed | number | undefined {
  if ("close" in asked) {
    open?.sqlite.close();
    open = undefined;
    return undefined;
  }
  open ??= openAt(asked.path);
  return "list" in asked ? open.list.list(asked.list) : open.list.count(asked.count);
}

function tell(asked: Asked): Told {
  try {
    return { answer: answer(asked) };
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    return { error: { message, code } };
  }
}

self.onmessage = ({ data }: MessageEvent<Asked>) => self.postMessage(tell(data));
