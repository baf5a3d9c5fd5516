// Which thread answers a list request? This thread answers quick ones, another thread those that read many customers.
// How a request becomes SQL is drawn in list-customers.ts.

import type { Database } from "../../../db/database.ts";
import { openThreadClient } from "../../host/thread-client.ts";
import type { Condition } from "./condition.ts";
import { type ListPage, type ListRequest, openCustomerList, type StretchRequest } from "./list-customers.ts";
import type { ThreadAnswer, ThreadRequest } from "./list-thread.ts";
import type { Stretch } from "./read-page.ts";

export interface Lists {
  /** A page of customers and their total number, as stored at that moment. Throws SERVICE_UNAVAILABLE if the thread is overloaded or stopped. */
  list(request: ListRequest): ListPage | Promise<ListPage>;
  /** A stretch of a list that is read whole, as stored at that moment. Throws like `list`. */
  stretch(request: StretchRequest): Stretch | Promise<Stretch>;
  /** The number of customers who meet the conditions. Throws like `list`. */
  count(conditions: readonly Condition[]): number | Promise<number>;
  /** Ends the other thread after its current request. To be called before the database is closed. */
  close(): Promise<void>;
}

export interface ListsOptions {
  database: Database;
  /** The path of the database file. `:memory:` cannot be read by another thread, so this one answers everything. */
  path: string;
  /** The module of the other thread. It is started by the first request that needs it, and restarted if it has died. */
  thread: URL;
}

/** How many customers a request may skip in an index without delaying other requests. */
const MOST_PASSED = 10_000;

export function openLists({ database, path, thread }: ListsOptions): Lists {
  const here = openCustomerList(database.sqlite);
  const there =
    path === ":memory:"
      ? undefined
      : openThreadClient<ThreadRequest, ThreadAnswer>({ thread, closing: { path, close: true }, failure: "The list could not be read" });

  function isQuick({ conditions, offset, after }: ListRequest): boolean {
    if (conditions.length > 0) return false;
    return after !== undefined || offset <= MOST_PASSED || offset >= here.countAll() - MOST_PASSED;
  }

  return {
    list: (request) => (there && !isQuick(request) ? (there.ask({ path, list: request }) as Promise<ListPage>) : here.list(request)),
    stretch: (request) => (there ? (there.ask({ path, stretch: request }) as Promise<Stretch>) : here.stretch(request)),
    count: (conditions) =>
      there && conditions.length > 0 ? (there.ask({ path, count: conditions }) as Promise<number>) : here.count(conditions),
    close: async () => there?.close(),
  };
}
