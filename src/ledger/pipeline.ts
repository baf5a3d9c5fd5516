// How do derived columns and totals follow the log? Step by step, for a batch of customers at a time; CONTRIBUTING.md has the drawing.

import type { Database } from "../../db/database.ts";
import applyCohortSql from "./apply-deltas-cohort.sql" with { type: "text" };
import applyCohortKeySql from "./apply-deltas-cohort-key.sql" with { type: "text" };
import applyLtvSql from "./apply-deltas-ltv.sql" with { type: "text" };
import applyRevenueSql from "./apply-deltas-revenue.sql" with { type: "text" };
import applyUnconvertedSql from "./apply-deltas-unconverted.sql" with { type: "text" };
import captureOldSql from "./capture-old.sql" with { type: "text" };
import clearSql from "./clear-working-tables.sql" with { type: "text" };
import { type Credit, type CreditOptions, openCredit } from "./credit.ts";
import findChangesSql from "./find-changes.sql" with { type: "text" };
import incrementArrivalsSql from "./increment-arrivals.sql" with { type: "text" };
import incrementCellsSql from "./increment-cells.sql" with { type: "text" };
import incrementCustomerSql from "./increment-customer.sql" with { type: "text" };
import incrementUnconvertedSql from "./increment-unconverted.sql" with { type: "text" };
import { openProfiles } from "./profile.ts";
import recomputeCellsSql from "./recompute-cells.sql" with { type: "text" };
import recomputeCustomerSql from "./recompute-customer.sql" with { type: "text" };
import recomputeUnconvertedSql from "./recompute-unconverted.sql" with { type: "text" };
import scheduleFutureSql from "./schedule-future.sql" with { type: "text" };
import { openScript } from "./script.ts";
import tellCustomersSql from "./tell-customers.sql" with { type: "text" };
import unmarkStaleSql from "./unmark-stale.sql" with { type: "text" };
import workingTablesSql from "./working-tables.sql" with { type: "text" };

/** What a step needs besides the batch. `now` is the clock; `updatedAt` is when the customers changed, null if they did not. In milliseconds. */
export type BatchValues = { readonly now: number; readonly updatedAt: number | null };

/** A step is the SQL file of its name, or code that is opened once. */
export type Step = { readonly name: string } & (
  | { readonly sql: string }
  | { readonly open: (database: Pick<Database, "sqlite">, credit: Credit | undefined) => () => void }
);

const nothing = () => undefined;

/** The pipeline, in order. Each step works on the customers of `temp.batch`. */
export const STEPS: readonly Step[] = [
  { name: "unmark-stale", sql: unmarkStaleSql },
  { name: "capture-old", sql: captureOldSql },
  // Customers whose whole log is read: all but those to whom entries were only appended (appended.ts decides)
  { name: "recompute-customer", sql: recomputeCustomerSql },
  { name: "recompute-cells", sql: recomputeCellsSql },
  { name: "recompute-unconverted", sql: recomputeUnconvertedSql },
  { name: "schedule-future", sql: scheduleFutureSql },
  { name: "profile", open: (database) => openProfiles(database).derive },
  // Customers whose new entries are added
  { name: "increment-arrivals", sql: incrementArrivalsSql },
  { name: "increment-cells", sql: incrementCellsSql },
  { name: "increment-unconverted", sql: incrementUnconvertedSql },
  { name: "increment-customer", sql: incrementCustomerSql },
  // Both
  { name: "tell-customers", sql: tellCustomersSql },
  { name: "credit", open: (_, credit) => credit?.derive ?? nothing },
  { name: "find-changes", sql: findChangesSql },
  { name: "apply-deltas-cohort", sql: applyCohortSql },
  { name: "apply-deltas-cohort-key", sql: applyCohortKeySql },
  { name: "apply-deltas-ltv", sql: applyLtvSql },
  { name: "apply-deltas-revenue", sql: applyRevenueSql },
  { name: "apply-deltas-unconverted", sql: applyUnconvertedSql },
  { name: "clear-working-tables", sql: clearSql },
];
const FIRST_OF_WHOLE = "recompute-customer";
const FIRST_OF_INCREMENT = "increment-arrivals";
const FIRST_OF_TOTALS = "find-changes";
const TELLING = "tell-customers";

const placeOf = (name: string) => STEPS.findIndex((step) => step.name === name);
const openSteps = ({ sqlite }: Pick<Database, "sqlite">, steps: readonly Step[], credit?: Credit) =>
  steps.map((step) => ("sql" in step ? openScript(sqlite, step.sql) : step.open({ sqlite }, credit)));

export interface Pipeline {
  /** Brings the customers of `temp.batch` up to date, and empties it. `recompute` replaces the steps that read the whole log. */
  run(values: BatchValues, recompute?: () => void): void;
  /** Adds the customers of `temp.batch` to totals that do not include them yet, and empties it. */
  addToTotals(): void;
  /** The totals of attribution. */
  readonly credit: Credit;
}

/**
 * Creates the working tables of this connection and prepares every step. Open it once per connection. While `isStandby`, nothing is told and no
 * customer is noted as updated: both come from the primary.
 */
export function openPipeline(database: Database, options: CreditOptions, isStandby: () => boolean = () => false): Pipeline {
  const { sqlite } = database;
  sqlite.exec(workingTablesSql);
  const credit = openCredit(database, options);
  const steps = openSteps(database, STEPS, credit);
  const before = steps.slice(0, placeOf(FIRST_OF_WHOLE));
  const whole = steps.slice(placeOf(FIRST_OF_WHOLE), placeOf(FIRST_OF_INCREMENT));
  const after = steps.slice(placeOf(FIRST_OF_INCREMENT));
  const telling = steps[placeOf(TELLING)];
  const totals = steps.slice(placeOf(FIRST_OF_TOTALS));
  return {
    credit,
    run(given, recompute) {
      const isSilent = isStandby();
      const values = isSilent ? { ...given, updatedAt: null } : given;
      for (const step of before) step(values);
      if (recompute) recompute();
      else for (const step of whole) step(values);
      for (const step of isSilent ? after.filter((each) => each !== telling) : after) step(values);
    },
    addToTotals() {
      for (const step of totals) step({});
    },
  };
}

/** Creates the working tables, and gives a function that runs only the steps that read the whole log of the customers of `temp.batch`. */
export function openWholeSteps({ sqlite }: Pick<Database, "sqlite">): (values: BatchValues) => void {
  sqlite.exec(workingTablesSql);
  const whole = openSteps({ sqlite }, STEPS.slice(placeOf(FIRST_OF_WHOLE), placeOf(FIRST_OF_INCREMENT)));
  return (values) => {
    for (const step of whole) step(values);
  };
}
