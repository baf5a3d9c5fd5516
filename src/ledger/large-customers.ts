// Which customers have so many entries that reading their whole log would make others wait? They are recomputed beside the requests, and only the
// result is stored here, if nothing of theirs has changed meanwhile.
import { requireRow } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import type { Pipeline } from "./pipeline.ts";
import { openApplying, type Recomputed, type RecomputeOrder } from "./recompute-beside.ts";

/** From how many entries and profile updates on. Recomputing as many takes about 20 ms. */
const LARGE_ENTRIES = 5000;

/** Recomputes a customer beside the requests. Undefined: they were not stale. */
export type RecomputeBeside = (order: RecomputeOrder) => Promise<Recomputed | undefined>;

export interface LargeCustomers {
  /** The number of the customer's entries and profile updates, each counted up to that from which they are large. */
  countEntries(customerId: number): number;
  isLarge(customerId: number): boolean;
  /** Is this customer being recomputed beside the requests? */
  isAsked(customerId: number): boolean;
  /** How many are. */
  asked(): number;
  /** Has recomputing this customer beside the requests failed since the last call? Then they are recomputed like others, once. */
  takeFailed(customerId: number): boolean;
  /** How the customer is marked as stale; undefined: they are not. */
  markOf(customerId: number): string | undefined;
  /**
   * Begins to recompute a customer who is stored as stale. `updatedAt` is as in the pipeline. Resolves to the mark that they had then, when there is
   * something for `store`; to undefined if there is nothing.
   */
  ask(customerId: number, now: number, updatedAt: number | null): Promise<string | undefined>;
  /** Is there something to store? */
  isReady(): boolean;
  /** Stores what was recomputed, each in one write, unless something has changed since: then they are still stale. Gives how many were ready. */
  store(now: number): number;
}

export interface LargeCustomersOptions {
  readonly database: Database;
  readonly pipeline: Pipeline;
  /** Undefined: nobody is large. */
  readonly beside: RecomputeBeside | undefined;
  readonly from?: number | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
}

export function openLargeCustomers(options: LargeCustomersOptions): LargeCustomers {
  const { database, pipeline, beside, from = LARGE_ENTRIES, onError } = options;
  const { sqlite, write } = database;
  const count = sqlite
    .prepare<{ customerId: number }, number>(
      `SELECT (SELECT count(*) FROM (SELECT 1 FROM entry WHERE customer_id = :customerId LIMIT ${from}))
            + (SELECT count(*) FROM (SELECT 1 FROM profile_update WHERE customer_id = :customerId LIMIT ${from}))`,
    )
    .pluck();
  const takeWhole = sqlite.prepare<[number]>("INSERT INTO temp.batch VALUES (?, NULL)");
  const applying = openApplying(sqlite);
  const running = new Map<number, Promise<string | undefined>>();
  const ready: { order: RecomputeOrder; recomputed: Recomputed }[] = [];
  const failed = new Set<number>();

  const countEntries = (customerId: number) => requireRow(count, { customerId });

  async function recompute(order: RecomputeOrder): Promise<string | undefined> {
    const { customerId } = order;
    try {
      const recomputed = await beside?.(order);
      if (recomputed === undefined) running.delete(customerId);
      else ready.push({ order, recomputed });
      return recomputed?.mark;
    } catch (error) {
      running.delete(customerId);
      failed.add(customerId);
      onError?.(error);
      return undefined;
    }
  }

  /** Stores a result within a write. */
  function apply({ customerId, updatedAt }: RecomputeOrder, recomputed: Recomputed, now: number): void {
    if (applying.markOf(customerId) !== recomputed.mark) return;
    takeWhole.run(customerId);
    pipeline.run({ now, updatedAt }, () => applying.apply(customerId, recomputed));
  }

  return {
    countEntries,
    isLarge: (customerId) => beside !== undefined && countEntries(customerId) >= from,
    isAsked: (customerId) => running.has(customerId),
    asked: () => running.size,
    markOf: applying.markOf,
    takeFailed: (customerId) => failed.delete(customerId),
    ask(customerId, now, updatedAt) {
      const asked = running.get(customerId) ?? recompute({ customerId, now, updatedAt });
      running.set(customerId, asked);
      return asked;
    },
    isReady: () => ready.length > 0,
    store(now) {
      let done = 0;
      for (let next = ready[0]; next !== undefined; next = ready[0]) {
        const { order, recomputed } = next;
        write(() => apply(order, recomputed, now));
        ready.shift();
        running.delete(order.customerId);
        done += 1;
      }
      return done;
    },
  };
}
