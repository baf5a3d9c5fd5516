// GET /customers/:id/journey: what did this customer do, in order?
import { Type } from "@sinclair/typebox";
import { requireCustomer } from "../../customer/find-customer.ts";
import { type Endpoint, endpoint } from "../../http/endpoint.ts";
import { Flag, success, Whole } from "../../http/wire.ts";
import { type Detail, invalid } from "../../value/error.ts";
import { parseCustomerId } from "../../value/id.ts";
import type { LogPlace } from "../../value/log-order.ts";
import type { Reporting } from "../engine.ts";
import { RangeQuery, rangeProblems, readRange } from "../range.ts";
import { JourneyAnswer } from "./answer.ts";
import { parseCursor } from "./cursor.ts";

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

function cursorProblems(text: string | undefined): Detail[] {
  return text === undefined || parseCursor(text) ? [] : [{ path: "cursor", message: "must be the nextCursor of an answer" }];
}

function readCursor(text: string | undefined): LogPlace | undefined {
  const details = cursorProblems(text);
  if (details.length > 0) throw invalid(details);
  return text === undefined ? undefined : parseCursor(text);
}

export function journeyEndpoints(reporting: Reporting): Endpoint[] {
  const { analytics, snapshots, calendar } = reporting;
  return [
    endpoint({
      method: "GET",
      path: "/customers/:id/journey",
      scope: "links:read",
      revenue: true,
      tag: "Reports",
      summary: "List one customer's clicks, conversions and refunds",
      description:
        "Entries are in log order (definitions §1). The summary covers only the entries between `start` and `end`, but all of them, whatever `limit` and `cursor` are. " +
        "With `summary=true` the entries and `nextCursor` are left out.",
      query: Type.Object({
        summary: Flag({ default: false, description: "Returns the summary without the entries." }),
        ...RangeQuery,
        limit: Whole(1, 1000, { default: 100, description: "The maximum number of entries on a page." }),
        cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: "The `nextCursor` of the previous page." })),
      }),
      cached: true,
      answers: { 200: success(JourneyAnswer) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR", "SERVICE_UNAVAILABLE"],
      examples: { query: { limit: 100 }, answer: { success: true, data: EXAMPLE } },
      refine: ({ query }) => [...rangeProblems(query, calendar), ...cursorProblems(query.cursor)],
      handle({ params: { id = "" }, query, request }) {
        const about = { known: parseCustomerId(id), require: () => requireCustomer(reporting, id).id };
        // Input is judged before existence.
        const [range, after] = [readRange(query, calendar), readCursor(query.cursor)];
        return snapshots.answerAbout("/customers/:id/journey", request, about, (customerId) =>
          analytics.journey({ customerId, ...range, summaryOnly: query.summary, limit: query.limit, after }),
        );
      },
    }),
  ];
}
