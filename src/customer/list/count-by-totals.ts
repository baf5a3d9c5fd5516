// Can customers be counted from the totals of the reports, without reading any customer?
// Only this file and its two templates know in which tables the totals are.
import { allOf, type CohortFigure, type Condition, type InTotals, valuesOf } from "./condition.ts";
import type { Holes, Prepare } from "./prepared.ts";
import byCurvesSql from "./sql/count-by-curves.sql" with { type: "text" };
import byTotalsSql from "./sql/count-by-totals.sql" with { type: "text" };

const FIGURES: Record<CohortFigure, string> = {
  all: "customers",
  "with a lead": "leads",
  "without a lead": "customers - leads",
  paying: "paying_customers",
  "not paying": "customers - paying_customers",
  repeat: "repeat_customers",
};

interface Filled {
  readonly template: string;
  readonly holes: Holes;
}

const pick = <Kind extends InTotals>(parts: readonly InTotals[], key: string): Kind[] => parts.filter((part) => key in part) as Kind[];

/** The template to run, and its holes except `conditions`; undefined if the totals cannot answer. */
function toTotals(conditions: readonly Condition[]): Filled | undefined {
  const parts = conditions.flatMap(({ inTotals }) => inTotals ?? []);
  const days = pick<Extract<InTotals, { days: string }>>(parts, "days");
  const groupings = pick<Extract<InTotals, { grouping: string }>>(parts, "grouping");
  const figures = pick<Extract<InTotals, { figure: CohortFigure }>>(parts, "figure");
  const curves = pick<Extract<InTotals, { curve: string }>>(parts, "curve");
  if (parts.length < conditions.length || groupings.length > 1 || figures.length + curves.length > 1) return undefined;
  const [curve] = curves;
  if (curve) {
    const cohorts = days.flatMap(({ cohort }) => cohort ?? []);
    if (groupings.length > 0 || cohorts.length < days.length) return undefined;
    return { template: byCurvesSql, holes: { figure: `m.${curve.curve} AS total`, cells: [curve.cells, ...cohorts].join(" AND ") } };
  }
  const grouping = groupings[0]?.grouping;
  const totals = grouping === undefined ? "cohort_day" : days.length > 0 ? "cohort_key_day" : "cohort_key";
  const cells = [
    grouping === undefined ? "TRUE" : `grouping = '${grouping}' AND key = :${grouping}`,
    ...days.map(({ days: name }) => `day >= :${name}From AND day < :${name}To`),
  ];
  return {
    template: byTotalsSql,
    holes: { figure: `${FIGURES[figures[0]?.figure ?? "all"]} AS total`, totals, cells: cells.join(" AND ") },
  };
}

/** The number of customers who meet the conditions, from fresh totals; undefined if the totals cannot answer. */
export function countByTotals(prepare: Prepare, conditions: readonly Condition[]): number | undefined {
  const filled = toTotals(conditions);
  if (filled === undefined) return undefined;
  const statement = prepare<number>(filled.template, { ...filled.holes, conditions: allOf(conditions) });
  return statement.pluck().get(valuesOf(conditions));
}
