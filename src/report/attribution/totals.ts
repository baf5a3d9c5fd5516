// Which sources, campaigns or links earned the revenue of all customers? From totals if they fit the question, else from all activities. (definitions §9)

import { type Days, daysOf } from "../days.ts";
import { type Analytics, guarded, type TotalsReading } from "../engine.ts";
import type { UnconvertedRow } from "../figure.ts";
import { modelsOf, openTotalsAnswer } from "./from-sums.ts";
import { openKeptTotals } from "./kept-totals.ts";
import type { TotalsAnswer, TotalsQuestion } from "./totals-answer.ts";
import unconvertedSql from "./totals-unconverted.sql" with { type: "text" };
import { openWalk } from "./walk.ts";

/** `Analytics.attributionTotals` of the embedded engine. Prepares its statements at once. */
export function openTotals(context: TotalsReading): Analytics["attributionTotals"] {
  const findUnconverted = context.database.sqlite.prepare<Days, UnconvertedRow>(unconvertedSql).safeIntegers();
  const keptTotals = openKeptTotals(context);
  const walk = openWalk(context);
  const toAnswer = openTotalsAnswer(context);

  async function compute(question: TotalsQuestion): Promise<TotalsAnswer> {
    const models = modelsOf(question);
    const tally = keptTotals(question, models) ?? (await walk(question, models));
    const unconverted = findUnconverted.all(daysOf(question, context.calendar)); // before others get their turn
    return toAnswer(question, tally, unconverted);
  }

  // A question that is being answered is not computed a second time, for example when the first caller has given up and asks again.
  const inProgress = new Map<string, Promise<TotalsAnswer>>();
  return guarded((question: TotalsQuestion) => {
    const key = JSON.stringify(question);
    const running = inProgress.get(key);
    if (running) return running;
    const answer = compute(question).finally(() => inProgress.delete(key));
    inProgress.set(key, answer);
    return answer;
  });
}
