// GET /webhooks: what the providers have delivered, and what became of it.
import { Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { type Endpoint, endpoint, ok } from "../../http/endpoint.ts";
import { Count, Instant, Nullable, OneOf, success, Whole } from "../../http/wire.ts";
import { PROVIDERS } from "../../provider/provider.ts";
import { toCustomerId, toEntryId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toDecimalText } from "../../value/money.ts";
import { countOf, lastDeliveryAt, openWebhookState, type SourceState } from "./state.ts";

const DEFAULT_LIMIT = 100;
const MOST_DELIVERIES = 1000;

const Source = OneOf(PROVIDERS, { description: "The provider." });
const at = (description: string) => Type.Unsafe<string>({ ...Instant, description });
const perhapsAt = (description: string) => Nullable(at(description));
const result = Type.String({ description: "`recorded`, `duplicate`, `conflict`, `refused` or `ignored`." });
const type = Type.String({ description: "The provider's name of the event." });
const reason = Nullable(Type.String({ description: "Why nothing was recorded." }));

const State = Type.Object({
  source: Source,
  isOn: Type.Boolean({ description: "Whether its secret is set." }),
  lastDeliveryAt: perhapsAt("When the last delivery with a valid signature came."),
  deliveries: Type.Integer({ minimum: 0, description: "How many came, whatever became of them." }),
  conflicts: Type.Integer({ minimum: 0, description: "Deliveries that told a sale or refund again with other money; the first stays." }),
  refused: Type.Integer({ minimum: 0, description: "Deliveries that cannot be stored." }),
  badSignatures: Type.Integer({ minimum: 0, description: "Requests without a valid signature." }),
  lastBadSignatureAt: perhapsAt("When the last of these came."),
  waitingRefunds: Type.Integer({ minimum: 0, description: "Refunds whose sale has not come yet (GET /refunds/pending)." }),
  counts: Type.Array(Type.Object({ type, result, reason, count: Count, lastAt: at("When the last one came.") }), {
    description: "The deliveries by type, result and reason.",
  }),
  unnamedSales: Type.Array(
    Type.Object({ currency: Type.String(), sales: Count, value: Type.Number({ description: "In major units of the currency." }) }),
    { description: "Sales that name nobody, such as those at a till, of webhooks and of imported files. They are in no figure." },
  ),
  fields: Type.Array(Type.Object({ field: Type.String(), count: Count }), {
    description: "How often a field was trimmed or left out, because it could not be stored as it came.",
  }),
});

const Request = Type.Object({
  source: Source,
  customerId: Type.String({ description: "The customer, `cus_…`." }),
  export: Type.String({ description: "The path of their data." }),
  requestedAt: at("When the request came."),
});

const Delivery = Type.Object({
  at: at("When it came."),
  source: Source,
  type,
  result,
  reason,
  detail: Nullable(Type.String({ description: "Of a conflict over money: both values." })),
  entries: Type.Array(Type.String(), { description: "The ids of its entries, `ent_…`." }),
});

function toState(state: SourceState) {
  const { source, isOn, counts, badSignatures, lastBadSignatureAt, waitingRefunds, fields, unnamedSales } = state;
  const last = lastDeliveryAt(state);
  return {
    source,
    isOn,
    lastDeliveryAt: last === undefined ? null : toIso(last),
    deliveries: counts.reduce((sum, { count }) => sum + count, 0),
    conflicts: countOf(state, "conflict"),
    refused: countOf(state, "refused"),
    badSignatures,
    lastBadSignatureAt: lastBadSignatureAt === undefined ? null : toIso(lastBadSignatureAt),
    waitingRefunds,
    counts: counts.map(({ lastAt, ...each }) => ({ ...each, reason: each.reason || null, lastAt: toIso(lastAt) })),
    unnamedSales: unnamedSales.map(({ currency, sales, value }) => ({
      currency,
      sales,
      value: Number(toDecimalText(BigInt(value), requireDecimals(currency))),
    })),
    fields,
  };
}

export function webhookStateEndpoints({ database, config }: Context): Endpoint[] {
  const state = openWebhookState(database.sqlite, config);
  return [
    endpoint({
      method: "GET",
      path: "/webhooks",
      admission: "metrics:read",
      tag: "Webhooks",
      summary: "Get the state of the webhooks",
      description:
        "For each provider, what it has delivered and what became of it; open requests of customers for their data; and the last deliveries. Nothing of it is personal.",
      query: Type.Object({
        limit: Type.Optional(Whole(0, MOST_DELIVERIES, { default: DEFAULT_LIMIT, description: "How many of the last 1,000 deliveries." })),
      }),
      answers: {
        200: success(
          Type.Object({
            sources: Type.Array(State),
            dataRequests: Type.Array(Request, { description: "DELETE /webhooks/data-requests/:id closes one." }),
            deliveries: Type.Array(Delivery, { description: "The newest first." }),
          }),
        ),
      },
      handle: ({ query: { limit = DEFAULT_LIMIT } }) =>
        ok({
          sources: state.sources().map(toState),
          dataRequests: state.dataRequests().map(({ source, customerId, requestedAt }) => ({
            source,
            customerId: toCustomerId(customerId),
            export: `/customers/${toCustomerId(customerId)}/export`,
            requestedAt: toIso(requestedAt),
          })),
          deliveries: state.deliveries(limit).map(({ at: cameAt, reason: why, entries, ...delivery }) => ({
            ...delivery,
            at: toIso(cameAt),
            reason: why || null,
            entries: (JSON.parse(entries) as number[]).map(toEntryId),
          })),
        }),
    }),
  ];
}
