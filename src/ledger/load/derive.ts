// How is everything derived from a log that was stored as a whole? In sets: owners, the indexes that were left out, values, customers and totals.
// Nobody else uses the database meanwhile.
import type { Sqlite } from "../../../db/connection.ts";
import type { Database } from "../../../db/database.ts";
import { REFUND } from "../../../db/schema.ts";
import type { Calendar } from "../../value/calendar.ts";
import { openPendingSales } from "../pending-sale.ts";
import { openPipeline } from "../pipeline.ts";
import { openRates } from "../rate.ts";
import { openNextCustomers } from "../refresh.ts";
import { LAST, openSales } from "../sale.ts";
import { statementsOf } from "../script.ts";
import { dropIndexes } from "./indexes.ts";
import ownersByClickSql from "./owners-by-click.sql" with { type: "text" };
import ownersByNameSql from "./owners-by-name.sql" with { type: "text" };

/** How many sales, and how many customers, are derived together. */
const SALES_AT_ONCE = 10_000;
const CUSTOMERS_AT_ONCE = 20_000;

export interface LoadedLog {
  readonly database: Database;
  readonly calendar: Calendar;
  readonly config: { readonly currency: string; readonly attributionWindowDays: number };
  readonly now: () => number;
  /** Recreates the indexes of entries and claims that were left out while entries were stored. */
  readonly restoreIndexes: (sqlite: Sqlite) => void;
}

/** Derives everything. `tell` is called with what comes next; it may throw to stop. */
export async function deriveLoaded(
  { database, calendar, config, now, restoreIndexes }: LoadedLog,
  tell: (what: string) => void,
): Promise<void> {
  const { sqlite } = database;
  const step = async (what: string, work: () => void) => {
    tell(what);
    await pause();
    work();
  };
  for (const sql of [ownersByNameSql, ownersByClickSql].flatMap(statementsOf))
    await step("Finding the owners of entries", () => sqlite.exec(sql));
  await revalueRefunded(database, config.currency, (done) => tell(`Taking refunds off their sales: ${done.toLocaleString("en")} done`));
  await step("Building the indexes of entries", () => restoreIndexes(sqlite));
  const restoreOfCustomers = dropIndexes(sqlite, ["customer"]);
  const pipeline = openPipeline(database, { calendar, windowDays: config.attributionWindowDays });
  const takeNext = openNextCustomers(database);
  for (let [done, next] = [0, { count: 1, last: 0 }]; next.count > 0; await pause()) {
    next = database.write(() => {
      const taken = takeNext(next.last, CUSTOMERS_AT_ONCE);
      if (taken.count > 0) pipeline.run({ now: now(), updatedAt: now() });
      return taken;
    });
    done += next.count;
    tell(`Computing customers' figures: ${done.toLocaleString("en")} done`);
  }
  await step("Adding up attribution", () => undefined);
  while (database.write(() => pipeline.credit.some() || pipeline.credit.fold())) await pause();
  await step("Building the indexes of customers", () => restoreOfCustomers(sqlite));
}

/** Values every sale that has refunds, and its refunds. Others got their value when they were stored. */
async function revalueRefunded(database: Database, currency: string, tell: (done: number) => void): Promise<void> {
  const { sqlite, write } = database;
  const pending = openPendingSales(database);
  const sales = openSales(database, { currency, rates: openRates(database), markStale: () => undefined, pending });
  // Each sale at its first refund, in the order of the table, in which the rows of a sale and its refund are mostly near each other.
  const next = sqlite.prepare<[after: number], { id: number; key: string }>(
    `SELECT id, sale_key AS key FROM entry AS e NOT INDEXED WHERE id > ? AND type = ${REFUND}
       AND id = (SELECT min(id) FROM entry INDEXED BY entry_refund WHERE type = ${REFUND} AND sale_key = e.sale_key)
     ORDER BY id LIMIT ${SALES_AT_ONCE}`,
  );
  let done = 0;
  for (let rows = next.all(0); rows.length > 0; rows = next.all(rows.at(-1)?.id ?? 0)) {
    write(() => {
      for (const { key } of rows) {
        sales.revalue(key);
        while (pending.find(key)) sales.revalue(key, { from: LAST });
      }
    });
    done += rows.length;
    tell(done);
    await pause();
  }
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));
