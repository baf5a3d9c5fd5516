// Which way of reading a page takes the least time? The cost of each is estimated; the unit is reading one customer from an index.
import type { Condition } from "./condition.ts";
import { SORTS, type Sort } from "./sort.ts";

/**
 * The cost of one customer: `read` from an index in its order; `lookUpNear`, found in the table by an index in the order of createdAt, in
 * which neighbours are stored together; `lookUpFar`, found by another index; `sort`.
 */
const COST = { read: 1, lookUpNear: 4, lookUpFar: 40, sort: 12 };
/** How many times more customers than expected a walk may pass before the matches must be assumed at the far end. */
const PATIENCE = 4;
/** A number of customers whose cost does not matter. */
const SMALL = 1000;

/**
 * - `walk`: page-in-order.sql, until the page is full, or until `most` customers have been passed (then `sort`);
 * - `sort`: page-by-sorting.sql.
 */
export type Strategy = { readonly by: "walk"; readonly most: number } | { readonly by: "sort" };

/** The inputs of the choice. */
export interface Estimate {
  readonly conditions: readonly Condition[];
  readonly sort: Sort;
  /** The number of matches up to the end of the page. */
  readonly reach: number;
  /** The number of customers who meet the conditions. */
  readonly total: number;
  /** The number of all customers. */
  readonly everybody: number;
  /** The number of customers that a scan for the conditions reads. */
  readonly scanned: number;
}

export const WALK_TO_THE_END: Strategy = { by: "walk", most: Number.POSITIVE_INFINITY };

export function chooseStrategy({ conditions, sort, reach, total, everybody, scanned }: Estimate): Strategy {
  const hasText = conditions.some(({ search }) => search);
  // Sorting scans its whole range. Sorting a few costs almost nothing, because SQLite keeps only the first `reach`.
  const sortCost = scanned * COST.read + (reach > SMALL ? total * COST.sort : 0);

  // A walk in an index with every needed column looks up nobody. At worst it reads all customers once.
  const hasSales = conditions.some(({ boundsFirstSale, boundsLastSale }) => boundsFirstSale || boundsLastSale);
  const isWide = sort === SORTS.createdAt || sort === SORTS.firstTouchAt || sort === SORTS.lastSaleAt;
  const isCovered = !hasText && ((isWide && !hasSales) || conditions.every(({ isInEverySort }) => isInEverySort));
  if (!hasText && sort === SORTS.firstTouchAt && !hasSales) return WALK_TO_THE_END; // bounds of the first touch shorten the walk
  if (!hasText && sort === SORTS.lastSaleAt && conditions.some(({ boundsLastSale }) => boundsLastSale)) return WALK_TO_THE_END; // and those of the last sale
  if (isCovered && everybody * COST.read <= sortCost) return WALK_TO_THE_END;

  // Any other walk looks up every customer that it passes. This is their number if the matches are spread evenly.
  const passed = (reach * everybody) / Math.max(total, 1);
  const lookUp = sort === SORTS.createdAt ? COST.lookUpNear : COST.lookUpFar;
  // Customers with first touches in a range are close together in most orders, so probably far from where the walk begins.
  const detour = scanned < everybody ? PATIENCE : 1;
  if (passed * lookUp * detour > sortCost) return { by: "sort" };
  return { by: "walk", most: Math.ceil(PATIENCE * passed) + SMALL };
}
