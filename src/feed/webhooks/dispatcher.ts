// When is which webhook sent? Each endpoint has a few attempts in progress at most, so none holds up another, and what waits is in the database.
import { Webhook } from "standardwebhooks";
import { openChanges } from "../../../db/change.ts";
import type { Key, Keyring } from "../../access/keyring.ts";
import type { Context } from "../../context.ts";
import { CatchingUp } from "../../value/error.ts";
import type { News } from "../news.ts";
import { openTelling } from "../told.ts";
import { type Resolve, requireAddress } from "./address.ts";
import { type EndpointRow, type Endpoints, openEndpoints } from "./endpoints.ts";
import { openFanOut } from "./fan-out.ts";
import { type Attempted, type MessageRow, type Messages, openMessages } from "./messages.ts";
import { openPayload } from "./payload.ts";
import { post, TIMEOUT_MS } from "./post.ts";
import { openSendings } from "./sendings.ts";

/** The pauses after failed attempts. The last one repeats. */
const PAUSES_MS = [2000, 10_000, 60_000, 600_000, 3_600_000];
/** How long a message is tried. */
const TRIED_FOR_MS = 3 * 86_400_000;
/** How long the dispatcher sleeps at most, and how often it drops old messages. */
const LOOK_MS = 1000;
const DROPS_EVERY_MS = 60_000;
/** Between two rounds it pauses at least so long, and so many times as long as the last one took. So its writes hold nobody up, on a slow disk either. */
const PAUSE_MS = 20;
const SHARE = 4;
/** After a customer could not be read because their entries are being moved. */
const SOON_MS = 1000;
const NO_KEY = "the key of the endpoint is revoked or has expired";

export interface Dispatcher {
  readonly endpoints: Endpoints;
  readonly messages: Messages;
  /** Is its key valid, and is it not marked as failed? */
  stateOf(endpoint: EndpointRow): "active" | "paused" | "failed";
  /** Begins to send, and goes on until `close`. */
  start(): void;
  /** Turns all changes into messages, and makes the attempts that are due once, in order. Gives how many it made. For tests and drills. */
  step(): Promise<number>;
  /** Makes the one attempt of a message that is a test. */
  test(message: MessageRow, endpoint: EndpointRow): Promise<void>;
  /** There is something new to be sent. */
  wake(): void;
  /** Ends. Attempts in progress are made again after the next start. */
  close(): void;
}

export interface DispatcherOptions {
  readonly keyring: Pick<Keyring, "findKeyById">;
  readonly news: News;
  /** How names become addresses; for tests. */
  readonly resolve?: Resolve;
}

