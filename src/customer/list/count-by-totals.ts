// How many customers is a figure of a report about? Known from the totals that reports read, without looking at customers.
import type { Condition } from "./condition.ts";
import type { Prepare } from "./prepared.ts";

/** Whom the totals count although they are erased. */
const ERASED = "customer AS c INDEXED BY customer_erased WHERE c.deleted_at IS NOT NULL AND c.first_touch_at IS NOT NULL";

/** The question to the totals; undefined: they do not tell. */
function toQuestion(conditions: readonly Condition[]): string | undefined {
  const parts = conditions.flatMap(({ inTotals }) => inTotals ?? []);
  const days = parts.flatMap((part) => ("days" in part ? part : []));
  const groupings = parts.flatMap((part) => ("grouping" in part ? part.grouping : []));
  const figures = parts.flatMap((part) => ("figure" in part ? part.figure : []));
  const cells = parts.flatMap((part) => ("cells" in part ? part : []));
  if (parts.length < conditions.length || groupings.length > 1 || figures.length + cells.length > 1) return undefined;
  const [cell] = cells;
  if (cell) {
    const cohorts = days.flatMap(({ cohort }) => cohort ?? []);
    if (groupings.length > 0 || cohorts.length < days.length) return undefined;
    return `SELECT coalesce(sum(m.${cell.sum}), 0) FROM ltv_cell AS m WHERE ${[cell.cells, ...cohorts].join(" AND ")}`;
  }
  const [grouping] = groupings;
  const table = grouping === undefined ? "cohort_day" : days.length > 0 ? "cohort_key_day" : "cohort_key";
  const where = [grouping === undefined ? "TRUE" : `grouping = '${grouping}' AND key = :${grouping}`, ...days.map((each) => each.days)];
  return `SELECT coalesce(sum(${figures[0] ?? "customers"}), 0) FROM ${table} WHERE ${where.join(" AND ")}`;
}

/** How many customers meet the conditions, by totals that are fresh; undefined: they do not tell. */
export function countByTotals(
  prepare: Prepare,
  conditions: readonly Condition[],
  values: Readonly<Record<string, string | number>>,
): number | undefined {
  const question = toQuestion(conditions);
  if (question === undefined) return undefined;
  const erased = [`SELECT count(*) FROM ${ERASED}`, ...conditions.map(({ sql }) => sql)].join(" AND ");
  return prepare(`SELECT (${question}) - (${erased})`).pluck().get(values) as number;
}
