// On which day is a sale credited? From local midnight to local midnight, as ranges of reports are.
import type { Calendar } from "../value/calendar.ts";

/**
 * Gives the day of an instant: that of the last midnight not after it. It is `calendar.dayOf` but where clocks go back over midnight. There,
 * the end of a day is lived twice, and the second time belongs to the next day, so that days only grow.
 */
export function openCreditDays(calendar: Calendar): (at: number) => number {
  let day = 0;
  let [startAt, endAt] = [0, 0]; // of that day
  return (at) => {
    if (at >= startAt && at < endAt) return day;
    day = calendar.dayOf(at);
    endAt = calendar.startOfDay(day + 1);
    if (endAt <= at) endAt = calendar.startOfDay(++day + 1);
    startAt = calendar.startOfDay(day);
    return day;
  };
}
