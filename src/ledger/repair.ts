// Are the totals and the search index what the customers' own rows come to? Where they are not, they are made anew.

import type { Database } from "../../db/database.ts";
import checkCohortSql from "./check-totals-cohort.sql" with { type: "text" };
import checkLtvSql from "./check-totals-ltv.sql" with { type: "text" };
import type { Pipeline } from "./pipeline.ts";
import { openNextCustomers } from "./refresh.ts";
import { prepareAll } from "./script.ts";

const TOTALS = ["cohort_day", "cohort_key", "cohort_key_day", "cohort_key_month", "unconverted_total", "ltv_cohort", "ltv_cell"] as const;
/** So many customers are added up at once. */
const CUSTOMERS_AT_ONCE = 10_000;

/** Adds the totals up anew from the customers' rows, in one transaction, if any of them differs. */
export function repairTotals({ sqlite, write }: Database, pipeline: Pipeline): void {
  const checks = [...prepareAll(sqlite, checkCohortSql), ...prepareAll(sqlite, checkLtvSql)].map((statement) => statement.pluck());
  const wrong = sqlite.transaction(() => checks.flatMap((check) => check.all() as string[]))();
  if (wrong.length === 0) return;
  const takeNext = openNextCustomers({ sqlite });
  write(() => {
    for (const table of TOTALS) sqlite.exec(`DELETE FROM ${table}`);
    for (let taken = takeNext(0, CUSTOMERS_AT_ONCE); taken.count > 0; taken = takeNext(taken.last, CUSTOMERS_AT_ONCE))
      pipeline.addToTotals();
  });
}

/** Fills the search index anew if it does not hold everybody. */
export function repairSearch({ sqlite }: Database): void {
  const isWhole = sqlite.prepare(
    `SELECT (SELECT count(*) FROM customer_search_docsize) = (SELECT count(*) FROM customer WHERE search_text <> '')`,
  );
  if (isWhole.pluck().get() !== 1) sqlite.exec(`INSERT INTO customer_search (customer_search) VALUES ('rebuild')`);
}
