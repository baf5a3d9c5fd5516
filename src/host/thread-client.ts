// How are requests sent to a thread? One at a time. The thread is started when it is needed, and restarted if it has died.
import { ApiError } from "../value/error.ts";

/** What a thread sends back: its answer, or an error with its SQLite code. */
export type ThreadResponse<Answer> = { readonly answer: Answer } | { readonly error: { readonly message: string; readonly code: unknown } };

export interface ThreadClient<Request, Answer> {
  /** The thread's answer. Throws SERVICE_UNAVAILABLE if too many requests wait, the thread died or the server is stopping; else the thread's own error. */
  ask(request: Request): Promise<Answer>;
  /** Ends the thread after its current request. */
  close(): Promise<void>;
}

/** How many requests may wait for the thread. At a tenth of a second each, the last one is still answered before its deadline. */
const MOST_WAITING = 100;
/** How long `close` waits for the thread. */
const GRACE_MS = 1000;

const unavailable = (message: string, cause?: unknown) =>
  new ApiError("SERVICE_UNAVAILABLE", message, { headers: { "Retry-After": "2" }, cause });

export interface ThreadOptions<Request> {
  /** The module of the thread. */
  readonly thread: URL;
  /** The request that makes the thread close what it has open. */
  readonly closing: Request;
  /** What it cannot do, for messages, such as `The list could not be read`. */
  readonly failure: string;
}

/** Opens a client. The thread answers every request with a `ThreadResponse`. */
export function openThreadClient<Request, Answer>({ thread, closing, failure }: ThreadOptions<Request>): ThreadClient<Request, Answer> {
  let worker: Worker | undefined;
  let pending: { resolve: (answer: Answer) => void; reject: (error: unknown) => void } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(thread.href, { smol: true });
    started.unref(); // does not keep the process alive
    started.onmessage = ({ data }: MessageEvent<ThreadResponse<Answer>>) => {
      if ("answer" in data) pending?.resolve(data.answer);
      else pending?.reject(Object.assign(new Error(data.error.message), { code: data.error.code }));
    };
    const died = (event: Event) => {
      if (worker !== started) return;
      worker = undefined;
      pending?.reject(unavailable(`${failure}: try again.`, "message" in event ? event.message : event.type));
    };
    started.onerror = died;
    started.addEventListener("close", died);
    return started;
  }

  /** Sends one request and waits for its answer. Only one may be under way. */
  function exchange(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      pending = { resolve, reject };
      worker ??= start();
      worker.postMessage(request);
    });
  }

  return {
    async ask(request) {
      if (waiting >= MOST_WAITING) throw unavailable(`${failure}, because too many requests wait: try again soon.`);
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
      const ended = last.then(() => worker && exchange(closing));
      await Promise.race([ended.catch(() => undefined), late]);
      clearTimeout(grace); // the timer would keep the process alive
      worker?.terminate();
      worker = undefined;
    },
  };
}
