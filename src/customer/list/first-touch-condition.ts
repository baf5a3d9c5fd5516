// Whose first touch is in a week or month? The condition is on days of the workspace's zone, with bounds on instants so that only a part of an index is read.
import { type Calendar, DAY_MS, parseMonth } from "../../value/calendar.ts";
import type { Condition } from "./condition.ts";

/** A first touch on the days [from, to). `cohort`: the same as a month of `ltv_cell AS m`. */
function onDays(name: "week" | "month", from: number, to: number, cohort?: { sql: string; month: number }): Condition {
  return {
    sql: `c.first_touch_day >= :${name}From AND c.first_touch_day < :${name}To AND c.first_touch_at >= :${name}Since AND c.first_touch_at < :${name}Until`,
    values: {
      [`${name}From`]: from,
      [`${name}To`]: to,
      // The same days in UTC, with one more on either side, because no zone differs by more than a day.
      [`${name}Since`]: (from - 1) * DAY_MS,
      [`${name}Until`]: (to + 1) * DAY_MS,
      ...(cohort && { [name]: cohort.month }),
    },
    boundsFirstTouch: true,
    inTotals: { days: name, ...(cohort && { cohort: cohort.sql }) },
  };
}

/** First touch in an ISO week such as 2026-W08; undefined if the year has no such week. */
export function inWeek(key: string, calendar: Calendar): Condition | undefined {
  const [year = 0, week = 0] = key.split("-W").map(Number);
  const january4 = Math.floor(Date.UTC(year, 0, 4) / DAY_MS); // is always in week 1 (ISO 8601)
  const monday = calendar.mondayOf(january4) + (week - 1) * 7;
  return calendar.weekKey(monday) === key ? onDays("week", monday, monday + 7) : undefined;
}

/** First touch in a month such as 2026-02. */
export function inMonth(key: string): Condition {
  const month = parseMonth(key) ?? 0;
  const firstDayOf = (of: number) => Math.floor(Date.UTC(Math.floor(of / 12), of % 12, 1) / DAY_MS);
  return onDays("month", firstDayOf(month), firstDayOf(month + 1), { sql: "m.cohort_month = :month", month });
}
