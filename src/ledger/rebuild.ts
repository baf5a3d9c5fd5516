// How is everything derived recomputed from the log, while a server goes on answering? In place and in short writes: first claims, owners and
// values, entry by entry, then customers in batches, which also correct the totals. At the end the totals are checked against the customers.
import { requireRow } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { CLICK, SALE } from "../../db/schema.ts";
import type { Calendar } from "../value/calendar.ts";
import { isCreditRight } from "./check-credit.ts";
import type { Identity } from "./identity-interface.ts";
import type { Revaluations } from "./pending-revaluation.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Refresh } from "./refresh.ts";
import { repairSearch, repairTotals } from "./repair.ts";
import type { Sales } from "./sale.ts";
import type { SaidStatuses } from "./status.ts";

/** The most rows in one write. Other writers wait for it. */
const CHUNK = 250;

export interface RebuildParts {
  database: Database;
  calendar: Calendar;
  identity: Identity;
  sales: Sales;
  statuses: SaidStatuses;
  revaluations: Revaluations;
  pipeline: Pipeline;
  refresh: Refresh;
  /** Recomputes a customer with very many entries beside the requests. */
  recomputeLarge: (customerId: number) => Promise<unknown>;
  now: () => number;
  /** Runs a write in one transaction, and marks the customers that it changes as stale. */
  write: <T>(work: () => T) => T;
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/** Recomputes everything derived from the log. `progress` is called with the rows done so far and their total. */
export async function rebuild(parts: RebuildParts, progress?: (done: number, total: number) => void): Promise<void> {
  const { database, calendar, identity, sales, revaluations, statuses, pipeline, refresh, recomputeLarge, now, write } = parts;
  const { sqlite } = database;
  const countRows = sqlite.prepare<[], number>(
    `SELECT (SELECT count(*) FROM claim) + (SELECT count(*) FROM profile_update) + (SELECT count(*) FROM entry) + (SELECT count(*) FROM customer)`,
  );
  const total = requireRow(countRows.pluck());
  const setRateDay = sqlite.prepare(`UPDATE entry SET rate_day = ? WHERE id = ? AND rate_day IS NOT ?`);
  const setStatus = sqlite.prepare(`UPDATE entry SET set_status = :status WHERE id = :id AND set_status IS NOT :status`);
  const setRefundStatus = sqlite.prepare(`UPDATE entry SET status = set_status WHERE id = ? AND status IS NOT set_status`);
  // Revaluing a sale decides its status and whether it is counted, from its refunds. For leads and custom milestones, the status that was said decides.
  const setOthers = sqlite.prepare(
    `UPDATE entry SET status = set_status, is_counted = type = 1 AND set_status NOT IN ('rejected', 'fraud')
     WHERE id = ? AND type IN (1, 3) AND (status <> set_status OR is_counted <> (type = 1 AND set_status NOT IN ('rejected', 'fraud')))
     RETURNING customer_id`,
  );
  let done = 0;

  /** Repeats a step, which is one short write, until it returns 0. Requests come in between. */
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
      for (const row of rows) {
        const { id, type, at, key, saleKey, currency } = row;
        if (type !== CLICK) setStatus.run({ id, status: statuses.statusOf(row) });
        if (type === SALE && currency !== sales.currency) {
          const day = calendar.dayOf(at);
          setRateDay.run(day, id, day);
        }
        if (type === SALE) sales.revalue(key);
        else if (saleKey !== null) {
          if (setRefundStatus.run(id).changes > 0) sales.revalue(saleKey, { from: { at, key } });
          sales.uncountAlone(id, saleKey);
        } else setOthers.run(id);
      }
      return rows.length;
    }),
  );
  for (; identity.hasPendingReassignments(); await pause()) write(() => identity.reassignSome());
  for (; revaluations.isPending(); await pause()) write(() => revaluations.some());
  const large: number[] = [];
  const customers = refresh.customerBatches((id) => void large.push(id));
  await inSteps(() => customers(CHUNK, now()));
  for (const id of large) await recomputeLarge(id); // whom somebody changes meanwhile is stale, and follows
  while (pipeline.credit.some()) await pause();
  repairTotals(database, pipeline);
  if (!isCreditRight(database, calendar, pipeline.credit)) write(pipeline.credit.addUp);
  while (pipeline.credit.some()) await pause();
  repairSearch(database);
  progress?.(total, total);
}
