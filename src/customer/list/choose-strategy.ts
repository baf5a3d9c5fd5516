// Which way to the customers of a page takes the least time? Both are estimated in reads of one customer from an index.
import type { Condition } from "./condition.ts";
import { SORTS, type Sort } from "./sort.ts";

/**
 * What one customer costs: to be read in the order of an index; to be looked up from the order of createdAt, in which
 * neighbours lie together in the table; to be looked up from another order; to be sorted.
 */
const COST = { read: 1, lookUpNear: 4, lookUpFar: 40, sort: 12 };
/** A walk may pass so many times more customers than expected, before it is clear that those who match are at the far end. */
const PATIENCE = 4;
/** So many may be passed, or sorted, in any case. */
const SMALL = 1000;

/**
 * - `walk`: page-in-order.sql, until the page is full, or until `most` customers were passed (then `sort`);
 * - `sort`: page-by-sorting.sql.
 */
export type Strategy = { readonly by: "walk"; readonly most: number } | { readonly by: "sort" };

/** What the choice depends on. */
export interface Estimate {
  readonly conditions: readonly Condition[];
  readonly sort: Sort;
  /** How many matches come before the end of the page, with the page itself. */
  readonly reach: number;
  /** How many customers meet the conditions. */
  readonly total: number;
  /** How many customers there are. */
  readonly everybody: number;
  /** How many customers a scan for the conditions reads. */
  readonly scanned: number;
}

export const WALK_TO_THE_END: Strategy = { by: "walk", most: Number.POSITIVE_INFINITY };

export function chooseStrategy({ conditions, sort, reach, total, everybody, scanned }: Estimate): Strategy {
  const hasText = conditions.some(({ search }) => search);
  // Sorting: the scan reads all of its part. To sort a few is nothing; SQLite keeps the first `reach` only.
  const sortCost = scanned * COST.read + (reach > SMALL ? total * COST.sort : 0);

  // A walk in an index that has every column never looks anybody up: at worst it reads everybody once.
  const isCovered = !hasText && (sort === SORTS.createdAt || conditions.every(({ isInEverySort }) => isInEverySort));
  if (sort === SORTS.firstTouchAt && !hasText) return WALK_TO_THE_END; // bounds of the first touch shorten the walk itself
  if (isCovered && everybody * COST.read <= sortCost) return WALK_TO_THE_END;

  // Another walk looks up all whom it passes: if matches are spread evenly, as many as there are customers for each match.
  const passed = (reach * everybody) / Math.max(total, 1);
  const lookUp = sort === SORTS.createdAt ? COST.lookUpNear : COST.lookUpFar;
  // Those whose first touch is bounded lie together in most orders, so probably far from where the walk begins.
  const detour = scanned < everybody ? PATIENCE : 1;
  if (passed * lookUp * detour > sortCost) return { by: "sort" };
  return { by: "walk", most: Math.ceil(PATIENCE * passed) + SMALL };
}
