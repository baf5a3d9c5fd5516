// Was this report asked for a moment ago? Answers kept as finished bytes for a while, and forgotten when a write touches their customer.
import { createHash } from "node:crypto";
import type { Asked } from "./endpoint.ts";

const MOST_ANSWERS = 1000;
const MOST_BYTES = 32 * 1024 * 1024;
/** What an entry costs beside its body and key, roughly. */
const OVERHEAD_BYTES = 512;
/** How often an answer is computed again because a write touched its customer meanwhile. */
const TRIES = 3;

/** URLs whose answer is found without a look at their path and query; longer ones are not worth it. */
const MOST_URLS = 1000;
const MOST_CHARACTERS = 500;

/** An answer that is kept. */
export interface Snapshot {
  /** The report that was asked for. */
  readonly report: string;
  readonly key: string;
  readonly customerId: number | undefined;
  readonly body: Blob; // sent without a copy
  readonly etag: string;
  readonly createdAt: number; // milliseconds of the snapshots' clock
  readonly bytes: number;
  /** What the last hit was sent with. */
  hit?: { readonly age: number; readonly headers: Headers };
}

/** What an answer is kept under that was asked for by a URL. */
interface Shortcut {
  readonly key: string;
  /** The URL names the customer by a name that another write may give to somebody else: good for as long as there was none. */
  readonly writes: number | undefined;
}

/** Whom an answer is about. */
export interface About {
  /** The customer that the path names by their own id, if it does: enough to look in memory. */
  readonly known: number | undefined;
  /** The customer, looked up; throws NOT_FOUND. */
  readonly require: () => number;
}

export interface Snapshots {
  /**
   * The answer `{ success: true, data }` from memory, or computed and kept; 304 when the caller has it already. `report` and the
   * query string tell answers apart. `isNoCache` goes past what is kept.
   * What `compute` throws is thrown, and nothing is kept. What is kept is answered at once, without a promise.
   */
  answer(report: string, asked: Asked, compute: () => Promise<unknown>): Response | Promise<Response>;
  /** The same about one customer: computed anew when a write touched them meanwhile, and kept no longer than until one does. */
  answerAbout(report: string, asked: Asked, about: About, compute: (customerId: number) => Promise<unknown>): Response | Promise<Response>;
  /**
   * The answer to a GET that asks for exactly what was asked for and answered before, by the same URL: what was judged of it then (its
   * path, its query, that there is such a customer) is still right. undefined: it is to be judged, and answered as ever.
   */
  recall(asked: Asked): Snapshot | undefined;
  /** Sends what was recalled; 304 when the caller has it already. */
  send(asked: Asked, recalled: Snapshot): Response;
  /** Forgets all answers about these customers, also those being computed: called after each write that touched them. */
  forgetCustomer(ids: Iterable<number>): void;
  /** Forgets all answers about customers: called when another process wrote. */
  forgetCustomers(): void;
}

