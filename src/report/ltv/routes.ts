// GET /customers/ltv-cohorts: how does each acquisition month's revenue grow?
// Answered by curves.ts and ltv-curves.sql.
import { Type } from "@sinclair/typebox";
import type { Endpoint } from "../../http/endpoint.ts";
import { type Refined, wrong } from "../../http/refined.ts";
import { OneOf, Whole } from "../../http/wire.ts";
import { parseMonth } from "../../value/calendar.ts";
import type { Reporting } from "../engine.ts";
import { ExplainQuery } from "../explain.ts";
import { keptReport } from "../kept-report.ts";
import { LtvAnswer, PERIODS } from "./answer.ts";
import { toLtvTable } from "./table.ts";

/** January of the year 100, in months since year 0. It is late enough that counting 60 months back never gives a negative year. */
const FIRST_END = 1200;

const EXAMPLE = {
  months: 1,
  end: "2026-01",
  period: "calendar",
  timezone: "UTC",
  currency: "USD",
  unconverted: [],
  cohorts: [
    {
      cohort: "2026-01",
      customers: 120,
      periods: [
        {
          period: 0,
          revenue: 900,
          cumulativeRevenue: 900,
          ltv: 7.5,
          activeCustomers: 21,
          retention: 0.175,
          payingCustomers: 21,
          status: "complete",
        },
      ],
    },
  ],
  average: [{ period: 0, ltv: 7.5, cohorts: 1, customers: 120 }],
};

/** The last acquisition month, as months since year 0. */
function readEnd(end: string | undefined): Refined<number | undefined> {
  if (end === undefined) return { value: undefined };
  const month = parseMonth(end) ?? 0;
  return month >= FIRST_END ? { value: month } : wrong("end", "must be a month such as 2026-02");
}

/** The endpoint of the LTV curves. */
export function ltvEndpoints(reporting: Reporting): Endpoint[] {
  const { analytics } = reporting;
  return [
    keptReport(reporting, {
      path: "/customers/ltv-cohorts",
      tool: "get_ltv_curves",
      scope: "analytics:read",
      summary: "Follow the lifetime value of each month's new customers over time",
      description:
        "Has one row for each month of first touch and one cell for each period (definitions §8). N never shrinks and includes customers who never bought. " +
        "Cells that lie ahead are `future` and null, never 0.",
      query: Type.Object({
        months: Whole(1, 60, {
          default: 12,
          description: "How many acquisition months to show, up to `end`. Each has the same number of periods.",
        }),
        end: Type.Optional(
          Type.String({
            title: "month, YYYY-MM",
            pattern: "^\\d{4}-(0[1-9]|1[0-2])$",
            description:
              "The last acquisition month, such as `2026-02`. It may be in the future, and the default is the current month. Nothing after this month is counted.",
          }),
        ),
        period: OneOf(PERIODS, {
          default: "calendar",
          description: "Whether periods are calendar months, or months since each member's own first touch (definitions §8).",
        }),
        ...ExplainQuery,
      }),
      answer: LtvAnswer,
      example: { data: EXAMPLE },
      refine: ({ query }) => readEnd(query.end),
      compute: ({ query, parsed: endMonth }) =>
        analytics.ltvCohorts({ months: query.months, period: query.period, explain: query.explain, endMonth }),
      toTable: toLtvTable,
    }),
  ];
}
