// How long ago, or how far in the future, is an instant, in words?

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

const WORDS = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** `3 minutes ago` or `in 90 days`, in whole units rounded down; within a second, `now`. `milliseconds` is negative for the past. */
export function toDistance(milliseconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => Math.abs(milliseconds) >= each) ?? [];
  return unit === undefined ? "now" : WORDS.format(Math.trunc(milliseconds / size), unit);
}
