// Which functions may SQL call? The calendar's arithmetic, and case folding.
import type { SqlFunctions } from "../../db/connection.ts";
import type { Calendar } from "../value/calendar.ts";
import { fold } from "./profile.ts";

/** The functions that SQL may call: the arithmetic of `calendar`, and case folding. */
export function sqlFunctions(calendar: Calendar): SqlFunctions {
  return {
    local_day: (at: number | null) => (at === null ? null : calendar.dayOf(at)),
    local_month: (at: number | null) => (at === null ? null : calendar.monthOf(at)),
    month_of_day: (day: number | null) => (day === null ? null : calendar.monthOfDay(day)),
    elapsed_period: (firstAt: number, at: number) => calendar.elapsedPeriod(firstAt, at),
    fold,
  };
}