export interface SnapshotOptions {
  /** How long an answer is kept; 0 keeps none. */
  ttlSeconds: number;
  /** Has another process written since this was last asked? */
  changedElsewhere?: () => boolean;
  /** Milliseconds of a clock that never jumps. */
  clock?: () => number;
  mostAnswers?: number;
  mostBytes?: number;
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function matchesEtag({ ifNoneMatch: header }: Asked, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((each) => each.trim() === "*" || each.trim().replace(/^W\//, "") === etag);
}

export function openSnapshots({
  ttlSeconds,
  changedElsewhere = () => false,
  clock = () => performance.now(),
  mostAnswers = MOST_ANSWERS,
  mostBytes = MOST_BYTES,
}: SnapshotOptions): Snapshots {
  const kept = new Map<string, Snapshot>(); // in order of use, the longest unused first
  const byCustomer = new Map<number, Set<string>>();
  const byUrl = new Map<string, Shortcut>();
  let newest: Snapshot | undefined; // the last of those kept
  let writes = 0;
  let isChecked = false;
  const inFlight = new Set<{ readonly customerId: number; outdated: boolean }>();
  const ttl = ttlSeconds * 1000;
  let bytes = 0;

  function drop(snapshot: Snapshot): void {
    if (!kept.delete(snapshot.key)) return;
    bytes -= snapshot.bytes;
    if (newest === snapshot) newest = undefined;
    if (snapshot.customerId === undefined) return;
    const keys = byCustomer.get(snapshot.customerId);
    keys?.delete(snapshot.key);
    if (keys?.size === 0) byCustomer.delete(snapshot.customerId);
  }

  function keep(snapshot: Snapshot): void {
    const former = kept.get(snapshot.key);
    if (former) drop(former);
    if (ttl <= 0 || snapshot.bytes > mostBytes) return;
    kept.set(snapshot.key, snapshot);
    newest = snapshot;
    bytes += snapshot.bytes;
    if (snapshot.customerId !== undefined) {
      const keys = byCustomer.get(snapshot.customerId);
      if (keys) keys.add(snapshot.key);
      else byCustomer.set(snapshot.customerId, new Set([snapshot.key]));
    }
    for (const oldest of kept.values()) {
      if (kept.size <= mostAnswers && bytes <= mostBytes) break;
      drop(oldest);
    }
  }

  function toSnapshot(report: string, key: string, customerId: number | undefined, data: unknown): Snapshot {
    const body = new TextEncoder().encode(JSON.stringify({ success: true, data }));
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
    const bytes = body.byteLength + 2 * key.length + OVERHEAD_BYTES;
    return { report, key, customerId, body: new Blob([body]), etag, createdAt: clock(), bytes };
  }

  /** Computes until no write touched the customer meanwhile; then, and only then, is the answer kept. */
  async function computeAbout(
    report: string,
    toKey: (customerId: number) => string,
    about: About,
    compute: (customerId: number) => Promise<unknown>,
  ): Promise<Snapshot> {
    for (let tries = 1; ; tries++) {
      const flight = { customerId: about.require(), outdated: false };
      inFlight.add(flight);
      try {
        const created = toSnapshot(report, toKey(flight.customerId), flight.customerId, await compute(flight.customerId));
        if (flight.outdated && tries < TRIES) continue;
        if (!flight.outdated) keep(created);
        return created;
      } finally {
        inFlight.delete(flight);
      }
    }
  }

  /** What is kept under a key and young enough, now the last used. */
  function find(key: string): Snapshot | undefined {
    const found = kept.get(key);
    if (!found) return undefined;
    if (clock() - found.createdAt >= ttl) {
      drop(found);
      return undefined;
    }
    if (found === newest) return found;
    kept.delete(key);
    kept.set(key, found);
    newest = found;
    return found;
  }

  /** Notes what a URL leads to; `isFixed`: for good, whatever is written. */
  function rememberUrl({ url }: Asked, key: string, isFixed: boolean): void {
    if (ttl <= 0 || url === undefined || url.length > MOST_CHARACTERS) return;
    if (byUrl.size >= MOST_URLS) byUrl.clear();
    byUrl.set(url, { key, writes: isFixed ? undefined : writes });
  }

  function toHeaders({ customerId, etag }: Snapshot, age: number, cache: "HIT" | "MISS"): Headers {
    return new Headers({
      "Content-Type": "application/json; charset=utf-8",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": customerId === undefined ? `private, max-age=${Math.max(0, ttlSeconds - age)}` : "private, no-cache",
      ETag: etag,
      Age: String(age),
      "X-Cache": cache,
    });
  }

  /** The headers of a hit, created once for each second of its age. */
  function hitHeaders(snapshot: Snapshot): Headers {
    const age = Math.max(0, Math.floor((clock() - snapshot.createdAt) / 1000));
    if (snapshot.hit?.age !== age) snapshot.hit = { age, headers: toHeaders(snapshot, age, "HIT") };
    return snapshot.hit.headers;
  }

  function respond(asked: Asked, snapshot: Snapshot, hit: boolean): Response {
    const headers = hit ? hitHeaders(snapshot) : toHeaders(snapshot, 0, "MISS");
    return matchesEtag(asked, snapshot.etag)
      ? new Response(null, { status: 304, headers })
      : new Response(snapshot.body, { status: 200, headers });
  }

  function forgetCustomers(): void {
    writes += 1;
    for (const snapshot of [...kept.values()]) if (snapshot.customerId !== undefined) drop(snapshot);
    for (const flight of inFlight) flight.outdated = true;
  }

  /** Looks for what another process wrote, once in a turn of the event loop: what is read in a turn was on its way before the turn began. */
  function checkOtherProcesses(): void {
    if (isChecked) return;
    isChecked = true;
    setImmediate(() => {
      isChecked = false;
    });
    if (changedElsewhere()) forgetCustomers();
  }

  return {
    answer(report, asked, compute) {
      const key = `${report}?${asked.search}`;
      const found = asked.isNoCache ? undefined : find(key);
      if (found) {
        rememberUrl(asked, key, true);
        return respond(asked, found, true);
      }
      return compute().then((data) => {
        const created = toSnapshot(report, key, undefined, data);
        keep(created);
        return respond(asked, created, false);
      });
    },
    answerAbout(report, asked, about, compute) {
      checkOtherProcesses();
      const search = asked.search;
      const toKey = (customerId: number) => `${report} ${customerId}?${search}`;
      if (!asked.isNoCache) {
        // Kept answers are forgotten whenever a customer is touched, so one that is there is of a customer who is there.
        const found = find(toKey(about.known ?? about.require()));
        if (found) {
          rememberUrl(asked, found.key, about.known !== undefined);
          return respond(asked, found, true);
        }
      }
      return computeAbout(report, toKey, about, compute).then((created) => respond(asked, created, false));
    },
    recall(asked) {
      const shortcut = asked.method === "GET" && asked.url !== undefined ? byUrl.get(asked.url) : undefined;
      if (!shortcut || asked.isNoCache) return undefined;
      checkOtherProcesses();
      return shortcut.writes === undefined || shortcut.writes === writes ? find(shortcut.key) : undefined;
    },
    send: (asked, recalled) => respond(asked, recalled, true),
    forgetCustomer(ids) {
      writes += 1;
      for (const id of ids) {
        for (const key of byCustomer.get(id) ?? []) {
          const snapshot = kept.get(key);
          if (snapshot) drop(snapshot);
        }
        for (const flight of inFlight) if (flight.customerId === id) flight.outdated = true;
      }
    },
    forgetCustomers,
  };
}
