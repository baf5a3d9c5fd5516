// How much revenue was made in each day, week or month? Added up by ClickHouse, for ranges of whole days. (definitions §7)
import type { Context } from "../../context.ts";
import { daysOf } from "../days.ts";
import type { UnconvertedRow } from "../figure.ts";
import { AFTER_ALL, BEFORE_ALL } from "../range.ts";
import type { RevenueAnswer, RevenueQuestion } from "../revenue/answer.ts";
import { type DayRow, type ErasedDayRow, NOTHING, openRevenueAnswer } from "../revenue/from-sums.ts";
import cellsSql from "./clickhouse-revenue-cells.sql" with { type: "text" };
import erasedSql from "./clickhouse-revenue-erased.sql" with { type: "text" };
import touchesSql from "./clickhouse-revenue-touches.sql" with { type: "text" };
import unconvertedSql from "./clickhouse-revenue-unconverted.sql" with { type: "text" };
import type { Shipping } from "./shipping.ts";

type Part = Pick<DayRow, "day"> & Partial<DayRow>;

/** `Analytics.revenue` by ClickHouse. The question's range must not begin or end within a day. */
export function openClickHouseRevenue(context: Context, shipping: Shipping): (question: RevenueQuestion) => Promise<RevenueAnswer> {
  const toAnswer = openRevenueAnswer(context);
  return async (question) => {
    const { startAt = BEFORE_ALL, endAt = AFTER_ALL } = question;
    return shipping.read(async (clickhouse, base) => {
      const { firstDay, lastDay } = daysOf(question, context.calendar);
      const range = { firstDay, lastDay, base };
      const [touches, cells, unconverted, erased] = await Promise.all([
        clickhouse.select<Part>(touchesSql, range),
        clickhouse.select<Part>(cellsSql, range),
        clickhouse.select<UnconvertedRow>(unconvertedSql, range),
        question.explain ? clickhouse.select<ErasedDayRow>(erasedSql, { startAt, endAt, base }) : [],
      ]);
      const days = [...touches, ...cells].map((part): DayRow => ({ ...NOTHING, ...part }));
      return toAnswer(question, { days, unconverted, erased });
    });
  };
}
