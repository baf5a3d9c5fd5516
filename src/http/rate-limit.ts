// May this caller send another request now? Each caller has a fixed number of requests per minute, and headers say how many are left.
import { openBudget } from "./budget.ts";

/** The result of counting a request. */
export interface Counted {
  /** How many seconds the caller has to wait; 0: none. */
  readonly wait: number;
  /** The headers `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10); empty without a limit. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts `amount` requests of a caller, 1 by default. Counts none if they exceed the limit. */
export type RateLimit = (caller: string, amount?: number) => Counted;

export const UNLIMITED: Counted = { wait: 0, headers: {} };

/** The results of two limits as one: the longer wait, and the headers of both. */
export function combineCounts(one: Counted, other: Counted): Counted {
  if (one === UNLIMITED) return other;
  if (other === UNLIMITED) return one;
  const names = [...new Set([...Object.keys(one.headers), ...Object.keys(other.headers)])];
  const both = (name: string) => [one.headers[name], other.headers[name]].filter((each) => each !== undefined).join(", ");
  return names.length === 0
    ? UNLIMITED
    : { wait: Math.max(one.wait, other.wait), headers: Object.fromEntries(names.map((name) => [name, both(name)])) };
}

/** Makes a counter of requests per caller. `perMinute` 0: no limit. `name` identifies the limit in the headers. `clock`: milliseconds, monotonic. */
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
