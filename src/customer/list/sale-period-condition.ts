// Who had a counted sale in a month, or so many months after their first touch? (definitions §8)
// customer_cell has the counted sales of a customer up to the clock, ltv_cell those of a cohort, both by month and by period since the first touch.
import { parseMonth } from "../../value/calendar.ts";
import type { Condition } from "./condition.ts";

export interface SalePeriods {
  activeIn?: string | undefined;
  activePeriod?: number | undefined;
  firstSaleWithin?: number | undefined;
  period?: "calendar" | "elapsed" | undefined;
  end?: string | undefined;
}

const NO_END = 999_999;
/** No sale in the curves is later. */
const LAST_MONTH = "(SELECT max(month) FROM ltv_cell)";

/** The conditions on counted sales by period, seen up to the end of the month `end`. */
export function salePeriodConditions({ activeIn, activePeriod, firstSaleWithin, period, end }: SalePeriods): Condition[] {
  const endMonth = (end === undefined ? undefined : parseMonth(end)) ?? NO_END;
  const isElapsed = period === "elapsed";

  /**
   * A sale in a cell that meets `cell`, which is given the column of the month in which the cohort begins.
   * `column` is 1 in one such cell of each customer. `lastCohort` is the last month in which a cohort with such a cell can begin:
   * it spares the cells of later ones.
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
