// How do derived columns and totals follow the log? In sets of stale customers: what they have added to the totals is noted, they are brought
// up to date from the log, and what changed is written to the totals.

import type { Sqlite, Statement } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import appendSql from "./append.sql" with { type: "text" };
import beforeSql from "./before.sql" with { type: "text" };
import contributeSql from "./contribute.sql" with { type: "text" };
import deriveSql from "./derive.sql" with { type: "text" };
import { openProfiles } from "./profile.ts";
import totalsSql from "./totals.sql" with { type: "text" };

/** Prepares each statement of a file; `;` ends a line only where it ends a statement. */
function prepareAll(sqlite: Sqlite, sql: string): Statement[] {
  return sql
    .split(/;[ \t]*\n/)
    .filter((text) => text.replace(/^\s*--.*$/gm, "").trim() !== "")
    .map((text) => sqlite.prepare(text));
}

/** Binds (the driver binds numbers as REAL, bigints as INTEGER) to each statement only the parameters that it names. */
function runAll(
  statements: readonly { statement: Statement; names: readonly string[] }[],
  values: Readonly<Record<string, number | bigint | null>>,
): void {
  for (const { statement, names } of statements)
    if (names.length === 0) statement.run();
    else statement.run(Object.fromEntries(names.map((name) => [name, values[name] ?? null])));
}

function named(statements: Statement[]) {
  return statements.map((statement) => ({
    statement,
    names: [...new Set(statement.source.match(/:[a-zA-Z]+/g) ?? [])].map((name) => name.slice(1)),
  }));
}

const TOTALS = ["cohort_day", "cohort_key", "cohort_key_day", "cohort_key_month", "unconverted_total", "ltv_cohort", "ltv_cell"] as const;

/** Where a batch of customers is worked on; each is empty between two batches. */
const WORKING_TABLES = [
  "batch (customer_id INTEGER PRIMARY KEY, appended_from INTEGER)",
  // append.sql
  "arrival (customer_id, at, type, key, click_id, is_counted, value, applied_refund_minor, amount_minor, sale_key, month, period)",
  "added_cell (customer_id, month, period, revenue_minor, active_month, active_period, new_paying)",
  "added_unconverted (customer_id, month, currency, sales, gross_minor, refunds_minor)",
  // before.sql, contribute.sql
  "former (customer_id INTEGER PRIMARY KEY, day, month, cohort_month, source, campaign, has_lead, sales, gross_minor, refunds_minor)",
  "change (day, month, cohort_month, source, campaign, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)",
  "cell_change (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)",
  "unconverted_change (day, month, currency, sales, gross_minor, refunds_minor)",
] as const;
/** So many customers are added up at once where the totals are made anew. */
const REPAIRED_AT_ONCE = 10_000;

export interface Refresh {
  /** Marks a customer as stale, in whole or only for the entries appended from one on. To be called within the write that made it so. */
  mark(customerId: number, appendedFrom: number | null): void;
  /** Are there stale customers by the clock? */
  isDue(now: number): boolean;
  isCustomerDue(customerId: number, now: number): boolean;
  /** Refreshes up to `most` stale customers in one transaction; gives their number. */
  some(most: number, now: number): number;
  /** Refreshes one stale customer. */
  one(customerId: number, now: number): void;
  /** Computes one customer anew from the whole log, stale or not. */
  whole(customerId: number, now: number): void;
  /** Gives a function that computes so many customers at the most anew from the whole log, one after another; 0: it is through. */
  customerBatches(): (most: number, now: number) => number;
  /** Adds the totals up anew from the customers, if they differ. */
  repairTotals(): void;
  /** Fills the search index anew, if it does not hold everybody. */
  repairSearch(): void;
}

