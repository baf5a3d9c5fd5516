// How many customers meet the conditions? If they are few, they are also collected as candidates, so that the page needs no second scan.
import type { Candidates, Matches } from "./candidates.ts";
import { allOf, type Condition, valuesOf } from "./condition.ts";
import { countByTotals } from "./count-by-totals.ts";
import { openTextFinder } from "./find-by-text.ts";
import type { Prepare } from "./prepared.ts";
import { chooseCount, scanBounds } from "./scan.ts";
import { SORTS, type Sort, sortValue } from "./sort.ts";
import collectByFiltersSql from "./sql/collect-by-filters.sql" with { type: "text" };
import countByFiltersSql from "./sql/count-by-filters.sql" with { type: "text" };
import countFurtherSql from "./sql/count-further-by-filters.sql" with { type: "text" };

/** The largest number of matches that are kept as candidates. */
const MOST_CANDIDATES = 10_000;

export interface MatchFinder {
  /** The number of all customers. */
  countAll(): number;
  /** About how many customers a scan for the conditions reads. */
  countScanned(conditions: readonly Condition[]): number;
  /** The number of customers who meet the conditions. */
  count(conditions: readonly Condition[]): number;
  /** The same, and collects them as candidates if they are few. */
  find(conditions: readonly Condition[], sort: Sort): Matches;
}

/** The ledger must be fresh, and all calls for one page must be in one transaction. */
export function openMatchFinder(prepare: Prepare, candidates: Candidates): MatchFinder {
  const textFinder = openTextFinder(prepare, candidates);

  function findByFilters(conditions: readonly Condition[], sort: Sort): Matches {
    const { index, order, further } = chooseCount(conditions);
    const values = valuesOf(conditions);
    const holes = { index, conditions: allOf(conditions) };
    const found = candidates.collect(collectByFiltersSql, { ...holes, sort: sortValue(sort), scan_order: order }, values, MOST_CANDIDATES);
    if (found <= MOST_CANDIDATES) return { total: found, areCandidates: true };
    const rest =
      prepare<number>(countFurtherSql, { ...holes, further })
        .pluck()
        .get(values) ?? 0;
    return { total: found + rest, areCandidates: false };
  }

  /** Uses the quickest way that can answer: the totals, the search index, then a scan of texts or customers. */
  function find(conditions: readonly Condition[], sort: Sort): Matches {
    const total = countByTotals(prepare, conditions);
    if (total !== undefined) return { total, areCandidates: false };
    const byIndex = textFinder.findByIndex(conditions, sort);
    if (byIndex) return byIndex;
    return conditions.every(({ search }) => search) ? textFinder.findByReading(conditions, sort) : findByFilters(conditions, sort);
  }

  const countAll = () => countByTotals(prepare, []) ?? 0;

  return {
    countAll,
    countScanned: (conditions) => countByTotals(prepare, scanBounds(conditions)) ?? countAll(),
    count(conditions) {
      if (conditions.some(({ search }) => search)) return find(conditions, SORTS.createdAt).total;
      const total = countByTotals(prepare, conditions);
      if (total !== undefined) return total;
      const holes = { index: chooseCount(conditions).index, conditions: allOf(conditions) };
      return prepare<number>(countByFiltersSql, holes).pluck().get(valuesOf(conditions)) ?? 0;
    },
    find,
  };
}
