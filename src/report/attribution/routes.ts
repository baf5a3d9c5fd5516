// GET /customers/:id/attribution and GET /customers/attribution: which clicks earned one customer's revenue, or that of all customers?
// Answered by attribution.ts (one customer) and totals.ts (all), and their SQL.
import { Type } from "@sinclair/typebox";
import { MODELS, type Model } from "../../credit/model.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import { combine, type Refined, wrong } from "../../http/refined.ts";
import { OneOf, Whole } from "../../http/wire.ts";
import { parseEntryId } from "../../value/id.ts";
import type { Reporting } from "../engine.ts";
import { ExplainQuery } from "../explain.ts";
import { keptReport } from "../kept-report.ts";
import { RangeQuery, readRange } from "../range.ts";
import { AttributionAnswer } from "./answer.ts";
import { toAttributionTable, toTotalsTable } from "./table.ts";
import { KEYS, TotalsAnswer } from "./totals-answer.ts";

const WindowDays = Type.Optional(
  Whole(1, 365, {
    description:
      "How many days of 24 hours a sale looks back for touches. The default is the setting ATTRIBUTION_WINDOW_DAYS, which is 30 unless changed.",
  }),
);

const TOUCH = {
  type: "click",
  clickId: "abc123",
  timestamp: "2026-01-03T09:00:00.000Z",
  link: "https://go.example.com/spring",
  campaign: "spring",
  source: "google",
  medium: "cpc",
};
const CREDIT = { touches: 1, clicks: 1, firstAt: TOUCH.timestamp, lastAt: TOUCH.timestamp, sales: 1, revenue: 99.99 };

const EXAMPLE = {
  customerId: "cus_0000000001",
  model: "last",
  windowDays: 30,
  currency: "USD",
  revenue: 99.99,
  unconverted: [],
  firstTouch: TOUCH,
  lastTouch: TOUCH,
  touches: 1,
  clicks: 1,
  links: [{ key: TOUCH.link, ...CREDIT }],
  campaigns: [{ key: TOUCH.campaign, ...CREDIT }],
  sources: [{ key: TOUCH.source, ...CREDIT }],
};

/** The cursor of the explained sales. It is refused without `explain=true`. */
function readCursor({ explain, cursor }: { explain?: boolean; cursor?: string }): Refined<string | undefined> {
  if (cursor === undefined) return { value: undefined };
  if (explain === false) return wrong("cursor", "is allowed only with explain=true");
  return parseEntryId(cursor) === undefined ? wrong("cursor", "must be the nextCursor of an explained attribution") : { value: cursor };
}

const TOTALS_EXAMPLE = {
  groupBy: "source",
  model: "last",
  windowDays: 30,
  start: "2026-01-01T00:00:00.000Z",
  end: "2026-02-01T00:00:00.000Z",
  timezone: "UTC",
  currency: "USD",
  unconverted: [],
  rows: [
    {
      key: "google",
      touches: 4,
      clicks: 3,
      customers: 1,
      sales: 1,
      revenue: 99.99,
      compare: { first: { customers: 1, sales: 1, revenue: 99.99 }, linear: { customers: 1, sales: 1, revenue: 99.99 } },
    },
  ],
  totals: { touches: 4, clicks: 3, customers: 1, sales: 1, revenue: 99.99 },
};

/** The models of a list such as `first,last`. Unknown and repeated models are refused. */
function readModels(list: string | undefined): Refined<Model[]> {
  if (list === undefined) return { value: [] };
  const models = list.split(",").map((name) => MODELS.find((model) => model === name));
  const known = models.filter((model) => model !== undefined);
  return known.length === models.length && new Set(known).size === known.length
    ? { value: known }
    : wrong("compare", `must be a comma-separated list of ${MODELS.join(", ")}, each at most once`);
}

/** The endpoints of the attribution of one customer and of all customers. */
export function attributionEndpoints(reporting: Reporting): Endpoint[] {
  const { analytics, calendar, config } = reporting;
  return [
    keptReport(reporting, {
      path: "/customers/attribution",
      tool: "get_attribution",
      scope: "analytics:read",
      summary: "Attribute the revenue of all customers to sources, campaigns or links",
      description:
        "Covers the counted sales whose own time is in the range. Each is shared among its touches, as in the attribution of one customer (definitions §9). " +
        "The rows add up exactly to the revenue of the range, which is the value of its sales less all their refunds, whenever these happened. " +
        "A sale near the start of the range looks back to touches before the range; `touches` and `clicks` count only those in the range. Erased customers are included in all figures. " +
        "`compare` adds further models. The report is read from totals, however many customers there are. With another `window_days`, or a range that begins or ends within a day, it is computed from all customers, which takes longer.",
      query: Type.Object({
        group_by: OneOf(KEYS, { default: "source", description: "Which property of the touches to group by (definitions §9)." }),
        model: OneOf(MODELS, {
          default: "last",
          description: "How the credit of a sale is shared among its touches. Rows are sorted by this model's revenue (definitions §9).",
        }),
        compare: Type.Optional(
          Type.String({ maxLength: 64, description: "Further models to compare, separated by commas: `first,last,linear`." }),
        ),
        window_days: WindowDays,
        ...RangeQuery,
        limit: Whole(1, 10_000, {
          default: 1000,
          description: "The maximum number of rows. `totals` covers all rows, and `more` is the number of those left out.",
        }),
        ...ExplainQuery,
      }),
      answer: TotalsAnswer,
      example: {
        data: TOTALS_EXAMPLE,
      },
      refine: ({ query }) => combine({ range: readRange(query, calendar), compare: readModels(query.compare) }),
      compute: ({ query, parsed: { range, compare } }) =>
        analytics.attributionTotals({
          groupBy: query.group_by,
          model: query.model,
          compare,
          windowDays: query.window_days ?? config.attributionWindowDays,
          limit: query.limit,
          explain: query.explain,
          ...range,
        }),
      toTable: (data, { parsed: { compare } }) => toTotalsTable(data, compare),
    }),
    keptReport(reporting, {
      path: "/customers/:id/attribution",
      tool: "get_customer_attribution",
      scope: "links:read",
      summary: "Attribute one customer's revenue to their touches",
      description:
        "Each counted sale looks back over the window for the customer's touches: clicks, and conversions and creations that say where they came from. Its net value is shared among them by the model, exactly to the minor unit. " +
        "Each of the three lists adds up to the customer's revenue and counted sales (definitions §9).",
      query: Type.Object({
        model: OneOf(MODELS, { default: "last", description: "How the credit of a sale is shared among its touches (definitions §9)." }),
        window_days: WindowDays,
        ...ExplainQuery,
        cursor: Type.Optional(
          Type.String({ maxLength: 64, description: "With `explain=true`: the `explain.nextCursor` of the previous page of sales." }),
        ),
      }),
      answer: AttributionAnswer,
      example: { query: { model: "linear" }, data: EXAMPLE },
      refine: ({ query }) => readCursor(query),
      compute: ({ query, parsed: cursor, customerId }) =>
        analytics.attribution({
          customerId,
          model: query.model,
          windowDays: query.window_days ?? config.attributionWindowDays,
          explain: query.explain,
          cursor,
        }),
      toTable: toAttributionTable,
    }),
  ];
}
