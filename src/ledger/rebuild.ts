// How is everything derived computed anew from the log, beside a server that goes on answering? In place and in short writes: claims, owners and
// values entry by entry, then customers in sets, each taking its old share off the totals; last the totals are held against their sum.
import type { Database } from "../../db/database.ts";
import { SALE } from "../../db/schema.ts";
import type { Calendar } from "../value/calendar.ts";
import type { Identity } from "./identity.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Refresh } from "./refresh.ts";
import { repairSearch, repairTotals } from "./repair.ts";
import type { Sales } from "./sale.ts";

/** So many rows in one write: other writers wait for it. */
const CHUNK = 250;

export interface RebuildParts {
  database: Database;
  calendar: Calendar;
  identity: Identity;
  sales: Sales;
  pipeline: Pipeline;
  refresh: Refresh;
  now: () => number;
  /** Runs a write whose touched customers become stale. */
  write: <T>(work: () => T) => T;
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/** `progress` is told how many rows of how many are done. */
export async function rebuild(parts: RebuildParts, progress?: (done: number, total: number) => void): Promise<void> {
  const { database, calendar, identity, sales, pipeline, refresh, now, write } = parts;
  const { sqlite } = database;
  const total = sqlite
    .prepare(
      `SELECT (SELECT count(*) FROM claim) + (SELECT count(*) FROM profile_update) + (SELECT count(*) FROM entry) + (SELECT count(*) FROM customer)`,
    )
    .pluck()
    .get() as number;
  const setRateDay = sqlite.prepare(`UPDATE entry SET rate_day = ? WHERE id = ? AND rate_day IS NOT ?`);
  // A sale's status, and whether it is counted, are worked out with its refunds; those of other conversions follow from what was set.
  const setOthers = sqlite.prepare(
    `UPDATE entry SET status = set_status, is_counted = type = 1 AND set_status NOT IN ('rejected', 'fraud')
     WHERE id = ? AND type IN (1, 3) AND (status <> set_status OR is_counted <> (type = 1 AND set_status NOT IN ('rejected', 'fraud')))
     RETURNING customer_id`,
  );
  let done = 0;

  /** Repeats a step of one short write until it says that nothing is left; others come in between. */
  async function inSteps(step: () => number): Promise<void> {
    for (let rows = step(); rows > 0; rows = step()) {
      done += rows;
      progress?.(Math.min(done, total), total);
      await pause();
    }
  }

  identity.pinClicks();
  const claims = identity.claimBatches();
  await inSteps(() => write(() => claims(CHUNK)));
  const profileUpdates = identity.profileUpdateBatches();
  await inSteps(() => write(() => profileUpdates(CHUNK)));
  const entries = identity.entryBatches();
  await inSteps(() =>
    write(() => {
      const rows = entries(CHUNK);
      for (const { id, type, at, key, saleKey, currency } of rows) {
        if (type === SALE && currency !== sales.currency) {
          const day = calendar.dayOf(at);
          setRateDay.run(day, id, day);
        }
        if (type === SALE) sales.revalue(key);
        else if (saleKey !== null) sales.revalue(saleKey);
        else setOthers.run(id);
      }
      return rows.length;
    }),
  );
  for (; identity.hasPendingReassignments(); await pause()) write(() => identity.reassignSome());
  const customers = refresh.customerBatches();
  await inSteps(() => customers(CHUNK, now()));
  repairTotals(database, pipeline);
  repairSearch(database);
  progress?.(total, total);
}
