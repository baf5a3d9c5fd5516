// Which whole days, and which parts of days, are in a range of instants? And in which weeks or months are these days?
import { type Calendar, DAY_MS } from "../value/calendar.ts";
import { toIso } from "../value/instant.ts";
import { AFTER_ALL, BEFORE_ALL, type Range } from "./range.ts";

/** A day after all days, for a range without an end. */
const EVER = 1e9;

/**
 * Whole days [firstDay, lastDay], since 1970-01-01 in the workspace's zone, and the parts of days before and after them: instants
 * [headFrom, headTo) and [tailFrom, tailTo), in milliseconds since 1970 UTC. Each of the three can be empty.
 */
export interface Days {
  firstDay: number;
  lastDay: number;
  headFrom: number;
  headTo: number;
  tailFrom: number;
  tailTo: number;
}

/** Splits a range at local midnights. The parts do not overlap, and together they cover the range. */
export function daysOf({ startAt, endAt }: Range, calendar: Calendar): Days {
  const days: Days = { firstDay: -EVER, lastDay: EVER, headFrom: 0, headTo: 0, tailFrom: 0, tailTo: 0 };
  if (startAt !== undefined && startAt > BEFORE_ALL) {
    const day = calendar.dayOf(startAt);
    days.firstDay = calendar.startOfDay(day) === startAt ? day : day + 1;
    if (days.firstDay > day) {
      days.headFrom = startAt;
      days.headTo = Math.min(endAt ?? AFTER_ALL, calendar.startOfDay(day + 1));
    }
  }
  if (endAt !== undefined) {
    const day = calendar.dayOf(endAt);
    const midnight = calendar.startOfDay(day);
    days.lastDay = day - 1;
    const isHead = startAt !== undefined && startAt > midnight; // then the head ends with the range
    if (midnight < endAt && !isHead) {
      days.tailFrom = midnight;
      days.tailTo = endAt;
    }
  }
  return days;
}

/**
 * Whole months [firstMonth, lastMonth], since year 0 in the workspace's zone, with the last day before them and the first day after them.
 * If there is no whole month, `dayBefore` is the last of the days.
 */
export interface Months {
  firstMonth: number;
  lastMonth: number;
  dayBefore: number;
  dayAfter: number;
}

/** Splits whole days into whole months and the days around them. */
export function monthsOf({ firstDay, lastDay }: Days, calendar: Calendar): Months {
  const dayOf = (month: number) => calendar.dayOf(calendar.startOfMonth(month));
  const firstMonth = firstDay === -EVER ? -EVER : calendar.monthOfDay(firstDay - 1) + 1;
  const lastMonth = lastDay === EVER ? EVER : calendar.monthOfDay(lastDay + 1) - 1;
  if (firstMonth > lastMonth) return { firstMonth, lastMonth, dayBefore: lastDay, dayAfter: EVER + 1 };
  return {
    firstMonth,
    lastMonth,
    dayBefore: firstMonth === -EVER ? -EVER - 1 : dayOf(firstMonth) - 1,
    dayAfter: lastMonth === EVER ? EVER + 1 : dayOf(lastMonth + 1),
  };
}

/** A day, week or month: its key in the answer, its instants [startAt, endAt) and its days [firstDay, lastDay]. */
export interface Span {
  key: string;
  startAt: number;
  endAt: number;
  firstDay: number;
  lastDay: number;
}

/** The days, weeks or months from the one with `firstDay` to the one with `lastDay`, ascending. */
export function spansOf(groupBy: "day" | "week" | "month", firstDay: number, lastDay: number, calendar: Calendar): Span[] {
  const spans: Span[] = [];
  if (groupBy === "day") {
    for (let day = firstDay; day <= lastDay; day++)
      spans.push({
        key: toIso(day * DAY_MS).slice(0, 10),
        startAt: calendar.startOfDay(day),
        endAt: calendar.startOfDay(day + 1),
        firstDay: day,
        lastDay: day,
      });
    return spans;
  }
  if (groupBy === "week") {
    for (let monday = calendar.mondayOf(firstDay); monday <= lastDay; monday += 7) {
      const [startAt, endAt] = [calendar.startOfDay(monday), calendar.startOfDay(monday + 7)];
      spans.push({ key: calendar.weekKey(monday), startAt, endAt, firstDay: monday, lastDay: monday + 6 });
    }
    return spans;
  }
  for (let month = calendar.monthOfDay(firstDay); month <= calendar.monthOfDay(lastDay); month++) {
    const [startAt, endAt] = [calendar.startOfMonth(month), calendar.startOfMonth(month + 1)];
    spans.push({ key: calendar.monthKey(month), startAt, endAt, firstDay: calendar.dayOf(startAt), lastDay: calendar.dayOf(endAt) - 1 });
  }
  return spans;
}
