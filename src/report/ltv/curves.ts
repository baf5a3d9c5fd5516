// How does each acquisition month's revenue grow, period by period? From cells of cohort month × month × period. (definitions §8)

import type { Context } from "../../context.ts";
import { type Analytics, guarded } from "../engine.ts";
import type { UnconvertedRow } from "../figure.ts";
import type { LtvAnswer, LtvQuestion } from "./answer.ts";
import type { ErasedRow } from "./explain.ts";
import { type CurveRow, type LtvRange, ltvRange, type Months, openLtvAnswer } from "./from-sums.ts";
import curvesSql from "./ltv-curves.sql" with { type: "text" };
import erasedSql from "./ltv-erased.sql" with { type: "text" };
import unconvertedSql from "./ltv-unconverted.sql" with { type: "text" };

/** `Analytics.ltvCohorts` of the embedded engine. Prepares its statements at once. */
export function openCurves(context: Context): Analytics["ltvCohorts"] {
  const { calendar, now } = context;
  const { sqlite } = context.database;
  const toAnswer = openLtvAnswer(context);
  const curves = sqlite.prepare<Months, CurveRow>(curvesSql).safeIntegers();
  const unconverted = sqlite.prepare<LtvRange, UnconvertedRow>(unconvertedSql).safeIntegers();
  const findErased = sqlite.prepare<Months, ErasedRow>(erasedSql).safeIntegers();

  const read = sqlite.transaction((question: LtvQuestion, at: number): LtvAnswer => {
    const range = ltvRange(question, at, calendar);
    return toAnswer(question, at, {
      rows: curves.all(range),
      unconverted: unconverted.all(range),
      erased: question.explain ? findErased.all(range) : [],
    });
  });

  return guarded((question) => read(question, now()));
}
