// May this caller send another request now? Each caller has a fixed number of requests per minute.
const MINUTE_MS = 60_000;
/** How many callers are counted separately in a minute. All others count as one, so that addresses cannot fill the memory. */
const MOST_CALLERS = 100_000;

/** The result of counting a request. */
export interface Counted {
  /** How many seconds the caller has to wait; 0: none. */
  readonly wait: number;
  /** The headers `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10); empty without a limit. */
  readonly headers: Readonly<Record<string, string>>;
}

export type RateLimit = (caller: string) => Counted;

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
