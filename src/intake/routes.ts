// POST /events: one entry, or an array of them. events.ts answers; record.ts inserts the entry; ledger/pipeline.ts derives the figures.
import { Type } from "@sinclair/typebox";
import type { Context } from "../context.ts";
import { EntryInput } from "../entry/input.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { REPLAYED } from "../http/idempotency.ts";
import { Count, Failure, Nullable, success } from "../http/wire.ts";
import { invalid } from "../value/error.ts";
import { type EventResult, openEvents } from "./events.ts";

const MOST = 1000;

const Taken = Type.Object({
  id: Type.String({ description: "The id of the entry, `ent_…`." }),
  type: Type.String(),
  customerId: Nullable(Type.String({ description: "The customer it belongs to; null while there is none." })),
  duplicate: Type.Boolean({ description: "Whether this entry was already stored, so that nothing changed." }),
  pending: Type.Optional(
    Type.Literal(true, { description: "On a refund whose sale is unknown. It counts once the sale is recorded (GET /refunds/pending)." }),
  ),
  clickId: Type.Optional(Type.String({ description: "On a click, its id; generated if it was sent without one." })),
});
const TakenFromPage = Type.Object(
  {
    id: Type.String({ description: "A random text, which leads to nothing." }),
    type: Type.String(),
    clickId: Type.Optional(Type.String({ description: "On a click, its id; generated if it was sent without one." })),
  },
  { description: "For publishable keys: the same whether the entry is new or was stored already." },
);
const Recorded = Type.Union([Taken, TakenFromPage]);
const Refused = Type.Object({ error: Type.Omit(Failure.properties.error, ["requestId"]) });
const Batch = Type.Object({
  accepted: Count,
  duplicates: Type.Optional(Count),
  rejected: Count,
  results: Type.Array(Type.Union([Taken, TakenFromPage, Refused]), { description: "One result for each entry, in order." }),
});

const EXAMPLE = {
  type: "sale",
  eventId: "evt-1",
  timestamp: "2026-02-01T10:00:00Z",
  externalId: "user_42",
  email: "ann@example.com",
  clickId: "abc123",
  orderId: "ORD-1",
  value: 99.99,
  currency: "USD",
};

/** The result with the index in the array before the paths of its details: `3.value`. */
function withIndex(result: EventResult, index: number): EventResult {
  if (!("error" in result) || result.error.details === undefined) return result;
  const details = result.error.details.map(({ path, message }) => ({ path: path === "" ? String(index) : `${index}.${path}`, message }));
  return { error: { ...result.error, details } };
}

export function eventEndpoints(context: Context): Endpoint[] {
  const events = openEvents(context);
  return [
    endpoint({
      method: "POST",
      path: "/events",
      admission: "conversions:write",
      tag: "Intake",
      summary: "Record clicks, leads, sales, custom milestones and refunds",
      description:
        "Takes one entry, or an array of 1 to 1000 entries in order. A bad entry does not stop the others. Once the answer is sent, the entries are on disk. " +
        "An entry is recognized by its key forever (definitions §1). If it is sent again with the same content, it is a duplicate; with other content, the answer is 409. " +
        "A publishable key (`rgp_…`) can only record clicks and leads, dated now, with `clickId`, `visitorId`, `event`, `url`, `referrer`, `link`, `campaign`, `source` and `medium`, in bodies of at most 64 KiB. Its answers have no `duplicate` and no `customerId`, and are the same whether an entry or a `clickId` was known before.",
      body: Type.Union([EntryInput, Type.Array(EntryInput, { minItems: 1, maxItems: MOST })]),
      checksBody: true,
      publishable: true,
      answers: { 200: success(Type.Union([Taken, Batch])), 201: success(Recorded) },
      errors: ["CONFLICT"],
      examples: { body: EXAMPLE },
      async handle({ body, key, attempt }) {
        const sender = { fromBrowser: key?.isPublishable === true, attempt };
        if (!Array.isArray(body)) {
          const { data, replayed } = await events.one(body, sender);
          return {
            status: "duplicate" in data && data.duplicate ? 200 : 201,
            body: { success: true, data },
            ...(replayed && { headers: REPLAYED }),
          };
        }
        if (body.length < 1 || body.length > MOST) throw invalid([{ path: "", message: `must be one entry or an array of 1 to ${MOST}` }]);
        const { results: found, replayed } = await context.ledger.inTurn(
          () => events.batch(body, sender),
          sender.fromBrowser ? "page" : "server",
        );
        const results = found.map(withIndex);
        const rejected = results.filter((result) => "error" in result).length;
        if (sender.fromBrowser) return ok({ accepted: results.length - rejected, rejected, results });
        const duplicates = results.filter((result) => "duplicate" in result && result.duplicate).length;
        return ok({ accepted: results.length - rejected - duplicates, duplicates, rejected, results }, {}, replayed ? REPLAYED : undefined);
      },
    }),
  ];
}
