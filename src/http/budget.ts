// How much of something may each caller have in a minute? What is refused is not counted.
const MINUTE_MS = 60_000;
/** Callers told apart in a minute; beyond them all others are counted as one, so that nobody fills the memory with addresses. */
const MOST_CALLERS = 100_000;

/** So much for each caller in each minute. */
export interface Budget {
  /** How many seconds until the caller may try to have so much more; 0: now. Takes nothing. */
  wait(caller: string, amount: number): number;
  take(caller: string, amount: number): void;
  /** How much is left to the caller, and for how many seconds. */
  rest(caller: string): { readonly left: number; readonly seconds: number };
}

/** `perMinute` 0: without a limit. `clock` in milliseconds, never standing still. */
export function openBudget(perMinute: number, clock: () => number = () => performance.now()): Budget {
  let minuteEndsAt = 0;
  const taken = new Map<string, number>();

  /** Under which name the caller is counted, in the minute that it is now. */
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
