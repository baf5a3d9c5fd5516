// Was this report requested a moment ago? Finished answers are kept in memory for a while, and dropped when a write touches their customer.
import { createHash } from "node:crypto";
import type { Asked } from "./endpoint.ts";

const MOST_ANSWERS = 1000;
const MOST_BYTES = 32 * 1024 * 1024;
/** Roughly what a snapshot takes besides its body and key. */
const OVERHEAD_BYTES = 512;
/** How often an answer is computed at most if writes keep touching its customer meanwhile. */
const TRIES = 3;

/** How many URLs lead to their snapshot without being parsed, and up to which length. */
const MOST_URLS = 1000;
const MOST_CHARACTERS = 500;

/** An answer in memory. */
export interface Snapshot {
  /** The report, by the path of its endpoint. */
  readonly report: string;
  readonly key: string;
  readonly customerId: number | undefined;
  readonly body: Blob; // sent without a copy
  readonly etag: string;
  readonly createdAt: number; // milliseconds of the snapshots' clock
  readonly bytes: number;
  /** The headers of the last hit, which are reused while its age in seconds is the same. */
  hit?: { readonly age: number; readonly headers: Headers };
}

/** Where a URL leads. */
interface Shortcut {
  readonly key: string;
  /** Set if the URL names its customer by an externalId, which a write may give to somebody else. Valid until the next write. */
  readonly writes: number | undefined;
}

/** The customer that an answer is about. */
export interface About {
  /** The customer's id, if the path contains it. With it, a snapshot is found without reading the database. */
  readonly known: number | undefined;
  /** Looks up the customer's id. Throws NOT_FOUND. */
  readonly require: () => number;
}

export interface Snapshots {
  /**
   * The answer `{ success: true, data }`, from memory or by `compute`; 304 if the caller has the current one. An answer is identified by
   * `report` and the query string. With `isNoCache` it is always computed. A hit is answered without a promise.
   * An error of `compute` is passed on, and nothing is kept.
   */
  answer(report: string, asked: Asked, compute: () => Promise<unknown>): Response | Promise<Response>;
  /** The same about one customer. It is computed again if a write touches them meanwhile, and dropped when one does later. */
  answerAbout(report: string, asked: Asked, about: About, compute: (customerId: number) => Promise<unknown>): Response | Promise<Response>;
  /**
   * The snapshot for a GET of a URL that was answered before; undefined if there is none. Its path, query and customer were checked then
   * and are still valid, so the caller only has to check the key.
   */
  recall(asked: Asked): Snapshot | undefined;
  /** The response of a recalled snapshot; 304 if the caller has it already. */
  send(asked: Asked, recalled: Snapshot): Response;
  /** Drops all answers about these customers, also those being computed. To be called after each write that touched them. */
  forgetCustomer(ids: Iterable<number>): void;
  /** Drops all answers about customers. To be called after another process has written. */
  forgetCustomers(): void;
}

export interface SnapshotOptions {
  /** How long an answer is kept; 0: none is. */
  ttlSeconds: number;
  /** Has another process written since the last call? */
  changedElsewhere?: () => boolean;
  /** Milliseconds, monotonic. */
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
  const kept = new Map<string, Snapshot>(); // in order of use, the least recently used first
  const byCustomer = new Map<number, Set<string>>();
  const byUrl = new Map<string, Shortcut>();
  let newest: Snapshot | undefined; // the most recently used
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

  /** Computes an answer about a customer, again if a write touched them meanwhile. Only an answer without such a write is kept. */
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

  /** The snapshot with this key, if it has not expired. It becomes the most recently used. */
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

  /** Remembers the snapshot that a URL leads to; if not `isFixed`, only until the next write. */
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

  /** The headers of a hit, built once for each second of its age. */
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

  /** Drops outdated answers if another process has written. Once per turn of the event loop is enough, as requests of a turn were sent before it began. */
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
        // Erasing a customer drops their answers, so a snapshot that is found belongs to an existing customer.
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
