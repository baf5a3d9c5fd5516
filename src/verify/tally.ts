// Which totals does a customer add to? The tables of totals are summed up in memory and compared with what is stored.
import type { Database } from "../../db/database.ts";
import type { Calendar } from "../value/calendar.ts";
import { type Cell, type Facts, FUTURE, type Unconverted } from "./fact.ts";
import type { Findings } from "./finding.ts";
import { compareTotals, openSums, type Sums, type TotalsTable } from "./total.ts";

const COHORT = ["customers", "leads", "paying_customers", "sales", "gross_minor", "refunds_minor", "repeat_customers"];
const CELL = ["revenue_minor", "active_month", "active_period", "new_paying"];
const REVENUE = ["new_paying", "sales", "gross_minor", "refunds_minor", "first_sale_minor"];
const UNCONVERTED = ["sales", "gross_minor", "refunds_minor"];

const TABLES = {
  cohortDay: { name: "cohort_day", keys: ["day"], figures: COHORT },
  cohortKey: { name: "cohort_key", keys: ["grouping", "key"], figures: COHORT },
  cohortKeyDay: { name: "cohort_key_day", keys: ["grouping", "day", "key"], figures: COHORT },
  cohortKeyMonth: { name: "cohort_key_month", keys: ["grouping", "month", "key"], figures: COHORT },
  ltvCohort: { name: "ltv_cohort", keys: ["cohort_month"], figures: ["customers"] },
  ltvCell: { name: "ltv_cell", keys: ["cohort_month", "month", "period"], figures: CELL },
  unconverted: { name: "unconverted_total", keys: ["day", "month", "currency"], figures: UNCONVERTED },
  revenueDay: { name: "revenue_day", keys: ["day"], figures: REVENUE },
  revenueUnconverted: { name: "revenue_unconverted", keys: ["sale_day", "entry_day", "currency"], figures: UNCONVERTED },
} as const satisfies Record<string, TotalsTable>;

/** Every table of totals, by the log. The figures are in the order of the columns in `TABLES`. */
export type Totals = Record<keyof typeof TABLES, Sums>;

/** Totals that are empty at first. */
export function openTotals(): Totals {
  return {
    cohortDay: openSums(),
    cohortKey: openSums(),
    cohortKeyDay: openSums(),
    cohortKeyMonth: openSums(),
    ltvCohort: openSums(),
    ltvCell: openSums(),
    unconverted: openSums(),
    revenueDay: openSums(),
    revenueUnconverted: openSums(),
  };
}

/** Adds one customer to all totals (definitions §7, §8). A customer without a first touch adds nothing. */
export function addCustomer(
  totals: Totals,
  facts: Facts,
  cells: readonly Cell[],
  unconverted: readonly Unconverted[],
  { calendar, now }: { calendar: Calendar; now: number },
): void {
  const { firstTouchAt, sales } = facts;
  if (firstTouchAt === null) return;
  const day = calendar.dayOf(firstTouchAt);
  const oneIf = (is: boolean) => (is ? 1n : 0n);
  const figures = [1n, oneIf(facts.hasLead), oneIf(sales > 0), BigInt(sales), facts.gross, facts.refunds, oneIf(sales > 1)];
  totals.cohortDay.add([day], figures);
  for (const [grouping, key] of [
    ["source", facts.source ?? ""],
    ["campaign", facts.campaign ?? ""],
  ] as const) {
    totals.cohortKey.add([grouping, key], figures);
    totals.cohortKeyDay.add([grouping, day, key], figures);
    totals.cohortKeyMonth.add([grouping, calendar.monthOf(firstTouchAt), key], figures);
  }
  for (const { month, saleDay, entryDay, currency, figures: own } of unconverted) {
    totals.unconverted.add([day, month, currency], own);
    totals.revenueUnconverted.add([saleDay, entryDay, currency], own);
  }
  for (const cell of cells) totals.revenueDay.add([cell.day], [cell.newPaying, cell.sales, cell.gross, cell.refunds, cell.firstSale]);
  if (firstTouchAt > now) return;
  const month = calendar.monthOf(firstTouchAt);
  totals.ltvCohort.add([month], [1n]);
  for (const cell of cells)
    if (cell.month < FUTURE)
      totals.ltvCell.add(
        [month, cell.month, cell.period],
        [cell.gross - cell.refunds, cell.activeMonth, cell.activePeriod, cell.newPaying],
      );
}

/** Compares every stored table of totals with the totals by the log. */
export function verifyTotals(database: Database, totals: Totals, findings: Findings): void {
  for (const [name, table] of Object.entries(TABLES)) compareTotals(database, table, totals[name as keyof Totals], findings);
}
