// How much credit does each link, campaign or source of a customer's clicks get? (definitions §9)
import { compareCodePoints } from "../../value/log-order.ts";
import { toMajor } from "../../value/money.ts";
import type { CreditRow } from "./answer.ts";
import type { Credits } from "./credit.ts";

/** Decimals of a sale's credit. */
const CREDIT_DECIMALS = 4;

interface Group {
  readonly key: string;
  clicks: number;
  /** The places of its first and last click, or −1 if it has none. */
  first: number;
  last: number;
  netMinor: number;
  sales: number;
}

/**
 * One of the three lists of an answer: clicks and their credit, grouped by key and sorted by revenue. `keys` are those of the clicks, and
 * `without` is the key of clicks without one and of sales without a touch. `isoOf` formats the instant of the click at a place.
 * `decimals` are those of the reporting currency.
 */
export function creditRows(
  keys: readonly (string | null)[],
  credits: Credits,
  without: string,
  isoOf: (place: number) => string,
  decimals: number,
): CreditRow[] {
  const groups = new Map<string, Group>();
  const ensureGroup = (key: string): Group => {
    let group = groups.get(key);
    if (group === undefined) {
      group = { key, clicks: 0, first: -1, last: -1, netMinor: 0, sales: 0 };
      groups.set(key, group);
    }
    return group;
  };
  const { netMinor, sales, none } = credits;
  for (let place = 0; place < keys.length; place++) {
    const group = ensureGroup(keys[place] ?? without);
    if (group.clicks++ === 0) group.first = place;
    group.last = place;
    group.netMinor += netMinor[place] as number;
    group.sales += sales[place] as number;
  }
  if (none.sales > 0) {
    const group = ensureGroup(without);
    group.netMinor += none.netMinor;
    group.sales += none.sales;
  }
  return [...groups.values()]
    .sort((a, b) => b.netMinor - a.netMinor || compareCodePoints(a.key, b.key))
    .map((group) => ({
      key: group.key,
      clicks: group.clicks,
      firstAt: group.first < 0 ? null : isoOf(group.first),
      lastAt: group.last < 0 ? null : isoOf(group.last),
      sales: toMajor(group.sales, CREDIT_DECIMALS),
      revenue: toMajor(group.netMinor, decimals),
    }));
}
