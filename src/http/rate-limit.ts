// May this caller send another request now? A fixed number of requests in each minute, and what is left said in headers.
import { openBudget } from "./budget.ts";

/** What became of a request that was counted. */
export interface Counted {
  /** How many seconds to wait; 0: go on. */
  readonly wait: number;
  /** The headers `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10); empty without a limit. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts `amount` requests of a caller (1), unless they are too many. */
export type RateLimit = (caller: string, amount?: number) => Counted;

export const UNLIMITED: Counted = { wait: 0, headers: {} };

/** Two limits that a request was counted by: the longer wait, and both in the headers. */
export function besides(one: Counted, other: Counted): Counted {
  if (one === UNLIMITED) return other;
  if (other === UNLIMITED) return one;
  const names = [...new Set([...Object.keys(one.headers), ...Object.keys(other.headers)])];
  const both = (name: string) => [one.headers[name], other.headers[name]].filter((each) => each !== undefined).join(", ");
  return names.length === 0
    ? UNLIMITED
    : { wait: Math.max(one.wait, other.wait), headers: Object.fromEntries(names.map((name) => [name, both(name)])) };
}

/** Counts requests by caller. `perMinute` 0: no limit. `name` tells limits apart in the headers; `clock` in milliseconds, never standing still. */
export function openRateLimit(perMinute: number, name = "key", clock?: () => number): RateLimit {
  if (perMinute === 0) return () => UNLIMITED;
  const budget = openBudget(perMinute, clock);
  return (caller, amount = 1) => {
    const wait = budget.wait(caller, amount);
    if (wait === 0) budget.take(caller, amount);
    const { left, seconds } = budget.rest(caller);
    return {
      wait,
      headers: { "RateLimit-Policy": `"${name}";q=${perMinute};w=60`, RateLimit: `"${name}";r=${left};t=${seconds}` },
    };
  };
}