export function openDispatcher(context: Context, { keyring, news, resolve }: DispatcherOptions): Dispatcher {
  const { database, config, log, now, ledger } = context;
  const endpoints = openEndpoints(database.sqlite);
  const messages = openMessages(database.sqlite);
  const { newest: newestChange } = openChanges(database.sqlite);
  const toPayload = openPayload(context, openTelling(context));
  function stateOf({ keyId, failedAt }: EndpointRow): "active" | "paused" | "failed" {
    if (keyring.findKeyById(keyId) === undefined) return "paused";
    return failedAt === null ? "active" : "failed";
  }
  const sendings = openSendings(now);
  const fanOut = openFanOut(context, {
    endpoints,
    messages,
    isActive: (endpoint) => stateOf(endpoint) === "active",
    isInFlight: sendings.isInHand,
  });
  let done: { message: MessageRow; endpoint: EndpointRow; outcome: Attempted }[] = []; // and not stored yet
  let isClosed = false;
  let droppedAt = Number.NEGATIVE_INFINITY;
  let wakeUp: () => void = () => undefined;

  /** Sends a message, and gives the status and the problem. */
  async function send(
    message: MessageRow,
    endpoint: EndpointRow,
    body: string,
  ): Promise<{ status: number | null; problem: string | null }> {
    const sentAt = new Date(); // receivers compare it with their clocks, so it is the machine's
    const headers = {
      "webhook-id": message.webhookId,
      "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
      "webhook-signature": new Webhook(endpoint.secret).sign(message.webhookId, sentAt, body),
    };
    const url = new URL(endpoint.url);
    const startedAt = performance.now();
    try {
      const address = await within(requireAddress(url, config.webhookAllowPrivate, resolve), TIMEOUT_MS);
      const status = await post({ url, address, headers, body, timeoutMs: Math.max(1, TIMEOUT_MS - (performance.now() - startedAt)) });
      if (status >= 200 && status < 300) return { status, problem: null };
      return { status, problem: status >= 300 && status < 400 ? "redirects are not followed" : `the answer was ${status}` };
    } catch (error) {
      return { status: null, problem: error instanceof Error ? error.message : "unknown" };
    }
  }

  function afterwards(message: MessageRow, at: number, sent: { status: number | null; problem: string | null }): Attempted {
    const pause = PAUSES_MS[Math.min(message.attempts, PAUSES_MS.length - 1)] ?? 0;
    const isOver = at + pause > message.sinceAt + TRIED_FOR_MS;
    return { at, ...sent, nextAt: sent.problem === null || isOver || message.event === "test" ? null : at + pause };
  }

  async function tryNow(message: MessageRow, endpoint: EndpointRow, key: Key): Promise<Attempted> {
    try {
      const sent = await send(message, endpoint, toPayload(message, endpoint, key));
      return afterwards(message, now(), sent);
    } catch (error) {
      if (!(error instanceof CatchingUp)) throw error;
      return { at: now(), status: null, problem: "the customer's entries were being moved", nextAt: now() + SOON_MS };
    }
  }

  function store({ message, endpoint, outcome }: (typeof done)[number]): void {
    messages.finish(message, outcome);
    if (outcome.problem !== null && outcome.nextAt === null && message.event !== "test") endpoints.markFailed(endpoint.number, outcome.at);
  }

  /** Makes an attempt, whose outcome waits in `done`. */
  async function sendDue(message: MessageRow, endpoint: EndpointRow): Promise<void> {
    const key = keyring.findKeyById(endpoint.keyId);
    sendings.begin(message);
    try {
      if (key === undefined) return sendings.stored(message); // it is paused now
      const outcome = await tryNow(message, endpoint, key);
      sendings.end(message, outcome.problem === null);
      done.push({ message, endpoint, outcome });
      if (outcome.problem !== null)
        log.info({ message: "webhook not delivered", endpoint: endpoint.id, webhook: message.webhookId, problem: outcome.problem });
    } catch (error) {
      sendings.end(message, false);
      sendings.stored(message);
      log.warn({ message: "a webhook could not be made; it is tried again", error: toText(error) });
    } finally {
      wakeUp();
    }
  }

  function beginDue(endpoint: EndpointRow): Promise<void>[] {
    const room = sendings.room(endpoint.number);
    if (room <= 0 || stateOf(endpoint) !== "active") return [];
    const due = messages.due(endpoint.number, now(), room + sendings.inHand(endpoint.number)).filter(({ id }) => !sendings.isInHand(id));
    return due.slice(0, room).map((message) => sendDue(message, endpoint));
  }

  /** Stores what was done, and turns the next changes into messages, all in one write. Gives whether there may be more changes. */
  function writeSome(list: readonly EndpointRow[]): boolean {
    const newest = newestChange();
    if (done.length === 0 && list.every(({ seq }) => seq >= newest)) return false;
    const stored = done;
    const isMore = ledger.write(() => {
      for (const each of stored) store(each);
      return list.map(fanOut).some(Boolean);
    });
    done = done.slice(stored.length);
    for (const { message } of stored) sendings.stored(message);
    return isMore;
  }

  function dropOld(list: readonly EndpointRow[]): void {
    if (performance.now() < droppedAt + DROPS_EVERY_MS) return;
    droppedAt = performance.now();
    for (const { number } of list) database.write(() => messages.dropOld(number, now() - config.changesKeep));
  }

  async function run(): Promise<void> {
    while (!isClosed) {
      const startedAt = performance.now();
      const woken = new Promise<void>((resolve) => {
        wakeUp = resolve;
      });
      let list: EndpointRow[] = [];
      let isMore = false;
      try {
        list = endpoints.list();
        isMore = writeSome(list);
        dropOld(list);
        for (const endpoint of endpoints.list()) beginDue(endpoint);
      } catch (error) {
        isMore = true;
        log.warn({ message: "webhooks are held up; it is tried again", error: toText(error) });
      }
      const took = performance.now() - startedAt;
      // Without an endpoint nothing runs until one is made. Else: until a change, the end of an attempt, or a time that has come.
      if (list.length === 0) await woken;
      else if (!isMore && done.length === 0) await Promise.race([woken, news.after(Math.min(...list.map(({ seq }) => seq)), LOOK_MS)]);
      if (!isClosed) await Bun.sleep(Math.max(PAUSE_MS, took * SHARE));
    }
  }

  return {
    endpoints,
    messages,
    stateOf,
    start: () => void run(),
    async step() {
      while (writeSome(endpoints.list()));
      const begun = endpoints.list().flatMap(beginDue);
      await Promise.all(begun);
      writeSome(endpoints.list());
      return begun.length;
    },
    async test(message, endpoint) {
      const key = keyring.findKeyById(endpoint.keyId);
      const outcome = key === undefined ? { at: now(), status: null, problem: NO_KEY, nextAt: null } : await tryNow(message, endpoint, key);
      await ledger.groupCommit(() => store({ message, endpoint, outcome }));
    },
    wake: () => wakeUp(),
    close() {
      if (isClosed) return;
      isClosed = true;
      wakeUp();
      try {
        writeSome([]); // so that it is not sent once more
      } catch {}
    },
  };
}

const toText = (error: unknown) => (error instanceof Error ? error.message : "unknown");

function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer within 10 seconds")), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
