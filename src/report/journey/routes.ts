// GET /customers/:id/journey: what did this customer do, in order?
// Answered by journey.ts and its journey-….sql.
import { Type } from "@sinclair/typebox";
import type { Endpoint } from "../../http/endpoint.ts";
import { combine, type Refined, wrong } from "../../http/refined.ts";
import { Flag, Whole } from "../../http/wire.ts";
import type { LogPlace } from "../../value/log-order.ts";
import type { Reporting } from "../engine.ts";
import { keptReport } from "../kept-report.ts";
import { RangeQuery, readRange } from "../range.ts";
import { JourneyAnswer } from "./answer.ts";
import { parseCursor } from "./cursor.ts";
import { toJourneyTable } from "./table.ts";

const EXAMPLE = {
  customerId: "cus_0000000001",
  summary: {
    clicks: 1,
    leads: 0,
    sales: 1,
    customs: 0,
    refundCount: 0,
    grossRevenue: 99.99,
    refunds: 0,
    revenue: 99.99,
    firstTouchAt: "2026-01-03T09:00:00.000Z",
    firstLeadAt: null,
    firstSaleAt: "2026-01-09T15:00:00.000Z",
    lastSeenAt: "2026-01-09T15:00:00.000Z",
    daysToFirstSale: 6.25,
    touchesBeforeFirstSale: 1,
    sources: ["google"],
    campaigns: ["spring"],
    unconverted: [],
  },
  entries: [
    {
      id: "ent_0000000001",
      type: "click",
      event: null,
      timestamp: "2026-01-03T09:00:00.000Z",
      clickId: "abc123",
      link: "https://go.example.com/spring",
      campaign: "spring",
      source: "google",
      medium: "cpc",
      url: null,
      referrer: null,
      eventId: null,
      orderId: null,
      value: null,
      currency: null,
      status: null,
      metadata: null,
    },
  ],
  nextCursor: null,
};

/** The place in log order after which a page begins. Undefined: at the beginning. */
function readCursor(text: string | undefined): Refined<LogPlace | undefined> {
  const place = text === undefined ? undefined : parseCursor(text);
  return text !== undefined && !place ? wrong("cursor", "must be the nextCursor of an answer") : { value: place };
}

/** The endpoint of a customer's journey. */
export function journeyEndpoints(reporting: Reporting): Endpoint[] {
  const { analytics, calendar, config } = reporting;
  return [
    keptReport(reporting, {
      path: "/customers/:id/journey",
      tool: "get_journey",
      scope: "links:read",
      summary: "List one customer's clicks, conversions and refunds",
      description:
        "Entries are in log order (definitions §1). The summary covers only the entries between `start` and `end`, but all of them, whatever `limit` and `cursor` are. " +
        "With `summary=true` the entries and `nextCursor` are left out.",
      query: Type.Object({
        summary: Flag({ default: false, description: "Returns the summary without the entries." }),
        ...RangeQuery,
        limit: Whole(1, 1000, {
          default: 100,
          description: "The maximum number of entries on a page. One with very long texts (2,000,000 characters) ends earlier.",
        }),
        cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: "The `nextCursor` of the previous page." })),
      }),
      answer: JourneyAnswer,
      example: { query: { limit: 100 }, data: EXAMPLE },
      refine: ({ query }) => combine({ range: readRange(query, calendar), after: readCursor(query.cursor) }),
      compute: ({ query, parsed: { range, after }, customerId }) =>
        analytics.journey({ customerId, ...range, summaryOnly: query.summary, limit: query.limit, after }),
      toTable: (data) => toJourneyTable(data, config.currency),
    }),
  ];
}
