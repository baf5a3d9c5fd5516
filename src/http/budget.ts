// How much of something may each caller use per minute? What is refused does not count.
const MINUTE_MS = 60_000;
/** How many callers are counted separately in a minute. All others count as one, so that addresses cannot fill the memory. */
const MOST_CALLERS = 100_000;

/** A fixed amount for each caller in each minute. */
export interface Budget {
  /** How many seconds the caller has to wait for `amount` more; 0: none. Takes nothing. */
  wait(caller: string, amount: number): number;
  /** Takes `amount`, even if it exceeds what is left. */
  take(caller: string, amount: number): void;
  /** How much the caller has left, and in how many seconds the minute ends. */
  rest(caller: string): { readonly left: number; readonly seconds: number };
}

/** Makes a budget. `perMinute` 0: no limit. `clock`: milliseconds, monotonic. */
export function openBudget(perMinute: number, clock: () => number = () => performance.now()): Budget {
  let minuteEndsAt = 0;
  const taken = new Map<string, number>();

  /** The name under which the caller is counted. Begins a new minute if the last one is over. */
  function nameOf(caller: string): string {
    const time = clock();
    if (time >= minuteEndsAt) {
      taken.clear();
      minuteEndsAt = time + MINUTE_MS;
    }
    return taken.has(caller) || taken.size < MOST_CALLERS ? caller : "";
  }
  const secondsLeft = () => Math.ceil((minuteEndsAt - clock()) / 1000);

  return {
    wait: (caller, amount) => (perMinute === 0 || (taken.get(nameOf(caller)) ?? 0) + amount <= perMinute ? 0 : secondsLeft()),
    take(caller, amount) {
      if (perMinute === 0) return;
      const name = nameOf(caller);
      taken.set(name, (taken.get(name) ?? 0) + amount);
    },
    rest: (caller) => ({ left: perMinute - (taken.get(nameOf(caller)) ?? 0), seconds: secondsLeft() }),
  };
}
