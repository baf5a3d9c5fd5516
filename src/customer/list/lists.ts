// Which thread answers a list request: this one what is found at once, another one what takes looking at many customers?
// How a request becomes SQL is drawn in list-customers.ts.

import type { Database } from "../../../db/database.ts";
import type { Condition } from "./condition.ts";
import { type ListPage, type ListRequest, openCustomerList } from "./list-customers.ts";
import { openThreadClient } from "./thread-client.ts";

export interface Lists {
  /** A page of customers and how many there are, by what is stored when it is read. Throws SERVICE_UNAVAILABLE when it cannot be read now. */
  list(request: ListRequest): ListPage | Promise<ListPage>;
  /** How many customers meet the conditions. Throws as `list` does. */
  count(conditions: readonly Condition[]): number | Promise<number>;
  /** Ends the other thread, after the request that it is at. To be called before the database is closed. */
  close(): Promise<void>;
}

export interface ListsOptions {
  database: Database;
  /** The path of its file; `:memory:` cannot be read by another thread. */
  path: string;
  /** The module of the other thread, which is started at the first request that needs it, and again after it died. */
  thread: URL;
}

/** So many customers are passed in an index without holding anybody up. */
const MOST_PASSED = 10_000;

export function openLists({ database, path, thread }: ListsOptions): Lists {
  const here = openCustomerList(database.sqlite);
  const there = path === ":memory:" ? undefined : openThreadClient(path, thread);

  function isQuick({ conditions, offset, after }: ListRequest): boolean {
    if (conditions.length > 0) return false;
    return after !== undefined || offset <= MOST_PASSED || offset >= here.countAll() - MOST_PASSED;
  }

  return {
    list: (request) => (there && !isQuick(request) ? (there.ask({ path, list: request }) as Promise<ListPage>) : here.list(request)),
    count: (conditions) =>
      there && conditions.length > 0 ? (there.ask({ path, count: conditions }) as Promise<number>) : here.count(conditions),
    close: async () => there?.close(),
  };
}
