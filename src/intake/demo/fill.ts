// How is an empty database filled with a realistic shop, so that every report has data? As an import, so that it can be taken back like any other.
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { ApiError } from "../../value/error.ts";
import { openEvents } from "../events.ts";
import { emptyReport } from "../import/report.ts";
import { type ImportStore, openImportStore } from "../import/store.ts";
import { parseRate, storeRate } from "../rate.ts";
import { toRates, toShop } from "./shop.ts";

export interface Demo {
  /** Is nothing stored: no entry, no customer and no rate? What an import left that was undone does not count. */
  isEmpty(): boolean;
  /**
   * Stores the shop's rates, then its entries, `atOnce` of them in each write; other requests are answered between two writes. `progress`
   * is called after each write with the entries stored so far and their number. Derived data is complete in the end. Gives the number of entries
   * and the id of the import. Throws CONFLICT if the database is not empty, or is being filled already.
   */
  fill(atOnce: number, progress?: (done: number, total: number) => void): Promise<{ entries: number; importId: number }>;
}

/** How long each step is retried while another process or thread holds the database. */
const PATIENCE_MS = 10_000;

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

export function openDemo(context: Context, store: ImportStore = openImportStore(context.database.sqlite, context.now)): Demo {
  const { database, ledger, config, now } = context;
  const events = openEvents(context);
  const isUsed = database.sqlite
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM profile_update) OR EXISTS (SELECT 1 FROM rate)
       OR EXISTS (SELECT 1 FROM customer WHERE deleted_at IS NOT NULL OR external_id IS NOT NULL OR known_email IS NOT NULL OR known_alias IS NOT NULL)`,
    )
    .pluck();
  let isFilling = false;

  const write = <T>(work: () => T) => retryWhileBusy(() => ledger.write(work), PATIENCE_MS);

  function begin(): number {
    const rates = toRates(now(), config.currency).map((raw) => parseRate(raw, context));
    const id = store.add({ name: "demo", options: {}, state: "writing", report: emptyReport() });
    store.setFormat(id, "demo");
    ledger.ways.asImport(id, () => {
      for (const rate of rates) {
        if ("details" in rate) throw new Error("A rate of the demo is not valid.");
        storeRate(context, rate);
      }
    });
    return id;
  }

  async function fill(atOnce: number, progress?: (done: number, total: number) => void): Promise<{ entries: number; importId: number }> {
    const importId = await write(begin);
    const entries = toShop(now(), config.currency);
    for (let start = 0; start < entries.length; start += atOnce) {
      const batch = entries.slice(start, start + atOnce);
      const done = start + batch.length;
      await write(() => {
        store.requireState(importId, "writing");
        for (const result of ledger.ways.asImport(importId, () => events.many(batch)))
          if ("error" in result) throw new Error(`An entry of the demo was rejected: ${result.error.message}`);
        store.setProgress(importId, start, done, { ...emptyReport(), recorded: done });
      });
      progress?.(done, entries.length);
      await pause();
    }
    await write(() => store.setState(importId, "done"));
    await retryWhileBusy(() => ledger.catchUp(), PATIENCE_MS);
    return { entries: entries.length, importId };
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
