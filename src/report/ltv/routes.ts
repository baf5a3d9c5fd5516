// GET /customers/ltv-cohorts: how does each acquisition month's revenue grow?
import { Type } from "@sinclair/typebox";
import { type Endpoint, endpoint } from "../../http/endpoint.ts";
import { OneOf, success, Whole } from "../../http/wire.ts";
import { parseMonth } from "../../value/calendar.ts";
import { type Detail, invalid } from "../../value/error.ts";
import type { Reporting } from "../engine.ts";
import { ExplainQuery } from "../explain.ts";
import { LtvAnswer, PERIODS } from "./answer.ts";

/** January of the year 100: before it, months have no four-digit key that can be counted back from. */
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

function endProblems(end: string | undefined): Detail[] {
  return end === undefined || (parseMonth(end) ?? 0) >= FIRST_END ? [] : [{ path: "end", message: "must be a month such as 2026-02" }];
}

function readEnd(end: string | undefined): number | undefined {
  const details = endProblems(end);
  if (details.length > 0) throw invalid(details);
  return end === undefined ? undefined : parseMonth(end);
}

export function ltvEndpoints({ analytics, snapshots }: Reporting): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/customers/ltv-cohorts",
      scope: "analytics:read",
      revenue: true,
      tag: "Reports",
      summary: "Follow the lifetime value of each month's new customers over time",
      description:
        "Has one row for each month of first touch and one cell for each period (definitions §8). N never shrinks and includes customers who never bought. " +
        "Cells that lie ahead are `future` and null, never 0.",
      query: Type.Object({
        months: Whole(1, 24, {
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
      cached: true,
      answers: { 200: success(LtvAnswer) },
      errors: ["ANALYTICS_ERROR", "SERVICE_UNAVAILABLE"],
      examples: { answer: { success: true, data: EXAMPLE } },
      refine: ({ query }) => endProblems(query.end),
      handle: ({ query, request }) =>
        snapshots.answer("/customers/ltv-cohorts", request, () =>
          analytics.ltvCohorts({ months: query.months, period: query.period, explain: query.explain, endMonth: readEnd(query.end) }),
        ),
    }),
  ];
}
