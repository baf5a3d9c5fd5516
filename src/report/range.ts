// Which instants are between `start` and `end` of a report? (definitions
// §2: ranges are half-open, and a plain date as `end` includes that day)
import { Type } from "@sinclair/typebox";
import type { Refined } from "../http/refined.ts";
import { PlainOrInstant } from "../http/wire.ts";
import { type Calendar, parseDay } from "../value/calendar.ts";
import type { Detail } from "../value/error.ts";
import { instantProblem, parseInstant } from "../value/instant.ts";

/** The bounds of an open range in SQL: the first and the last millisecond that a Date can hold (ECMA-262, "Time Values and Time Range"). */
export const BEFORE_ALL = -8.64e15;
export const AFTER_ALL = 8.64e15;

/** Instants in milliseconds since 1970 UTC. Undefined: the range is open on that side. */
export interface Range {
  readonly startAt: number | undefined; // inclusive
  readonly endAt: number | undefined; // exclusive
}

const described = (description: string) => Type.Optional(Type.Unsafe<string | number>({ ...PlainOrInstant, description }));

/** The query parameters `start` and `end`. */
export const RangeQuery = {
  start: described(
    "From this instant on: ISO 8601 with an offset, a plain date (midnight in the workspace's zone) or Unix time (definitions §2).",
  ),
  end: described("Before this instant, in the same forms; a plain date means through the end of that day (definitions §2)."),
};

/** The bounds as sent. */
type RangeInput = Readonly<Partial<Record<"start" | "end", string | number | undefined>>>;

/** Reads the bounds of a range. The details name each bound that is not an instant, and a start that is not before the end. */
export function readRange(query: RangeInput, calendar: Calendar): Refined<Range> {
  const details: Detail[] = [];
  const read = (path: string, value: string | number | undefined, at: number | undefined) => {
    if (value !== undefined && at === undefined) details.push({ path, message: instantProblem(value) });
    return at;
  };
  const startAt = read("start", query.start, query.start === undefined ? undefined : parseInstant(query.start, calendar));
  const lastDay = typeof query.end === "string" ? parseDay(query.end) : undefined;
  const end = lastDay === undefined ? query.end : undefined;
  const endAt =
    lastDay === undefined
      ? read("end", end, end === undefined ? undefined : parseInstant(end, calendar))
      : calendar.startOfDay(lastDay + 1);
  if (details.length === 0 && startAt !== undefined && endAt !== undefined && startAt >= endAt) {
    details.push({ path: "start", message: "must be before end" });
  }
  return details.length > 0 ? { details } : { value: { startAt, endAt } };
}
