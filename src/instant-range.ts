// Which instants does the log take? (definitions §2)
import type { Context } from "./context.ts";
import { parseInstant } from "./instant.ts";

const DAY_MS = 86_400_000;

/** An instant of the wire, not before 1970 and not more than 24 hours ahead of the clock; else what is wrong with it. */
export function checkInstant(
  value: string | number,
  { calendar, now }: Pick<Context, "calendar" | "now">,
): { at: number } | { message: string } {
  const at = parseInstant(value, calendar);
  if (at === undefined) return { message: "must be ISO 8601 with an offset, a plain date, or Unix seconds or milliseconds" };
  if (at < 0) return { message: "must not be before 1970-01-01T00:00:00Z" };
  if (at > now() + DAY_MS) return { message: "must not be more than 24 hours ahead" };
  return { at };
}
