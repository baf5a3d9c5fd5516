// GET /refunds/pending: the refunds whose sale is unknown.
import { Type } from "@sinclair/typebox";
import type { Context } from "../context.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { wrong } from "../http/refined.ts";
import { Instant, Nullable, OneOf, success, Text, Whole } from "../http/wire.ts";
import { openPendingRefunds } from "./pending-refunds.ts";

const DEFAULT_LIMIT = 100;

const PendingRefund = Type.Object({
  id: Type.String({ description: "Our id of the refund, `ent_…`." }),
  orderId: Type.String({ description: "The orderId of the sale that it waits for." }),
  eventId: Nullable(Type.String({ description: "The key of the refund; null without one." })),
  timestamp: Type.Unsafe<string>({ ...Instant, description: "When it happened (definitions §2)." }),
  value: Nullable(Type.Number({ description: "As sent, in major units; null: all that is left of the sale." })),
  currency: Nullable(Type.String({ description: "As sent; null: that of the sale." })),
  status: OneOf(["approved", "rejected"], { description: "A rejected refund takes nothing of its sale (definitions §4)." }),
  receivedAt: Type.Unsafe<string>({ ...Instant, description: "When it was received." }),
});

export function refundEndpoints(context: Context): Endpoint[] {
  const pending = openPendingRefunds(context);
  return [
    endpoint({
      method: "GET",
      path: "/refunds/pending",
      admission: "links:read",
      revenue: true,
      tag: "Intake",
      summary: "List the refunds whose sale is unknown",
      description:
        "A refund that arrives before its sale is kept, and counts once the sale is recorded (definitions §4). " +
        "By orderId, then in the order of arrival. A page may be short, or even empty, before the last one: go on until `nextCursor` is null.",
      query: Type.Object({
        limit: Type.Optional(Whole(1, 1000, { default: DEFAULT_LIMIT, description: "At most so many refunds." })),
        cursor: Type.Optional(Text(255, "nextCursor of the page before.")),
      }),
      answers: {
        200: success(
          Type.Object({
            refunds: Type.Array(PendingRefund),
            nextCursor: Nullable(Type.String({ description: "For the next page; null: this is the last." })),
          }),
        ),
      },
      refine: ({ query: { cursor } }) =>
        cursor === undefined || pending.isCursor(cursor) ? { value: cursor } : wrong("cursor", "must be the nextCursor of a previous page"),
      handle: ({ query: { limit = DEFAULT_LIMIT }, parsed: cursor }) => ok(pending.list(limit, cursor)),
    }),
  ];
}
