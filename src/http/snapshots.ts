// Was this report requested a moment ago? Finished answers are kept in memory for a while, and used as long as nothing has changed that could be in them.
import { createHash } from "node:crypto";
import { nextTurn, openTurn } from "../host/turn.ts";
import type { Behind } from "../value/behind.ts";
import { toIso } from "../value/instant.ts";
import { behindHeaders } from "./behind.ts";
import type { Asked } from "./endpoint.ts";
import { openKeptAnswers, type Room, type Since, type Snapshot } from "./kept-answers.ts";
import { csvHeaders, isCsvWanted, type Table, toCsv, VARY } from "./representation.ts";

/** Roughly what a snapshot takes besides its body and key. */
const OVERHEAD_BYTES = 512;
/** How often an answer is computed at most if writes keep touching its customer meanwhile. */
const TRIES = 3;
/** A report about everybody that took longer to compute may be used for a while whatever changes. */
const SLOW_MS = 100;
const SLOW_IS_USED_MS = 1000;

/** How many URLs lead to their snapshot without being parsed, and up to which length. */
const MOST_URLS = 1000;
const MOST_CHARACTERS = 500;

/** Where a URL leads. */
interface Shortcut {
  readonly key: string;
  /** Set if the URL names its customer by an externalId, which a write may give to somebody else. Valid until the next change. */
  readonly changes: number | undefined;
}

/** The customer that an answer is about. */
export interface About {
  /** The customer's id, if the path contains it. With it, a snapshot is found without reading the database. */
  readonly known: number | undefined;
  /** Looks up the customer's id. Throws NOT_FOUND. */
  readonly require: () => number;
}

/** Gives the data of an answer, or the table of a CSV file. */
type Read<Parameters extends unknown[]> = (...parameters: Parameters) => Promise<object | Table>;

export interface Snapshots {
  /**
   * The answer `{ success: true, data }` about everybody, from memory or by `read`; 304 if the caller has the current one. `data` is what
   * `read` gives, and `computedAt`. An answer is identified by `report` and the query string. With `isNoCache` it is always computed.
   * With `csv`, the answer is a CSV file of that name, and `read` gives its table. It is not kept if something is not derived yet, or changes meanwhile. A hit is answered without a promise. An error is passed on.
   */
  answer(report: string, asked: Asked, read: Read<[]>, csv?: string): Response | Promise<Response>;
  /** The same about one customer. It is computed again if a write touches them meanwhile, and dropped when one does later. */
  answerAbout(report: string, asked: Asked, about: About, read: Read<[customerId: number]>, csv?: string): Response | Promise<Response>;
  /**
   * The snapshot for a GET of a URL that was answered before; undefined if there is none. Its path, query and customer were checked then
   * and are still valid, so the caller only has to check the key.
   */
  recall(asked: Asked): Snapshot | undefined;
  /** The response of a recalled snapshot; 304 if the caller has it already. */
  send(asked: Asked, recalled: Snapshot): Response;
  /** Drops all answers about these customers, also those being computed, and about everybody. To be called after each write that changed something. */
  forgetCustomers(ids: Iterable<number>): void;
  /** Drops all answers. To be called after another process has written. */
  forgetAll(): void;
}

