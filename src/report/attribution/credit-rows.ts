// How much credit does each link, campaign or source of a customer's touches get? (definitions §9)
import { CLICK } from "../../../db/schema.ts";
import type { Credits } from "../../credit/credit.ts";
import { compareCodePoints } from "../../value/log-order.ts";
import { toMajor } from "../../value/money.ts";
import { MOST_LISTED, OTHER } from "../figure.ts";
import type { CreditRow } from "./answer.ts";

/** Decimals of a sale's credit. */
const CREDIT_DECIMALS = 4;

interface Group {
  readonly key: string;
  touches: number;
  clicks: number;
  /** The places of its first and last touch, or −1 if it has none. */
  first: number;
  last: number;
  netMinor: number;
  sales: number;
}

const emptyGroup = (key: string): Group => ({ key, touches: 0, clicks: 0, first: -1, last: -1, netMinor: 0, sales: 0 });

/** Adds groups up to one. */
function pooled(groups: readonly Group[]): Group {
  const pool = emptyGroup(OTHER);
  for (const group of groups) {
    pool.touches += group.touches;
    pool.clicks += group.clicks;
    if (group.first >= 0 && (pool.first < 0 || group.first < pool.first)) pool.first = group.first;
    pool.last = Math.max(pool.last, group.last);
    pool.netMinor += group.netMinor;
    pool.sales += group.sales;
  }
  return pool;
}

/** What the touches of a list are grouped by: keys and types by place, and the key of touches without one and of sales without a touch. */
interface Grouping {
  readonly keys: readonly (string | null)[];
  readonly types: readonly number[];
  readonly without: string;
}

/**
 * One of the three lists of an answer: touches and their credit, grouped by key and sorted by revenue. `isoOf` formats the instant of the
 * touch at a place. `decimals` are those of the reporting currency.
 */
export function creditRows(
  { keys, types, without }: Grouping,
  credits: Credits,
  isoOf: (place: number) => string,
  decimals: number,
): CreditRow[] {
  const groups = new Map<string, Group>();
  const ensureGroup = (key: string): Group => {
    let group = groups.get(key);
    if (group === undefined) {
      group = emptyGroup(key);
      groups.set(key, group);
    }
    return group;
  };
  const { netMinor, sales, none } = credits;
  for (let place = 0; place < keys.length; place++) {
    const group = ensureGroup(keys[place] ?? without);
    if (group.touches++ === 0) group.first = place;
    if (types[place] === CLICK) group.clicks++;
    group.last = place;
    group.netMinor += netMinor[place] as number;
    group.sales += sales[place] as number;
  }
  if (none.sales > 0) {
    const group = ensureGroup(without);
    group.netMinor += none.netMinor;
    group.sales += none.sales;
  }
  const sorted = [...groups.values()].sort((a, b) => b.netMinor - a.netMinor || compareCodePoints(a.key, b.key));
  const rows = sorted.length > MOST_LISTED ? [...sorted.slice(0, MOST_LISTED - 1), pooled(sorted.slice(MOST_LISTED - 1))] : sorted;
  return rows.map((group) => ({
    key: group.key,
    touches: group.touches,
    clicks: group.clicks,
    firstAt: group.first < 0 ? null : isoOf(group.first),
    lastAt: group.last < 0 ? null : isoOf(group.last),
    sales: toMajor(group.sales, CREDIT_DECIMALS),
    revenue: toMajor(group.netMinor, decimals),
  }));
}
