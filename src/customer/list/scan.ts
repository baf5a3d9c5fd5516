// Which index is scanned for the conditions? The one of which the smallest part has to be read.
import type { Condition } from "./condition.ts";

/** The holes `index`, `scan_order` and `further` of a template that scans customers. */
export interface Scan {
  readonly index: string;
  readonly order: string;
  /** The condition of coming after the last candidate, the only row of `last`. */
  readonly further: string;
}

/** This index has the columns of all filters, but no text. */
const FILTERS: Scan = {
  index: "INDEXED BY customer_by_created_at",
  order: "c.created_at, c.id",
  further: "(c.created_at, c.id) > (SELECT created_at, id FROM last)",
};
/** So does this index, of which only the part between two first touches is read. */
const FIRST_TOUCHES: Scan = {
  index: "INDEXED BY customer_first_touch",
  order: "c.first_touch_at, c.id",
  further: "(c.first_touch_at, c.id) > (SELECT first_touch_at, id FROM last)",
};
/** This index has no columns of filters, so whoever is in the part that is read is looked up. */
const FIRST_SALES: Scan = {
  index: "INDEXED BY customer_first_sale",
  order: "c.first_sale_at, c.id",
  further: "(c.first_sale_at, c.id) > (SELECT first_sale_at, id FROM last)",
};
/** The table itself, because no index has both the text and the columns of filters. */
const TABLE: Scan = { index: "NOT INDEXED", order: "c.id", further: "c.id > (SELECT id FROM last)" };

/** The quickest scan for the conditions. */
export function chooseScan(conditions: readonly Condition[]): Scan {
  if (conditions.some(({ search }) => search)) return TABLE;
  if (conditions.some(({ boundsFirstTouch }) => boundsFirstTouch)) return FIRST_TOUCHES;
  return conditions.some(({ boundsFirstSale }) => boundsFirstSale) ? FIRST_SALES : FILTERS;
}

/** The conditions that bound the scanned part of the index; none if all of it is scanned. */
export function scanBounds(conditions: readonly Condition[]): Condition[] {
  return chooseScan(conditions) === FIRST_TOUCHES ? conditions.filter(({ boundsFirstTouch }) => boundsFirstTouch) : [];
}
