// Which whole days, and which parts of days, does a range of instants take in? And which weeks or months do days make up?
import type { Calendar } from "../../value/calendar.ts";
import { AFTER_ALL, BEFORE_ALL, type Range } from "../range.ts";

/** Days beyond all days, for a range without an end. */
const EVER = 1e9;

/** Whole local days [firstDay, lastDay], and two stretches of instants within a day, half-open and perhaps empty. */
export interface Days {
  firstDay: number;
  lastDay: number;
  headFrom: number;
  headTo: number;
  tailFrom: number;
  tailTo: number;
}

/** Splits a range at local midnights. The parts do not overlap, and together they are the range. */
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

/** Whole local months [firstMonth, lastMonth], with the last whole day before them and the first after; without any, `dayBefore` is the last of all. */
export interface Months {
  firstMonth: number;
  lastMonth: number;
  dayBefore: number;
  dayAfter: number;
}

/** The whole months among whole days. */
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

export interface Span {
  key: string;
  startAt: number;
  endAt: number;
  firstDay: number;
  lastDay: number;
}

/** The weeks or months from that of one day to that of another, ascending. */
export function spansOf(groupBy: "week" | "month", firstDay: number, lastDay: number, calendar: Calendar): Span[] {
  const spans: Span[] = [];
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
