// Which index has those who meet the conditions closest together, when all of it, or a part, is read from one end to the other?
import type { Condition } from "./condition.ts";

/** What fills the holes `index`, `scan_order` and `further` of a template that scans customers. */
export interface Scan {
  readonly index: string;
  readonly order: string;
  /** Comes after the last candidate, which is the only row of `last`. */
  readonly further: string;
}

/** Has every column that a filter looks at, but no text. */
const FILTERS: Scan = {
  index: "INDEXED BY customer_by_created_at",
  order: "c.created_at, c.id",
  further: "(c.created_at, c.id) > (SELECT created_at, id FROM last)",
};
/** So does this one, of which only the part between two first touches is read. */
const FIRST_TOUCHES: Scan = {
  index: "INDEXED BY customer_first_touch",
  order: "c.first_touch_at, c.id",
  further: "(c.first_touch_at, c.id) > (SELECT first_touch_at, id FROM last)",
};
/** The table itself: no index has the text and the columns of filters. */
const TABLE: Scan = { index: "NOT INDEXED", order: "c.id", further: "c.id > (SELECT id FROM last)" };

/** The scan that finds those who meet the conditions soonest. */
export function chooseScan(conditions: readonly Condition[]): Scan {
  if (conditions.some(({ search }) => search)) return TABLE;
  return conditions.some(({ boundsFirstTouch }) => boundsFirstTouch) ? FIRST_TOUCHES : FILTERS;
}

/** The conditions that bound the part of the index that is scanned; none: all of it is. */
export function scanBounds(conditions: readonly Condition[]): Condition[] {
  return chooseScan(conditions) === FIRST_TOUCHES ? conditions.filter(({ boundsFirstTouch }) => boundsFirstTouch) : [];
}
