// Which local day, week, month or elapsed period is an instant in? (definitions §2 and §8; all calendar arithmetic is here)
import { type OffsetAt, openOffsets } from "./zone-offset.ts";

/** The milliseconds of 24 hours. A local day may be longer or shorter (definitions §2). */
export const DAY_MS = 86_400_000;

/**
 * The calendar of one time zone. A day is the number of local days since 1970-01-01. A month is year × 12 + month (0–11).
 * Instants (`at`) are milliseconds since 1970 UTC.
 */
export interface Calendar {
  /** The zone's name as Intl writes it (`europe/berlin` becomes `Europe/Berlin`). */
  readonly timezone: string;
  /** The local day of an instant. */
  dayOf(at: number): number;
  /** The local month of an instant. */
  monthOf(at: number): number;
  /** The month of a day. */
  monthOfDay(day: number): number;
  /** The instant of local midnight. If the clocks skip it, it moves forward by the gap; if it occurs twice, it is the first (definitions §2). */
  startOfDay(day: number): number;
  /**
   * The instant of a local date and time of day, which is in milliseconds since 1970-01-01T00:00 local. If the clocks skip it, it moves
   * forward by the gap; if it occurs twice, it is the first.
   */
  instantOf(local: number): number;
  /** The instant at which the first day of a month begins. */
  startOfMonth(month: number): number;
  /** The Monday of the ISO 8601 week of a day, as a day. */
  mondayOf(day: number): number;
  /** The ISO 8601 week of a day, such as `2026-W08`. */
  weekKey(day: number): string;
  /** A month as text, such as `2026-02`. */
  monthKey(month: number): string;
  /**
   * The instant `k` months after `firstAt`, at the same local time of day. In a month that is too short, it is on the last day
   * (definitions §8). It is always counted from `firstAt`, so a short month does not shift the later ones.
   */
  anniversary(firstAt: number, k: number): number;
  /** The whole months from `firstAt` to `at`: the greatest k with `anniversary(firstAt, k) <= at`. 0 or more if `at >= firstAt`. */
  elapsedPeriod(firstAt: number, at: number): number;
}

/**
 * Opens the calendar of a zone (IANA name). It is fast enough to be called for every entry, and keeps at most a few hundred kB.
 *
 * @throws {RangeError} for an unknown zone. Its functions throw it for an instant that a `Date` cannot represent
 */
export function openCalendar(timezone: string): Calendar {
  const offsetAt = openOffsets(timezone);
  const toLocal = (at: number): number => at + offsetAt(at);
  const monthOf = (at: number): number => monthOfDay(Math.floor(toLocal(at) / DAY_MS));
  const startOfDay = (day: number): number => toInstant(day * DAY_MS, offsetAt);
  const anniversary = (firstAt: number, k: number): number => toInstant(addMonths(toLocal(firstAt), k), offsetAt);

  return {
    timezone: new Intl.DateTimeFormat("en-US", { timeZone: timezone }).resolvedOptions().timeZone,
    dayOf: (at) => Math.floor(toLocal(at) / DAY_MS),
    monthOf,
    monthOfDay,
    startOfDay,
    instantOf: (local) => toInstant(local, offsetAt),
    startOfMonth: (month) => startOfDay(firstDayOf(month)),
    mondayOf,
    weekKey,
    monthKey,
    anniversary,
    elapsedPeriod(firstAt, at) {
      const first = toLocal(firstAt);
      const local = toLocal(at);
      // Start one month higher than the difference: when clocks go back, an instant can fall in the month before.
      let k = monthOfDay(Math.floor(local / DAY_MS)) - monthOfDay(Math.floor(first / DAY_MS)) + 1;
      let next = addMonths(first, k);
      // More than two days later in local time is later with any offsets, so they need no look-up.
      while (next > local + 2 * DAY_MS || toInstant(next, offsetAt) > at) next = addMonths(first, --k);
      return k;
    },
  };
}

/** Parses a month such as `2026-02`. Returns its number, or undefined if the text has another form. */
export function parseMonth(text: string): number | undefined {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  return parts === null ? undefined : Number(parts[1]) * 12 + Number(parts[2]) - 1;
}

/** Parses a day such as `2026-02-01`. Returns its number, or undefined if the text has another form or there is no such day. */
export function parseDay(text: string): number | undefined {
  const month = parseMonth(text.slice(0, 7));
  if (month === undefined || !/^-\d{2}$/.test(text.slice(7))) return undefined;
  const date = Number(text.slice(8));
  return date >= 1 && date <= lengthOf(month) ? firstDayOf(month) + date - 1 : undefined;
}

/** The instant of a local time, which is in milliseconds since 1970-01-01T00:00 local. */
function toInstant(local: number, offsetAt: OffsetAt): number {
  // No zone is a day or more from UTC, so these two are on either side of the instant.
  const before = offsetAt(local - DAY_MS);
  const after = offsetAt(local + DAY_MS);
  const early = local - before;
  if (before === after || offsetAt(early) === before) return early;
  const late = local - after;
  // If neither fits, the clocks skip this local time. The offset before the gap then gives an instant that is later by the gap.
  return offsetAt(late) === after ? late : early;
}

/** A local time (milliseconds since 1970-01-01T00:00 local) `k` months later, on the last day of a month that is too short. */
function addMonths(local: number, k: number): number {
  const day = Math.floor(local / DAY_MS);
  const month = monthOfDay(day);
  const date = Math.min(day - firstDayOf(month), lengthOf(month + k) - 1);
  return (firstDayOf(month + k) + date) * DAY_MS + (local - day * DAY_MS);
}

/** The first day of a month of the Gregorian calendar. Years begin in March here, so that the leap day comes last. */
function firstDayOf(month: number): number {
  const shifted = month - 2;
  const year = Math.floor(shifted / 12);
  const leaps = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return year * 365 + leaps + Math.floor(((shifted - year * 12) * 153 + 2) / 5) - 719_468;
}

function lengthOf(month: number): number {
  return firstDayOf(month + 1) - firstDayOf(month);
}

function monthOfDay(day: number): number {
  // An average month is 30.436875 days, so the guess is wrong by one at most.
  const guess = Math.floor((day + 719_528) / 30.436875);
  if (firstDayOf(guess) > day) return guess - 1;
  return firstDayOf(guess + 1) > day ? guess : guess + 1;
}

function mondayOf(day: number): number {
  return Math.floor((day + 3) / 7) * 7 - 3; // 1970-01-01 was a Thursday
}

function weekKey(day: number): string {
  const thursday = mondayOf(day) + 3; // a week belongs to the year of its Thursday
  const year = Math.floor(monthOfDay(thursday) / 12);
  const week = Math.floor((thursday - firstDayOf(year * 12)) / 7) + 1;
  return `${toYear(year)}-W${String(week).padStart(2, "0")}`;
}

function monthKey(month: number): string {
  const year = Math.floor(month / 12);
  return `${toYear(year)}-${String(month - year * 12 + 1).padStart(2, "0")}`;
}

function toYear(year: number): string {
  return String(year).padStart(4, "0");
}
