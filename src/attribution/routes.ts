// GET /customers/:id/attribution: which clicks earned this customer's revenue?
import { Type } from "@sinclair/typebox";
import type { Analytics } from "../analytics.ts";
import type { Context } from "../context.ts";
import { requireCustomer } from "../customer/find-customer.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import type { Detail } from "../errors.ts";
import { ExplainQuery } from "../explain.ts";
import { parseCustomerId, parseEntryId } from "../id.ts";
import { OneOf, success, Whole } from "../wire.ts";
import { AttributionAnswer } from "./answer.ts";
import { openAttribution } from "./attribution.ts";
import { MODELS } from "./model.ts";

const TOUCH = {
  clickId: "abc123",
  timestamp: "2026-01-03T09:00:00.000Z",
  link: "https://go.example.com/spring",
  campaign: "spring",
  source: "google",
  medium: "cpc",
};
const CREDIT = { clicks: 1, firstAt: TOUCH.timestamp, lastAt: TOUCH.timestamp, sales: 1, revenue: 99.99 };

const EXAMPLE = {
  customerId: "cus_0000000001",
  model: "last",
  windowDays: 30,
  currency: "USD",
  revenue: 99.99,
  unconverted: [],
  firstTouch: TOUCH,
  lastTouch: TOUCH,
  clicks: 1,
  links: [{ key: TOUCH.link, ...CREDIT }],
  campaigns: [{ key: TOUCH.campaign, ...CREDIT }],
  sources: [{ key: TOUCH.source, ...CREDIT }],
};

/** What is wrong with a cursor: it leads through the sales that are explained. */
function cursorProblems({ explain, cursor }: { explain?: boolean; cursor?: string }): Detail[] {
  if (cursor === undefined) return [];
  if (explain === false) return [{ path: "cursor", message: "must be given with explain=true alone" }];
  return parseEntryId(cursor) === undefined ? [{ path: "cursor", message: "must be the nextCursor of an explained attribution" }] : [];
}

export function attributionEndpoints(context: Context, attribution: Analytics["attribution"] = openAttribution(context)): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/customers/:id/attribution",
      scope: "links:read",
      revenue: true,
      tag: "Reports",
      summary: "Share one customer's revenue among their clicks",
      description:
        "Each counted sale looks back over its window for the customer's clicks; its net value is shared among them under the model, exact to the minor unit. " +
        "Each of the three lists adds up to the customer's revenue and counted sales (definitions §9).",
      query: Type.Object({
        model: OneOf(MODELS, { default: "last", description: "How a sale's credit is shared among its touches (definitions §9)." }),
        window_days: Type.Optional(
          Whole(1, 365, { description: "How far a sale looks back, in days of 24 hours. Absent: the workspace's setting, 30 unless set." }),
        ),
        ...ExplainQuery,
        cursor: Type.Optional(
          Type.String({ maxLength: 64, description: "With `explain=true`: `explain.nextCursor` of the page of sales before." }),
        ),
      }),
      answers: { 200: success(AttributionAnswer) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR", "SERVICE_UNAVAILABLE"],
      examples: { query: { model: "linear" }, answer: { success: true, data: EXAMPLE } },
      refine: ({ query }) => cursorProblems(query),
      handle({ params: { id = "" }, query, request }) {
        const about = { known: parseCustomerId(id), require: () => requireCustomer(context, id).id };
        return context.snapshots.answerAbout("attribution", request, about, (customerId) =>
          attribution({
            customerId,
            model: query.model,
            windowDays: query.window_days ?? context.config.attributionWindowDays,
            explain: query.explain,
            cursor: query.cursor,
          }),
        );
      },
    }),
  ];
}
