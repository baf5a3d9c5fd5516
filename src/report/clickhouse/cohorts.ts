// What became of the customers of each week, month, campaign or source? Added up by ClickHouse. (definitions §7)
import type { Context } from "../../context.ts";
import type { CohortAnswer, CohortQuestion } from "../cohort/answer.ts";
import type { FigureRow } from "../cohort/explain.ts";
import { sumOf } from "../cohort/explain.ts";
import { cohortSpans, type ErasedRow, isSpan, type KeyRow, openCohortAnswer, type SpanRow, type TotalsRow } from "../cohort/from-sums.ts";
import { daysOf, type Span } from "../days.ts";
import type { UnconvertedRow } from "../figure.ts";
import byDaySql from "./clickhouse-cohort-by-day.sql" with { type: "text" };
import byKeySql from "./clickhouse-cohort-by-key.sql" with { type: "text" };
import erasedSql from "./clickhouse-cohort-erased.sql" with { type: "text" };
import totalsSql from "./clickhouse-cohort-totals.sql" with { type: "text" };
import unconvertedSql from "./clickhouse-cohort-unconverted.sql" with { type: "text" };
import type { Shipping } from "./shipping.ts";

type DayRow = FigureRow & { day: bigint };
type ErasedDayRow = FigureRow & { text: string; day: bigint };

/** A month after all months. */
export const EVERY_MONTH = 1_000_000_000;

/** The sums of spans from those of days, both ascending. */
function toSpanRows(spans: readonly Span[], days: readonly DayRow[]): SpanRow[] {
  return spans.map(({ firstDay, lastDay }, place) => ({
    place: BigInt(place),
    ...sumOf(days.filter(({ day }) => firstDay <= Number(day) && Number(day) <= lastDay)),
  }));
}

/** `Analytics.cohorts` by ClickHouse. */
export function openClickHouseCohorts(context: Context, shipping: Shipping): (question: CohortQuestion) => Promise<CohortAnswer> {
  const { calendar } = context;
  const toAnswer = openCohortAnswer(context);
  return async (question) => {
    const { groupBy, limit, explain } = question;
    return shipping.read(async (clickhouse, base) => {
      const range = { ...daysOf(question, calendar), base };
      const [[total], unconverted, keys, days, erased] = await Promise.all([
        clickhouse.select<TotalsRow>(totalsSql, range),
        clickhouse.select<UnconvertedRow>(unconvertedSql, { ...range, lastMonth: EVERY_MONTH }),
        isSpan(groupBy) ? [] : clickhouse.select<KeyRow>(byKeySql, { ...range, grouping: groupBy, limit }),
        isSpan(groupBy) ? clickhouse.select<DayRow>(byDaySql, range) : [],
        explain ? clickhouse.select<ErasedDayRow>(erasedSql, { ...range, grouping: groupBy }) : [],
      ]);
      if (!total) throw new RangeError("The query of the totals gave no row");
      const spans = toSpanRows(cohortSpans(groupBy, total, calendar), days);
      const toErased = ({ text, day, ...figures }: ErasedDayRow): ErasedRow => ({ key: isSpan(groupBy) ? day : text, ...figures });
      return toAnswer(question, { total, keys, spans, unconverted, erased: erased.map(toErased) });
    });
  };
}
