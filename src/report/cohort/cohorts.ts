// What became of the customers of each week, month, campaign or source? From daily and all-time totals. (definitions §7)

import type { Context } from "../../context.ts";
import { type Days, daysOf, type Months, monthsOf } from "../days.ts";
import { type Analytics, guarded } from "../engine.ts";
import type { UnconvertedRow } from "../figure.ts";
import { AFTER_ALL, BEFORE_ALL } from "../range.ts";
import type { CohortAnswer, CohortQuestion, Grouping } from "./answer.ts";
import byKeySql from "./cohort-by-key.sql" with { type: "text" };
import byKeyInRangeSql from "./cohort-by-key-in-range.sql" with { type: "text" };
import bySpanSql from "./cohort-by-span.sql" with { type: "text" };
import erasedSql from "./cohort-erased.sql" with { type: "text" };
import totalsSql from "./cohort-totals.sql" with { type: "text" };
import unconvertedSql from "./cohort-unconverted.sql" with { type: "text" };
import {
  type CohortSums,
  cohortSpans,
  type ErasedRow,
  isSpan,
  type KeyRow,
  openCohortAnswer,
  type SpanRow,
  type TotalsRow,
} from "./from-sums.ts";

type KeyLimit = { grouping: Grouping; limit: number };

/** `Analytics.cohorts` of the embedded engine. Prepares its statements at once. */
export function openCohorts(context: Context): Analytics["cohorts"] {
  const { calendar } = context;
  const { sqlite } = context.database;
  const toAnswer = openCohortAnswer(context);
  const totals = sqlite.prepare<Days, TotalsRow>(totalsSql).safeIntegers();
  const bySpan = sqlite.prepare<Days & { spans: string }, SpanRow>(bySpanSql).safeIntegers();
  const byKey = sqlite.prepare<KeyLimit, KeyRow>(byKeySql).safeIntegers();
  const byKeyInRange = sqlite.prepare<KeyLimit & Days & Months, KeyRow>(byKeyInRangeSql).safeIntegers();
  const unconverted = sqlite.prepare<Days, UnconvertedRow>(unconvertedSql).safeIntegers();
  const findErased = sqlite.prepare<{ grouping: Grouping; startAt: number; endAt: number }, ErasedRow>(erasedSql).safeIntegers();

  function keyRows({ groupBy, startAt, endAt, limit }: CohortQuestion, days: Days): KeyRow[] {
    const allTime = startAt === undefined && endAt === undefined;
    const asked = { grouping: groupBy, limit };
    return allTime ? byKey.all(asked) : byKeyInRange.all({ ...asked, ...days, ...monthsOf(days, calendar) });
  }

  function readSums(question: CohortQuestion): CohortSums {
    const { groupBy, startAt = BEFORE_ALL, endAt = AFTER_ALL, explain } = question;
    const days = daysOf(question, calendar);
    const total = totals.get(days);
    if (!total) throw new RangeError("The query of the totals gave no row");
    const spans = cohortSpans(groupBy, total, calendar);
    return {
      total,
      keys: isSpan(groupBy) ? [] : keyRows(question, days),
      spans: spans.length === 0 ? [] : bySpan.all({ spans: JSON.stringify(spans.map((span) => [span.firstDay, span.lastDay])), ...days }),
      unconverted: unconverted.all(days),
      erased: explain ? findErased.all({ grouping: groupBy, startAt, endAt }) : [],
    };
  }

  return guarded(sqlite.transaction((question: CohortQuestion): CohortAnswer => toAnswer(question, readSums(question))));
}
