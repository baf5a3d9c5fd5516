// How is the thread of lists asked? One request at a time; it is started when it is needed, and again after it died.
import { ApiError } from "../../value/error.ts";
import type { ListPage } from "./list-customers.ts";
import type { ThreadRequest, ThreadResponse } from "./list-thread.ts";

export type Answer = ListPage | number | undefined;

export interface ThreadClient {
  /** The thread's answer. Throws SERVICE_UNAVAILABLE if too many wait, the thread died or the server stops, else the thread's own error. */
  ask(request: ThreadRequest): Promise<Answer>;
  /** Ends the thread, after the request that it is at. */
  close(): Promise<void>;
}

/** So many requests wait for the thread. At a tenth of a second each, the last is answered within a request's time. */
const MOST_WAITING = 100;
/** How long the end of the thread is waited for. */
const GRACE_MS = 1000;

const unavailable = (message: string, cause?: unknown) =>
  new ApiError("SERVICE_UNAVAILABLE", message, { headers: { "Retry-After": "2" }, cause });

/** `thread` is the module of the thread, `path` that of the database's file. */
export function openThreadClient(path: string, thread: URL): ThreadClient {
  let worker: Worker | undefined;
  let pending: { resolve: (answer: Answer) => void; reject: (error: unknown) => void } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(thread.href, { smol: true });
    started.unref(); // does not keep the program going
    started.onmessage = ({ data }: MessageEvent<ThreadResponse>) => {
      if ("answer" in data) pending?.resolve(data.answer);
      else pending?.reject(Object.assign(new Error(data.error.message), { code: data.error.code }));
    };
    const died = (event: Event) => {
      if (worker !== started) return;
      worker = undefined;
      pending?.reject(unavailable("The list could not be read: try again.", "message" in event ? event.message : event.type));
    };
    started.onerror = died;
    started.addEventListener("close", died);
    return started;
  }

  /** One request at a time. */
  function exchange(request: ThreadRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      pending = { resolve, reject };
      worker ??= start();
      worker.postMessage(request);
    });
  }

  return {
    async ask(request) {
      if (waiting >= MOST_WAITING) throw unavailable("Too many lists are being read: try again soon.");
      waiting += 1;
      const answer = last.then(() => {
        if (isClosed) throw unavailable("The server is stopping.");
        return exchange(request);
      });
      last = answer.catch(() => undefined);
      try {
        return await answer;
      } finally {
        waiting -= 1;
      }
    },
    async close() {
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