export function openRefresh(database: Database): Refresh {
  const { sqlite } = database;
  for (const table of WORKING_TABLES) sqlite.exec(`CREATE TEMP TABLE ${table}`);
  // Stale in whole stays stale in whole; of two appended entries the earlier arrived first.
  const mark = sqlite.prepare(
    `INSERT INTO stale AS s (customer_id, due_at, appended_from) VALUES (?, 0, ?) ON CONFLICT DO UPDATE SET
     appended_from = CASE WHEN s.due_at = 0 AND excluded.appended_from IS NOT NULL THEN s.appended_from END, due_at = 0`,
  );
  const due = sqlite.prepare(`SELECT 1 FROM stale WHERE due_at <= ? LIMIT 1`);
  const customerDue = sqlite.prepare(`SELECT 1 FROM stale WHERE customer_id = ? AND due_at <= ?`);
  const emptyBatch = sqlite.prepare(`DELETE FROM temp.batch`);
  const fillBatch = sqlite.prepare(
    `INSERT INTO temp.batch SELECT customer_id, appended_from FROM stale WHERE due_at <= ? ORDER BY due_at, customer_id LIMIT ?`,
  );
  const addToBatch = sqlite.prepare(`INSERT INTO temp.batch SELECT ?, (SELECT appended_from FROM stale WHERE customer_id = ?)`);
  const addWhole = sqlite.prepare(`INSERT INTO temp.batch VALUES (?, NULL)`);
  const unmark = sqlite.prepare(`DELETE FROM stale WHERE customer_id IN (SELECT customer_id FROM temp.batch)`);
  const before = named(prepareAll(sqlite, beforeSql));
  const contribute = named(prepareAll(sqlite, contributeSql));
  const derive = named(prepareAll(sqlite, deriveSql));
  const append = named(prepareAll(sqlite, appendSql));
  const fillAfter = sqlite.prepare(`INSERT INTO temp.batch SELECT id, NULL FROM customer WHERE id > ? ORDER BY id LIMIT ?`);
  const lastOfBatch = sqlite.prepare(`SELECT max(customer_id) FROM temp.batch`).pluck();
  const differing = prepareAll(sqlite, totalsSql).map((statement) => statement.pluck());
  const profiles = openProfiles(database);

  function refreshBatch(now: number, touched: boolean): void {
    unmark.run();
    runAll(before, {});
    runAll(derive, { now, updatedAt: touched ? now : null });
    profiles.derive();
    runAll(append, { updatedAt: touched ? now : null });
    runAll(contribute, {});
    emptyBatch.run();
  }

  return {
    mark: (customerId, appendedFrom) => void mark.run(customerId, appendedFrom),
    isDue: (now) => due.get(now) !== undefined,
    isCustomerDue: (customerId, now) => customerDue.get(customerId, now) !== undefined,
    some: (most, now) =>
      database.write(() => {
        const { changes } = fillBatch.run(now, most);
        if (changes > 0) refreshBatch(now, true);
        return changes;
      }),
    one: (customerId, now) =>
      database.write(() => {
        addToBatch.run(customerId, customerId);
        refreshBatch(now, true);
      }),
    whole: (customerId, now) =>
      database.write(() => {
        addWhole.run(customerId);
        refreshBatch(now, false);
      }),
    customerBatches() {
      let last = 0;
      return (most, now) =>
        database.write(() => {
          const { changes } = fillAfter.run(last, most);
          last = (lastOfBatch.get() as number | null) ?? last;
          if (changes > 0) refreshBatch(now, false);
          return changes;
        });
    },
    repairTotals() {
      const wrong = sqlite.transaction(() => differing.flatMap((statement) => statement.all() as string[]))();
      if (wrong.length === 0) return;
      database.write(() => {
        for (const table of TOTALS) sqlite.exec(`DELETE FROM ${table}`);
        for (let last = 0; fillAfter.run(last, REPAIRED_AT_ONCE).changes > 0; ) {
          last = lastOfBatch.get() as number;
          runAll(contribute, {});
          emptyBatch.run();
        }
      });
    },
    repairSearch() {
      const held = sqlite.prepare(
        `SELECT (SELECT count(*) FROM customer_search_docsize) = (SELECT count(*) FROM customer WHERE search_text <> '')`,
      );
      if (held.pluck().get() !== 1) sqlite.exec(`INSERT INTO customer_search (customer_search) VALUES ('rebuild')`);
    },
  };
}
