// How many met these conditions a moment ago? Their number is remembered until somebody writes, so that the pages of one list are counted once.
import type { Condition } from "./condition.ts";

/** How many numbers are remembered. */
const MOST_TOTALS = 200;

export interface KnownTotals {
  /** The number of customers who meet the conditions; undefined: it must be counted. */
  find(conditions: readonly Condition[]): number | undefined;
  keep(conditions: readonly Condition[], total: number): void;
}

/** `version` changes with every write; undefined: it is not known, so nothing is remembered. */
export function openKnownTotals(version: () => number | undefined): KnownTotals {
  const known = new Map<string, number>();
  let current: number | undefined;
  const keyOf = (conditions: readonly Condition[]) => JSON.stringify(conditions.map(({ sql, values }) => [sql, values]));

  /** Is what is remembered still right? */
  function isCurrent(): boolean {
    const next = version();
    if (next !== current) known.clear();
    current = next;
    return next !== undefined;
  }

  return {
    find: (conditions) => (isCurrent() ? known.get(keyOf(conditions)) : undefined),
    keep(conditions, total) {
      if (!isCurrent()) return;
      if (known.size >= MOST_TOTALS) known.clear();
      known.set(keyOf(conditions), total);
    },
  };
}
