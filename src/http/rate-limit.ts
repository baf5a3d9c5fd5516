// May this caller send another request now? A fixed number of requests in each minute.
const MINUTE_MS = 60_000;
/** Callers told apart in a minute; beyond them all others are counted as one, so that nobody fills the memory with addresses. */
const MOST_CALLERS = 100_000;

/** What became of a request that was counted. */
export interface Counted {
  /** How many seconds to wait; 0: go on. */
  readonly wait: number;
  /** The headers `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10); empty without a limit. */
  readonly headers: Readonly<Record<string, string>>;
}

export type RateLimit = (caller: string) => Counted;

export const UNLIMITED: Counted = { wait: 0, headers: {} };

/** Two limits that a request was counted by: the longer wait, and both in the headers. */
export function combineCounts(one: Counted, other: Counted): Counted {
  if (one === UNLIMITED) return other;
  if (other === UNLIMITED) return one;
  const names = [...new Set([...Object.keys(one.headers), ...Object.keys(other.headers)])];
  const both = (name: string) => [one.headers[name], other.headers[name]].filter((each) => each !== undefined).join(", ");
  return names.length === 0
    ? UNLIMITED
    : { wait: Math.max(one.wait, other.wait), headers: Object.fromEntries(names.map((name) => [name, both(name)])) };
}

/** Counts requests by caller. `perMinute` 0: no limit. `name` tells limits apart in the headers; `clock` in milliseconds, never standing still. */
export function openRateLimit(perMinute: number, name = "key", clock: () => number = () => performance.now()): RateLimit {
  if (perMinute === 0) return () => UNLIMITED;
  let minuteEndsAt = 0;
  const counts = new Map<string, number>();
  return (caller) => {
    const time = clock();
    if (time >= minuteEndsAt) {
      counts.clear();
      minuteEndsAt = time + MINUTE_MS;
    }
    const own = counts.has(caller) || counts.size < MOST_CALLERS ? caller : "";
    const count = (counts.get(own) ?? 0) + 1;
    counts.set(own, count);
    const seconds = Math.ceil((minuteEndsAt - time) / 1000);
    return {
      wait: count > perMinute ? seconds : 0,
      headers: {
        "RateLimit-Policy": `"${name}";q=${perMinute};w=60`,
        RateLimit: `"${name}";r=${Math.max(0, perMinute - count)};t=${seconds}`,
      },
    };
  };
}
