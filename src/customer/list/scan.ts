// Which index is scanned for the conditions? The one of which the smallest part has to be read.
import type { Condition } from "./condition.ts";

/** The holes `index`, `scan_order` and `further` of a template that scans customers. */
export interface Scan {
  readonly index: string;
  readonly order: string;
  /** The condition of coming after the last candidate, the only row of `last`. */
  readonly further: string;
}

/** This index has the columns of all filters, but no text, and neither the first nor the last sale. */
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
/** This index has the columns of all filters too, but for the first sale. */
const LAST_SALES: Scan = {
  index: "INDEXED BY customer_by_last_sale_at",
  order: "coalesce(c.last_sale_at, -1), c.id",
  further: "(coalesce(c.last_sale_at, -1), c.id) > (SELECT coalesce(last_sale_at, -1), id FROM last)",
};
/** This index has the columns of sales and leads alone. To count, nothing else is read. */
const LAST_SEEN: Scan = {
  index: "INDEXED BY customer_by_last_seen_at",
  order: "c.last_seen_at, c.id",
  further: "(c.last_seen_at, c.id) > (SELECT last_seen_at, id FROM last)",
};
/** This index has the month of the first touch alone. To count who had a sale in a period, few are looked up. */
const SOURCES: Scan = {
  index: "INDEXED BY customer_by_source",
  order: "c.source, c.id",
  further: "(c.source, c.id) > (SELECT source, id FROM last)",
};
/** Those who have one email are looked up. */
const EMAILS: Scan = {
  index: "INDEXED BY customer_by_email",
  order: "c.email, c.id",
  further: "(c.email, c.id) > (SELECT email, id FROM last)",
};
/** The table itself, because no index has both the text and the columns of filters, or because one row of it is enough. */
const TABLE: Scan = { index: "NOT INDEXED", order: "c.id", further: "c.id > (SELECT id FROM last)" };

/** The quickest scan to count those who meet the conditions, or to collect a few of them. */
export function chooseCount(conditions: readonly Condition[]): Scan {
  const isInSources = conditions.every(({ isSource, isSalePeriod }) => isSource || isSalePeriod);
  if (isInSources && conditions.some(({ isSource }) => isSource) && conditions.some(({ isSalePeriod }) => isSalePeriod)) return SOURCES;
  const isInLastSeen = conditions.every(({ boundsLastSeen, isInEverySort }) => boundsLastSeen || isInEverySort);
  return isInLastSeen && conditions.some(({ boundsLastSeen }) => boundsLastSeen) ? LAST_SEEN : chooseScan(conditions);
}

/** The quickest scan for the conditions that reads the values of every sort too. */
export function chooseScan(conditions: readonly Condition[]): Scan {
  if (conditions.some(({ isOfOne }) => isOfOne)) return TABLE;
  if (conditions.some(({ isEmail }) => isEmail)) return EMAILS;
  if (conditions.some(({ search }) => search)) return TABLE;
  if (conditions.some(({ boundsLastSale }) => boundsLastSale)) return LAST_SALES;
  if (conditions.some(({ boundsFirstTouch }) => boundsFirstTouch)) return FIRST_TOUCHES;
  return conditions.some(({ boundsFirstSale }) => boundsFirstSale) ? FIRST_SALES : FILTERS;
}

/** The conditions that bound the scanned part of the index; none if all of it is scanned. */
export function scanBounds(conditions: readonly Condition[]): Condition[] {
  // The totals know how many have their first touch in a range.
  return chooseScan(conditions) === FIRST_TOUCHES ? conditions.filter(({ boundsFirstTouch }) => boundsFirstTouch) : [];
}
