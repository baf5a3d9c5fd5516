// GET /customers/cohorts: what became of the customers of each week, month, campaign or source?
// Answered by cohorts.ts and its cohort-….sql.
import { Type } from "@sinclair/typebox";
import type { Endpoint } from "../../http/endpoint.ts";
import { OneOf, Whole } from "../../http/wire.ts";
import type { Reporting } from "../engine.ts";
import { ExplainQuery } from "../explain.ts";
import { keptReport } from "../kept-report.ts";
import { RangeQuery, readRange } from "../range.ts";
import { CohortAnswer, GROUPINGS } from "./answer.ts";
import { toCohortTable } from "./table.ts";

const FIGURES = {
  customers: 120,
  leads: 80,
  payingCustomers: 31,
  conversionRate: 0.2583,
  sales: 44,
  grossRevenue: 4310.5,
  refunds: 99,
  revenue: 4211.5,
  averageOrderValue: 97.97,
  ltv: 35.1,
  revenuePerPayingCustomer: 135.85,
  repeatCustomers: 9,
  repeatRate: 0.2903,
};

const EXAMPLE = {
  groupBy: "month",
  start: null,
  end: null,
  timezone: "UTC",
  currency: "USD",
  unconverted: [],
  cohorts: [{ cohort: "2026-01", start: "2026-01-01T00:00:00.000Z", end: "2026-02-01T00:00:00.000Z", ...FIGURES }],
  totals: FIGURES,
};

/** The endpoint of the report of cohorts. */
export function cohortEndpoints(reporting: Reporting): Endpoint[] {
  const { analytics, calendar } = reporting;
  return [
    keptReport(reporting, {
      path: "/customers/cohorts",
      tool: "get_cohorts",
      scope: "links:read",
      summary: "Compare customers by the week, month, campaign or source of their first touch",
      description:
        "The first touch puts each customer into exactly one cohort, with all of their revenue to date (definitions §6, §7). " +
        "`start` and `end` select customers by the time of their first touch. `totals` covers all rows, including those beyond `limit`.",
      query: Type.Object({
        group_by: OneOf(GROUPINGS, { default: "week", description: "What to group customers by (definitions §7)." }),
        ...RangeQuery,
        limit: Whole(1, 10_000, {
          default: 1000,
          description:
            "The maximum number of campaigns or sources; `more` says how many it leaves out. Weeks and months are never cut off.",
        }),
        ...ExplainQuery,
      }),
      answer: CohortAnswer,
      example: { data: EXAMPLE },
      refine: ({ query }) => readRange(query, calendar),
      compute: ({ query, parsed: range }) =>
        analytics.cohorts({ groupBy: query.group_by, limit: query.limit, explain: query.explain, ...range }),
      toTable: toCohortTable,
    }),
  ];
}
