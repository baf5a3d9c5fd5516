// May this key send another request now? A fixed number of requests in each minute.
const MINUTE_MS = 60_000;

/** Answers how many seconds a key has to wait, 0 if it may go on. `perMinute` 0: no limit. `clock` in milliseconds, never standing still. */
export function openRateLimit(perMinute: number, clock: () => number = () => performance.now()): (keyId: string) => number {
  if (perMinute === 0) return () => 0;
  let minuteEndsAt = 0;
  const counts = new Map<string, number>();
  return (keyId) => {
    const time = clock();
    if (time >= minuteEndsAt) {
      counts.clear();
      minuteEndsAt = time + MINUTE_MS;
    }
    const count = (counts.get(keyId) ?? 0) + 1;
    counts.set(keyId, count);
    return count > perMinute ? Math.ceil((minuteEndsAt - time) / 1000) : 0;
  };
}
