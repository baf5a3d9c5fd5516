// Which answers of reports are in memory? The most recently used, within a number and a size.
import type { Behind } from "../value/behind.ts";

const MOST_ANSWERS = 1000;
const MOST_BYTES = 32 * 1024 * 1024;

/** The moment at which the computation of an answer began. */
export interface Since {
  /** In milliseconds since 1970 UTC. */
  readonly computedAt: number;
  /** How many changes there had been, and the id of the newest entry. */
  readonly changes: number;
  readonly lastEntryId: number;
}

/** An answer in memory. */
export interface Snapshot {
  /** The report, by the path of its endpoint. */
  readonly report: string;
  readonly key: string;
  /** The customer that it is about; undefined: everybody. */
  readonly customerId: number | undefined;
  readonly body: Blob; // sent without a copy
  /** The headers of its form: JSON or CSV. */
  readonly form: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly createdAt: number; // milliseconds of the snapshots' clock
  readonly since: Since;
  /** What was not derived when it was computed. */
  readonly behind: Behind | undefined;
  /** It took long to compute, so it may be used for a while although something has changed. */
  readonly isSlow: boolean;
  readonly bytes: number;
  /** The headers of the last hit, which are reused while its age in seconds is the same. */
  hit?: { readonly age: number; readonly headers: Headers };
}

export interface KeptAnswers {
  keep(snapshot: Snapshot): void;
  /** The answer with this key, which becomes the most recently used. If it is not current, it is dropped. */
  find(key: string): Snapshot | undefined;
  /** Drops the answers about a customer. */
  forgetCustomer(id: number): void;
  /** Drops the answers about all customers, but not those about everybody. */
  forgetAllCustomers(): void;
}

export interface Room {
  mostAnswers?: number | undefined;
  mostBytes?: number | undefined;
}

/** `isCurrent`: may an answer still be used? */
export function openKeptAnswers(
  isCurrent: (snapshot: Snapshot) => boolean,
  { mostAnswers = MOST_ANSWERS, mostBytes = MOST_BYTES }: Room,
): KeptAnswers {
  const kept = new Map<string, Snapshot>(); // in order of use, the least recently used first
  const byCustomer = new Map<number, Set<string>>();
  let newest: Snapshot | undefined; // the most recently used
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

  return {
    keep(snapshot) {
      const former = kept.get(snapshot.key);
      if (former) drop(former);
      if (snapshot.bytes > mostBytes) return;
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
    },
    find(key) {
      const found = kept.get(key);
      if (!found) return undefined;
      if (!isCurrent(found)) {
        drop(found);
        return undefined;
      }
      if (found === newest) return found;
      kept.delete(key);
      kept.set(key, found);
      newest = found;
      return found;
    },
    forgetCustomer(id) {
      for (const key of byCustomer.get(id) ?? []) {
        const snapshot = kept.get(key);
        if (snapshot) drop(snapshot);
      }
    },
    forgetAllCustomers() {
      for (const snapshot of [...kept.values()]) if (snapshot.customerId !== undefined) drop(snapshot);
    },
  };
}