export interface SnapshotOptions extends Room {
  /** How long an answer is kept; 0: none is. */
  ttlSeconds: number;
  /** Derives what is left before a report about everybody is computed. Gives what is not derived, if it would take too long. */
  ensureFresh?: () => Promise<Behind | undefined>;
  /** Has another process written since the last call? */
  changedElsewhere?: () => boolean;
  /** The id of the newest entry. */
  lastEntryId?: () => number;
  /** Milliseconds, monotonic. */
  clock?: () => number;
  /** The time of the server, in milliseconds since 1970 UTC. */
  now?: () => number;
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function matchesEtag({ ifNoneMatch: header }: Asked, etag: string): boolean {
  if (header === null) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return header.split(",").some((each) => each.trim() === "*" || opaque(each) === opaque(etag));
}

const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8", "X-Content-Type-Options": "nosniff", ...VARY } as const;
/** Ends the key of an answer in CSV. No query string contains it. */
const CSV_KEY = " csv";

/** Leads from a page of a table to the next one (RFC 8288). */
function linkHeader({ search }: Asked, { nextCursor }: Table): { Link?: string } {
  if (nextCursor === undefined) return {};
  const query = new URLSearchParams(search);
  query.set("cursor", nextCursor);
  return { Link: `<?${query}>; rel="next"` };
}

/** What is computed, for which request. `csv`: the name of the file; undefined: JSON. */
type Computation = Pick<Snapshot, "report" | "key" | "customerId"> & { readonly asked: Asked; readonly csv: string | undefined };

export function openSnapshots({
  ttlSeconds,
  ensureFresh = async () => undefined,
  changedElsewhere = () => false,
  lastEntryId = () => 0,
  clock = () => performance.now(),
  now = Date.now,
  ...room
}: SnapshotOptions): Snapshots {
  const kept = openKeptAnswers(isCurrent, room);
  const byUrl = new Map<string, Shortcut>();
  let changes = 0; // how often something has changed, here or in another process
  let isChecked = false;
  const inFlight = new Set<{ readonly customerId: number; outdated: boolean }>();
  const ttl = ttlSeconds * 1000;

  /** May an answer still be used? Those about a customer are dropped when something of theirs changes. */
  function isCurrent({ createdAt, customerId, since, isSlow }: Snapshot): boolean {
    const age = clock() - createdAt;
    return age < ttl && (customerId !== undefined || since.changes === changes || (isSlow && age < SLOW_IS_USED_MS));
  }

  function keep(snapshot: Snapshot): void {
    if (ttl > 0) kept.keep(snapshot);
  }

  async function compute({ report, key, customerId, asked, csv }: Computation, read: Read<[]>, behind?: Behind): Promise<Snapshot> {
    const since: Since = { computedAt: now(), changes, lastEntryId: lastEntryId() };
    const startedAt = clock();
    const isOver = openTurn();
    const given = await read();
    if (isOver()) await nextTurn(); // to write a long answer takes as long again as to read it
    const data = csv === undefined ? JSON.stringify(given) : toCsv(given as Table);
    const createdAt = clock();
    // The tag is of what is reported, which is the same whenever it was computed.
    const etag = `W/"${createHash("sha256").update(data).digest("base64url").slice(0, 27)}"`;
    const text = csv === undefined ? `{"success":true,"data":${data.slice(0, -1)},"computedAt":"${toIso(since.computedAt)}"}}` : data;
    const form = csv === undefined ? JSON_HEADERS : { ...csvHeaders(csv), ...linkHeader(asked, given as Table) };
    const body = new TextEncoder().encode(text);
    const bytes = body.byteLength + 2 * key.length + OVERHEAD_BYTES;
    const isSlow = customerId === undefined && createdAt - startedAt > SLOW_MS;
    return { report, key, customerId, body: new Blob([body]), form, etag, createdAt, since, behind, isSlow, bytes };
  }

  async function computeForAll(computation: Omit<Computation, "customerId">, read: Read<[]>): Promise<Snapshot> {
    const behind = await ensureFresh();
    const created = await compute({ ...computation, customerId: undefined }, read, behind);
    if (behind === undefined && isCurrent(created)) keep(created);
    return created;
  }

  /** Computes an answer about a customer, again if a write touched them meanwhile. Only an answer without such a write is kept. */
  async function computeAbout(
    computation: Omit<Computation, "customerId" | "key">,
    toKey: (customerId: number) => string,
    about: About,
    read: Read<[customerId: number]>,
  ): Promise<Snapshot> {
    for (let tries = 1; ; tries++) {
      const customerId = about.require();
      const flight = { customerId, outdated: false };
      inFlight.add(flight);
      try {
        const created = await compute({ ...computation, key: toKey(customerId), customerId }, () => read(customerId));
        if (flight.outdated && tries < TRIES) continue;
        if (!flight.outdated) keep(created);
        return created;
      } finally {
        inFlight.delete(flight);
      }
    }
  }

  /** Remembers the snapshot that a URL leads to, for JSON; if not `isFixed`, only until the next change. */
  function rememberUrl({ url }: Asked, key: string, isFixed: boolean, csv: string | undefined): void {
    if (ttl <= 0 || csv !== undefined || url === undefined || url.length > MOST_CHARACTERS) return;
    if (byUrl.size >= MOST_URLS) byUrl.clear();
    byUrl.set(url, { key, changes: isFixed ? undefined : changes });
  }

  /** What an answer about everybody lacks by now. One about a customer lacks nothing. */
  function lackOf({ customerId, behind, since }: Snapshot): Behind | undefined {
    if (behind || customerId !== undefined || since.changes === changes) return behind;
    return { entries: Math.max(1, lastEntryId() - since.lastEntryId), asOfAt: since.computedAt };
  }

  function toHeaders({ etag, form }: Snapshot, age: number, cache: "HIT" | "MISS", lack: Behind | undefined): Headers {
    return new Headers({
      ...form,
      "Cache-Control": "private, no-cache", // a browser asks again, and never shows what was erased
      ETag: etag,
      Age: String(age),
      "X-Cache": cache,
      ...behindHeaders(lack),
    });
  }

  /** The headers of a hit. If it lacks nothing, they are built once for each second of its age. */
  function hitHeaders(snapshot: Snapshot): Headers {
    const age = Math.max(0, Math.floor((clock() - snapshot.createdAt) / 1000));
    const lack = lackOf(snapshot);
    if (lack) return toHeaders(snapshot, age, "HIT", lack);
    if (snapshot.hit?.age !== age) snapshot.hit = { age, headers: toHeaders(snapshot, age, "HIT", undefined) };
    return snapshot.hit.headers;
  }

  function respond(asked: Asked, snapshot: Snapshot, hit: boolean): Response {
    const headers = hit ? hitHeaders(snapshot) : toHeaders(snapshot, 0, "MISS", lackOf(snapshot));
    return matchesEtag(asked, snapshot.etag)
      ? new Response(null, { status: 304, headers })
      : new Response(snapshot.body, { status: 200, headers });
  }

  function forgetAll(): void {
    changes += 1; // which outdates all answers about everybody
    kept.forgetAllCustomers();
    for (const flight of inFlight) flight.outdated = true;
  }

  /** Drops outdated answers if another process has written. Once per turn of the event loop is enough, as requests of a turn were sent before it began. */
  function checkOtherProcesses(): void {
    if (isChecked) return;
    isChecked = true;
    setImmediate(() => {
      isChecked = false;
    });
    if (changedElsewhere()) forgetAll();
  }

  return {
    answer(report, asked, read, csv) {
      checkOtherProcesses();
      const key = `${report}?${asked.search}${csv === undefined ? "" : CSV_KEY}`;
      const found = asked.isNoCache ? undefined : kept.find(key);
      if (found) {
        rememberUrl(asked, key, true, csv);
        return respond(asked, found, true);
      }
      return computeForAll({ report, key, asked, csv }, read).then((created) => respond(asked, created, false));
    },
    answerAbout(report, asked, about, read, csv) {
      checkOtherProcesses();
      const search = `${asked.search}${csv === undefined ? "" : CSV_KEY}`;
      const toKey = (customerId: number) => `${report} ${customerId}?${search}`;
      if (!asked.isNoCache) {
        // Erasing a customer drops their answers, so a snapshot that is found belongs to an existing customer.
        const found = kept.find(toKey(about.known ?? about.require()));
        if (found) {
          rememberUrl(asked, found.key, about.known !== undefined, csv);
          return respond(asked, found, true);
        }
      }
      return computeAbout({ report, asked, csv }, toKey, about, read).then((created) => respond(asked, created, false));
    },
    recall(asked) {
      const shortcut = asked.method === "GET" && asked.url !== undefined ? byUrl.get(asked.url) : undefined;
      if (!shortcut || asked.isNoCache || isCsvWanted(undefined, asked.header("accept"))) return undefined;
      checkOtherProcesses();
      return shortcut.changes === undefined || shortcut.changes === changes ? kept.find(shortcut.key) : undefined;
    },
    send: (asked, recalled) => respond(asked, recalled, true),
    forgetCustomers(ids) {
      changes += 1; // which outdates all answers about everybody
      for (const id of ids) {
        kept.forgetCustomer(id);
        for (const flight of inFlight) if (flight.customerId === id) flight.outdated = true;
      }
    },
    forgetAll,
  };
}
