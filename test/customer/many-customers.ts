// A database of many customers, made at once: enough for every way in which a list is read.

import { type Database, openDatabase } from "../../db/database.ts";
import { openPipeline } from "../../src/ledger/pipeline.ts";
import { repairTotals } from "../../src/ledger/repair.ts";
import { sqlFunctions } from "../../src/ledger/sql-functions.ts";
import type { Calendar } from "../../src/value/calendar.ts";

/** More than the search index is asked for. */
const CUSTOMERS = 24_000;
const DAY = 86_400_000;

/** Everybody is called user_…, a fifth have an email of their own, the others share one; the later, the less worth; some are erased, some are nobody (any more). */
export function openManyCustomers(calendar: Calendar): Database {
  const database = openDatabase(":memory:", sqlFunctions(calendar));
  database.sqlite.exec(`
    INSERT INTO customer (id, external_id, email, created_at, updated_at, first_touch_at, first_touch_day, first_touch_month, cohort_month, source, campaign,
                          last_seen_at, has_lead, sales, gross_minor, deleted_at, first_sale_at, last_sale_at)
    WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${CUSTOMERS})
    SELECT id, 'user_' || id, CASE WHEN id % 5 = 0 THEN 'user_' || id || '@example.com' ELSE 'shared@post.net' END, ${DAY} * 18000 + id / 3 * 1000, 0, at, at / ${DAY}, 24250, iif(at IS NULL, NULL, 24250),
           CASE id % 12 WHEN 0 THEN 'google' WHEN 1 THEN 'bing' ELSE '(direct)' END, 'c' || id % 100, at + id * 7919 % 100000, id % 3 = 0, id % 7 % 3,
           (${CUSTOMERS} - id) * (id % 7 % 3), CASE WHEN id % 50 = 0 THEN 1 END, iif(id % 7 % 3 > 0, at, NULL), iif(id % 7 % 3 > 0, at + id * 104729 % 1000000007, NULL)
    FROM (SELECT id, CASE WHEN id % 60 <> 1 THEN ${DAY} * 18000 + id * 41017 END AS at FROM n);
    INSERT INTO customer_cell SELECT id, 18600, 24251, 1, sales, gross_minor, 0, 0, 1, 1, id % 2 FROM customer WHERE sales > 0 AND cohort_month IS NOT NULL;
    UPDATE customer SET search_text = char(10) || coalesce(email, '') || char(10) || external_id WHERE deleted_at IS NULL;
  `);
  repairTotals(database, openPipeline(database, { calendar, windowDays: 30 }));
  return database;
}
