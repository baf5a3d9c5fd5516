// GET /customers/revenue: how much revenue was made in each day, week or month?
// Answered by revenue.ts and its revenue-….sql.
import { Type } from "@sinclair/typebox";
import type { Endpoint } from "../../http/endpoint.ts";
import { OneOf } from "../../http/wire.ts";
import type { Reporting } from "../engine.ts";
import { ExplainQuery } from "../explain.ts";
import { keptReport } from "../kept-report.ts";
import { RangeQuery, readRange } from "../range.ts";
import { RevenueAnswer, SPANS } from "./answer.ts";
import { toRevenueTable } from "./table.ts";

const FIGURES = {
  newCustomers: 120,
  newPayingCustomers: 31,
  sales: 44,
  grossRevenue: 4310.5,
  refunds: 99,
  revenue: 4211.5,
  firstSaleRevenue: 3100,
  repeatRevenue: 1210.5,
  averageOrderValue: 97.97,
};

const EXAMPLE = {
  groupBy: "month",
  start: null,
  end: null,
  timezone: "UTC",
  currency: "USD",
  unconverted: [],
  periods: [{ period: "2026-01", start: "2026-01-01T00:00:00.000Z", end: "2026-02-01T00:00:00.000Z", ...FIGURES }],
  totals: FIGURES,
};

/** The endpoint of the report of revenue over time. */
export function revenueEndpoints(reporting: Reporting): Endpoint[] {
  const { analytics, calendar } = reporting;
  return [
    keptReport(reporting, {
      path: "/customers/revenue",
      tool: "get_revenue",
      scope: "analytics:read",
      summary: "Follow revenue, new customers and first sales over time",
      description:
        "Each figure is in the day, week or month in which it happened (definitions §7). Cohorts tell the same revenue by the first touch of its customers; " +
        "over all time, both add up to the same totals. An answer has at most 1,100 periods; a longer one is refused.",
      query: Type.Object({
        group_by: OneOf(SPANS, { default: "month", description: "The length of a period (definitions §2, §7)." }),
        ...RangeQuery,
        ...ExplainQuery,
      }),
      answer: RevenueAnswer,
      example: { data: EXAMPLE },
      refine: ({ query }) => readRange(query, calendar),
      compute: ({ query, parsed: range }) => analytics.revenue({ groupBy: query.group_by, explain: query.explain, ...range }),
      toTable: toRevenueTable,
    }),
  ];
}
