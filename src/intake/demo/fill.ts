// How is an empty database filled with a realistic shop, so that every report has data?
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { ApiError } from "../../value/error.ts";
import { openEvents } from "../events.ts";
import { parseRate, storeRate } from "../rate.ts";
import { toRates, toShop } from "./shop.ts";

export interface Demo {
  /** Is nothing stored yet: no entry, no customer and no rate? */
  isEmpty(): boolean;
  /**
   * Stores the shop's rates, then its entries, `atOnce` of them in each write; other requests are answered between two writes. `progress`
   * is called after each write with the entries stored so far and their number, which it also gives in the end. Derived data is complete then.
   * Throws CONFLICT if the database is not empty, or is being filled already.
   */
  fill(atOnce: number, progress?: (done: number, total: number) => void): Promise<number>;
}

/** How long each step is retried while another process or thread holds the database. */
const PATIENCE_MS = 10_000;

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

export function openDemo(context: Context): Demo {
  const { database, ledger, config, now } = context;
  const events = openEvents(context);
  const isUsed = database.sqlite
    .prepare("SELECT EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM customer) OR EXISTS (SELECT 1 FROM rate)")
    .pluck();
  let isFilling = false;

  function storeRates(): void {
    const rates = toRates(now(), config.currency).map((raw) => parseRate(raw, context));
    ledger.write(() => {
      for (const rate of rates) {
        if ("details" in rate) throw new Error("A rate of the demo is not valid.");
        storeRate(context, rate);
      }
    });
  }

  async function fill(atOnce: number, progress?: (done: number, total: number) => void): Promise<number> {
    await retryWhileBusy(storeRates, PATIENCE_MS);
    const entries = toShop(now(), config.currency);
    for (let start = 0; start < entries.length; start += atOnce) {
      const batch = entries.slice(start, start + atOnce);
      for (const result of await retryWhileBusy(() => events.many(batch), PATIENCE_MS))
        if ("error" in result) throw new Error(`An entry of the demo was rejected: ${result.error.message}`);
      progress?.(Math.min(start + atOnce, entries.length), entries.length);
      await pause();
    }
    await retryWhileBusy(() => ledger.catchUp(), PATIENCE_MS);
    return entries.length;
  }

  const isEmpty = (): boolean => isUsed.get() === 0;

  return {
    isEmpty,
    async fill(atOnce, progress) {
      if (isFilling) throw new ApiError("CONFLICT", "The database is being filled with the demo already.");
      if (!isEmpty()) throw new ApiError("CONFLICT", "The database is not empty. The demo only goes into a new one.");
      isFilling = true;
      try {
        return await fill(atOnce, progress);
      } finally {
        isFilling = false;
      }
    },
  };
}
