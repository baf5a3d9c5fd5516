// Which customers may be on a page? These candidates are collected in a temporary table, and checked there if some conditions are still open.
import type { Sqlite } from "../../../db/connection.ts";
import { allOf, type Condition, type Values, valuesOf } from "./condition.ts";
import type { Holes, Prepare } from "./prepared.ts";
import { type Sort, sortValue } from "./sort.ts";
import candidateSql from "./sql/candidate.sql" with { type: "text" };
import checkCandidatesSql from "./sql/check-candidates.sql" with { type: "text" };
import countCandidatesSql from "./sql/count-candidates.sql" with { type: "text" };

export interface Matches {
  /** The number of customers who meet the conditions. */
  readonly total: number;
  /** Whether all of them are candidates, with their sort values. A candidate without a sort value does not meet the conditions. */
  readonly areCandidates: boolean;
}

export interface Candidates {
  /** Replaces the candidates by those that a `collect-….sql` finds, at most `most` and one more. Gives their number. */
  collect(template: string, holes: Holes, values: Values, most: number): number;
  /** Sets the sort value of the candidates who meet all conditions. Gives their number. */
  check(conditions: readonly Condition[], sort: Sort): number;
}

/** The candidates last until the next ones are collected, so they must be used within one transaction. */
export function openCandidates(sqlite: Sqlite, prepare: Prepare): Candidates {
  sqlite.exec(candidateSql);
  const clear = sqlite.prepare("DELETE FROM temp.candidate");
  const count = sqlite.prepare<[], number>(countCandidatesSql).pluck();

  return {
    collect(template, holes, values, most) {
      clear.run();
      return prepare(template, holes).run({ ...values, most: most + 1 }).changes;
    },
    check(conditions, sort) {
      prepare(checkCandidatesSql, { sort: sortValue(sort), conditions: allOf(conditions) }).run(valuesOf(conditions));
      return count.get() ?? 0;
    },
  };
}
