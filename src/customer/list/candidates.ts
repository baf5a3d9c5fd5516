// Who may be on the page of a request? Candidates are collected in a temporary table, and checked there if not all conditions are known to hold.
import type { Sqlite } from "../../../db/connection.ts";
import { allOf, type Condition, type Values, valuesOf } from "./condition.ts";
import type { Holes, Prepare } from "./prepared.ts";
import { type Sort, sortValue } from "./sort.ts";
import candidateSql from "./sql/candidate.sql" with { type: "text" };
import checkCandidatesSql from "./sql/check-candidates.sql" with { type: "text" };
import countCandidatesSql from "./sql/count-candidates.sql" with { type: "text" };

export interface Matches {
  /** How many customers meet the conditions. */
  readonly total: number;
  /** All of them are candidates, with their sort values. Candidates without one do not meet the conditions. */
  readonly areCandidates: boolean;
}

export interface Candidates {
  /** Replaces the candidates by those that a `collect-….sql` finds, one more than `most` of them at most; gives how many there are. */
  collect(template: string, holes: Holes, values: Values, most: number): number;
  /** Gives the candidates who meet all conditions their sort value, and gives how many those are. */
  check(conditions: readonly Condition[], sort: Sort): number;
}

/** They last until the next are collected: to be used within one transaction. */
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
