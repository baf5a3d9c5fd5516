// How are instants read from requests and written to answers, and which does the log accept? (definitions §2)
import { type Calendar, DAY_MS, parseDay } from "./calendar.ts";
import { butNot, colon } from "./echo.ts";
import { parseDecimal } from "./money.ts";

const LAST_DATE = 8.64e15; // ECMA-262, time range of a Date
const SECONDS_BELOW = 1e11;
const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)$/;

/** An instant (milliseconds since 1970 UTC) as ISO 8601 text with milliseconds and `Z`. */
export function toIso(at: number): string {
  return new Date(at).toISOString();
}

/**
 * Parses an instant. Returns milliseconds since 1970 UTC, or undefined if the value has none of these forms:
 * - a date and time of day with an offset, `2026-02-01T10:00:00.123+01:00`. Seconds and their fraction (after `.` or `,`) may be
 *   missing. The offset may be `Z`, `+01:00`, `+0100` or `+01`. `t` and `z` may be lower case, as RFC 3339 allows. 24:00, leap
 *   seconds and a time of day without an offset are refused;
 * - a plain date, `2026-02-01`: midnight in the zone of `calendar`;
 * - a number: Unix seconds if it is below 10^11 in absolute value, else milliseconds.
 * Digits below the millisecond are cut off. The caller checks whether the instant is in the range of entries.
 */
export function parseInstant(value: string | number, calendar: Calendar): number | undefined {
  if (typeof value === "number") return parseUnix(value);
  const plain = parseDay(value);
  if (plain !== undefined) return calendar.startOfDay(plain);
  const parts = INSTANT.exec(value);
  if (parts === null) return undefined;
  const [, date = "", hour, minute, second = 0, fraction = "", sign, offsetHour = 0, offsetMinute = 0] = parts;
  const day = parseDay(date);
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const minutes = (day * 24 + Number(hour)) * 60 + Number(minute);
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -1 : 1);
  return ((minutes - offset) * 60 + Number(second)) * 1000 + Number(fraction.slice(0, 3).padEnd(3, "0"));
}

function parseUnix(value: number): number | undefined {
  const seconds = Math.abs(value) < SECONDS_BELOW;
  // In doubles, 1.001 × 1000 is 1000.9999999999999. So digits are cut off the decimal.
  const decimal = parseDecimal(value);
  if (decimal === undefined) return undefined;
  const at = Number((decimal.digits * (seconds ? 1000n : 1n)) / 10n ** BigInt(decimal.scale));
  return Math.abs(at) <= LAST_DATE ? at : undefined;
}

const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?$/;

/** What is wrong with a value that `parseInstant` refuses, and what would be right. Completes the name of the field. */
export function instantProblem(value: string | number): string {
  if (typeof value === "string") {
    if (LOCAL_TIME.test(value)) return `needs a time zone: add Z or an offset such as +01:00${colon(value)}`;
    if (/^-?\d{9,13}$/.test(value)) return "must be a number when it is Unix time: send it without quotes";
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return `must be a day of the calendar${butNot(value)}`;
  }
  const forms = "ISO 8601 with a time zone (2026-02-01T10:00:00Z), a plain date (2026-02-01), or Unix seconds or milliseconds";
  return `must be ${forms}${butNot(value)}`;
}

/** Parses the instant of an entry: not before 1970, and at most 24 hours ahead of the clock. Returns the instant, or what is wrong with the value. */
export function checkInstant(
  value: string | number,
  { calendar, now }: { readonly calendar: Calendar; readonly now: () => number },
): { at: number } | { message: string } {
  const at = parseInstant(value, calendar);
  if (at === undefined) return { message: instantProblem(value) };
  if (at < 0) return { message: `must not be before 1970-01-01T00:00:00Z${colon(value)}` };
  if (at > now() + DAY_MS) return { message: `must not be more than 24 hours ahead of the server's clock${colon(value)}` };
  return { at };
}
