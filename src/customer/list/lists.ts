// Which thread answers a question about customers: this one what is found at once, another one what takes looking at many?

import type { Database } from "../../../db/database.ts";
import { ApiError } from "../../value/error.ts";
import type { Condition } from "./condition.ts";
import { type Listed, openCustomerList, type Question } from "./list-customers.ts";
import type { Asked, Told } from "./list-thread.ts";

export interface Lists {
  /** A page of customers and how many there are, by what is stored when it is read. Throws SERVICE_UNAVAILABLE when it cannot be read now. */
  list(question: Question): Listed | Promise<Listed>;
  /** How many customers meet the conditions. Throws as `list` does. */
  count(conditions: readonly Condition[]): number | Promise<number>;
  /** Ends the other thread, after the question that it is at. To be called before the database is closed. */
  close(): Promise<void>;
}

export interface ListsOptions {
  database: Database;
  /** Of its file; `:memory:` cannot be read by another thread. */
  path: string;
  /** The module of the other thread, which is started at the first question that needs it, and again when it died. */
  thread: URL;
}

/** So many customers are gone past in an index without holding anybody up. */
const MOST_PASSED = 10_000;
/** So many questions wait for the thread; at a tenth of a second each they are answered within a request's time. */
const MOST_WAITING = 100;
/** How long the end of the thread is waited for. */
const GRACE_MS = 1000;

const unavailable = (message: string, cause?: unknown) =>
  new ApiError("SERVICE_UNAVAILABLE", message, { headers: { "Retry-After": "2" }, cause });

export function openLists({ database, path, thread }: ListsOptions): Lists {
  const here = openCustomerList(database.sqlite);
  const there = path === ":memory:" ? undefined : openThread(path, thread);

  function isSoon({ conditions, offset, after }: Question): boolean {
    if (conditions.length > 0) return false;
    return after !== undefined || offset <= MOST_PASSED || offset >= here.countAll() - MOST_PASSED;
  }

  return {
    list: (question) => (there && !isSoon(question) ? (there.ask({ path, list: question }) as Promise<Listed>) : here.list(question)),
    count: (conditions) =>
      there && conditions.length > 0 ? (there.ask({ path, count: conditions }) as Promise<number>) : here.count(conditions),
    close: async () => there?.close(),
  };
}

function openThread(path: string, thread: URL) {
  let worker: Worker | undefined;
  let settle: { resolve: (answer: unknown) => void; reject: (error: unknown) => void } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(thread.href, { smol: true });
    started.unref(); // does not keep the program going
    started.onmessage = ({ data }: MessageEvent<Told>) => {
      if ("answer" in data) settle?.resolve(data.answer);
      else settle?.reject(Object.assign(new Error(data.error.message), { code: data.error.code }));
    };
    const died = (event: Event) => {
      if (worker !== started) return;
      worker = undefined;
      settle?.reject(unavailable("The list could not be read: try again.", "message" in event ? event.message : event.type));
    };
    started.onerror = died;
    started.addEventListener("close", died);
    return started;
  }

  /** One question at a time. */
  function exchange(asked: Asked): Promise<unknown> {
    return new Promise((resolve, reject) => {
      settle = { resolve, reject };
      worker ??= start();
      worker.postMessage(asked);
    });
  }

  return {
    async ask(asked: Asked): Promise<unknown> {
      if (waiting >= MOST_WAITING) throw unavailable("Too many lists are being read: try again soon.");
      waiting += 1;
      const answer = last.then(() => {
        if (isClosed) throw unavailable("The server is stopping.");
        return exchange(asked);
      });
      last = answer.catch(() => undefined);
      try {
        return await answer;
      } finally {
        waiting -= 1;
      }
    },
    async close(): Promise<void> {
      isClosed = true;
      let grace: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        grace = setTimeout(resolve, GRACE_MS);
      });
      const ended = last.then(() => worker && exchange({ path, close: true }));
      await Promise.race([ended.catch(() => undefined), late]);
      clearTimeout(grace); // or the program would go on for its sake
      worker?.terminate();
      worker = undefined;
    },
  };
}
