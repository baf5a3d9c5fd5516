// How much revenue was made in each day, week or month, and how much of it by first sales? From daily totals. (definitions §7)

import type { Context } from "../../context.ts";
import { type Days, daysOf } from "../days.ts";
import { type Analytics, guarded } from "../engine.ts";
import type { UnconvertedRow } from "../figure.ts";
import { AFTER_ALL, BEFORE_ALL, type Range } from "../range.ts";
import type { RevenueAnswer, RevenueQuestion } from "./answer.ts";
import { type DayRow, type ErasedDayRow, openRevenueAnswer, type RevenueSums } from "./from-sums.ts";
import byDaySql from "./revenue-by-day.sql" with { type: "text" };
import erasedSql from "./revenue-erased.sql" with { type: "text" };
import unconvertedSql from "./revenue-unconverted.sql" with { type: "text" };

/** The whole range, and its whole days, as instants. */
type Instants = { startAt: number; endAt: number; wholeFrom: number; wholeTo: number };

/** The instants of a range for revenue-unconverted.sql. */
function instantsOf({ startAt = BEFORE_ALL, endAt = AFTER_ALL }: Range, { headFrom, headTo, tailFrom, tailTo }: Days): Instants {
  return { startAt, endAt, wholeFrom: headFrom < headTo ? headTo : startAt, wholeTo: tailFrom < tailTo ? tailFrom : endAt };
}

/** `Analytics.revenue` of the embedded engine. Prepares its statements at once. */
export function openRevenue(context: Context): Analytics["revenue"] {
  const { sqlite } = context.database;
  const toAnswer = openRevenueAnswer(context);
  const byDay = sqlite.prepare<Days, DayRow>(byDaySql).safeIntegers();
  const unconverted = sqlite.prepare<Days & Instants, UnconvertedRow>(unconvertedSql).safeIntegers();
  const findErased = sqlite.prepare<Pick<Instants, "startAt" | "endAt">, ErasedDayRow>(erasedSql).safeIntegers();

  function readSums(question: RevenueQuestion): RevenueSums {
    const days = daysOf(question, context.calendar);
    const { startAt, endAt, ...whole } = instantsOf(question, days);
    return {
      days: byDay.all(days),
      unconverted: unconverted.all({ ...days, startAt, endAt, ...whole }),
      erased: question.explain ? findErased.all({ startAt, endAt }) : [],
    };
  }

  return guarded(sqlite.transaction((question: RevenueQuestion): RevenueAnswer => toAnswer(question, readSums(question))));
}
