// Who had a counted sale in a month, or a number of periods after their first touch? (definitions §8)
// customer_cell has the counted sales of one customer, ltv_cell those of a cohort, both by month and by period since the first touch.
import { parseMonth } from "../../value/calendar.ts";
import type { Condition } from "./condition.ts";

export interface SalePeriods {
  activeIn?: string | undefined;
  activePeriod?: number | undefined;
  firstSaleWithin?: number | undefined;
  period?: "calendar" | "elapsed" | undefined;
  end?: string | undefined;
}

/** After all months of the curves. Sales after the clock are in the month 999,999. */
const NO_END = 999_998;
/** The month of the last sale in the curves. */
const LAST_MONTH = "(SELECT max(month) FROM ltv_cell)";

/** The conditions on counted sales by period. Sales after the month `end` are ignored. */
export function salePeriodConditions({ activeIn, activePeriod, firstSaleWithin, period, end }: SalePeriods): Condition[] {
  const endMonth = (end === undefined ? undefined : parseMonth(end)) ?? NO_END;
  const isElapsed = period === "elapsed";

  /**
   * The condition of having a sale in a cell that meets `cell`, a condition on the column of the cohort's month. `column` is 1 in exactly
   * one such cell of each customer. `lastCohort`: the last month whose cohort can have such a cell; later ones are skipped.
   */
  function hasCell(
    column: "active_month" | "active_period" | "new_paying",
    cell: (cohortMonth: string) => string,
    lastCohort: string,
    values: Condition["values"],
  ): Condition {
    return {
      sql:
        `c.cohort_month <= ${lastCohort} AND EXISTS (SELECT 1 FROM customer_cell AS m ` +
        `WHERE m.customer_id = c.id AND m.month <= :end AND m.${column} AND ${cell("c.cohort_month")})`,
      values: { ...values, end: endMonth },
      isSalePeriod: true,
      inTotals: { curve: column, cells: `m.month <= :end AND ${cell("m.cohort_month")}` },
    };
  }
  const sinceFirstTouch = (cohortMonth: string, operator: "=" | "<=", parameter: string) =>
    isElapsed ? `m.period ${operator} ${parameter}` : `m.month ${operator} ${cohortMonth} + ${parameter}`;

  const conditions: Condition[] = [];
  if (activeIn !== undefined)
    conditions.push(hasCell("active_month", () => "m.month = :activeIn", ":activeIn", { activeIn: parseMonth(activeIn) ?? 0 }));
  if (activePeriod !== undefined) {
    const cell = (cohortMonth: string) => sinceFirstTouch(cohortMonth, "=", ":activePeriod");
    const lastCohort = `min(:end, ${LAST_MONTH}) - :activePeriod`;
    conditions.push(hasCell(isElapsed ? "active_period" : "active_month", cell, lastCohort, { activePeriod }));
  }
  if (firstSaleWithin !== undefined) {
    const cell = (cohortMonth: string) => sinceFirstTouch(cohortMonth, "<=", ":firstSaleWithin");
    conditions.push(hasCell("new_paying", cell, ":end", { firstSaleWithin }));
  }
  return conditions;
}
