// Do the totals and the search index agree with the customers' rows? If not, they are built again.

import type { Database } from "../../db/database.ts";
import checkCohortSql from "./check-totals-cohort.sql" with { type: "text" };
import checkLtvSql from "./check-totals-ltv.sql" with { type: "text" };
import checkRevenueSql from "./check-totals-revenue.sql" with { type: "text" };
import type { Pipeline } from "./pipeline.ts";
import { openNextCustomers } from "./refresh.ts";
import { prepareAll } from "./script.ts";

const TOTALS = [
  "cohort_day",
  "cohort_key",
  "cohort_key_day",
  "cohort_key_month",
  "unconverted_total",
  "ltv_cohort",
  "ltv_cell",
  "revenue_day",
  "revenue_unconverted",
] as const;
/** The most customers that are added up at once. */
const CUSTOMERS_AT_ONCE = 10_000;

/** Adds up all totals again from the customers' rows, in one transaction, if any of them differs. */
export function repairTotals({ sqlite, write }: Database, pipeline: Pipeline): void {
  const checks = [checkCohortSql, checkLtvSql, checkRevenueSql]
    .flatMap((sql) => prepareAll<string>(sqlite, sql))
    .map((statement) => statement.pluck());
  const wrong = sqlite.transaction(() => checks.flatMap((check) => check.all()))();
  if (wrong.length === 0) return;
  const takeNext = openNextCustomers({ sqlite });
  write(() => {
    for (const table of TOTALS) sqlite.exec(`DELETE FROM ${table}`);
    for (let next = takeNext(0, CUSTOMERS_AT_ONCE); next.count > 0; next = takeNext(next.last, CUSTOMERS_AT_ONCE)) pipeline.addToTotals();
  });
}

/** Builds the search index again if it lacks a customer. */
export function repairSearch({ sqlite }: Database): void {
  const isWhole = sqlite.prepare(
    `SELECT (SELECT count(*) FROM customer_search_docsize) = (SELECT count(*) FROM customer WHERE search_text <> '')`,
  );
  if (isWhole.pluck().get() !== 1) sqlite.exec(`INSERT INTO customer_search (customer_search) VALUES ('rebuild')`);
}
