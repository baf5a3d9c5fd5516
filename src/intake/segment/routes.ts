// POST /v1/identify, /track, /page, /screen, /group, /alias and /batch: the HTTP tracking API of Segment, which RudderStack speaks too.
import { type TSchema, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { type Endpoint, endpoint } from "../../http/endpoint.ts";
import { Nullable } from "../../http/wire.ts";
import { invalid } from "../../value/error.ts";
import { CALLS, type Call, toFields } from "./message.ts";
import { type MessageCount, openReceiver } from "./receive.ts";

const MOST = 2500;

const Anything = Type.Record(Type.String(), Type.Unknown());
const Id = Type.Optional(Nullable(Type.Union([Type.String(), Type.Number()])));
const MessageFields = {
  messageId: Type.Optional(Nullable(Type.String({ description: "The id by which a message that is sent again is recognized." }))),
  userId: Id,
  anonymousId: Id,
  timestamp: Type.Optional(Nullable(Type.Union([Type.String(), Type.Number()]))),
  context: Type.Optional(Nullable(Anything)),
  event: Type.Optional(Nullable(Type.String({ description: "The name of a track's event." }))),
  properties: Type.Optional(Nullable(Anything)),
  traits: Type.Optional(Nullable(Anything)),
  previousId: Id,
};
const WriteKey = { writeKey: Type.Optional(Nullable(Type.String({ description: "The key, if no header has it." }))) };
const MessageBody = Type.Object({ ...MessageFields, ...WriteKey }, { additionalProperties: true });
const BatchBody = Type.Object(
  {
    batch: Type.Array(Type.Object({ type: Type.String(), ...MessageFields }, { additionalProperties: true }), { maxItems: MOST }),
    ...WriteKey,
  },
  { additionalProperties: true },
);
const Done = Type.Object({ success: Type.Literal(true) });

const SUMMARIES: Readonly<Record<Call, string>> = {
  identify: "Segment: say who a user is",
  track: "Segment: record an order, a refund, a lead or another event",
  page: "Segment: record a page that was reached through a link",
  screen: "Segment: accepted and ignored",
  group: "Segment: accepted and ignored",
  alias: "Segment: join an earlier id to a user",
};
const PAGE = { anonymousId: "browser-7", messageId: "m-2", timestamp: "2026-02-01T09:00:00Z" };
const EXAMPLES: Readonly<Record<Call, object>> = {
  identify: { userId: "user_42", traits: { email: "ann@example.com", plan: "pro" }, timestamp: "2026-02-01T10:00:00Z" },
  track: {
    userId: "user_42",
    event: "Order Completed",
    properties: { order_id: "ORD-1", total: 27.5, currency: "USD" },
    messageId: "m-1",
    timestamp: "2026-02-01T10:00:00Z",
  },
  page: { ...PAGE, properties: { url: "https://shop.example/?utm_source=news" } },
  screen: { ...PAGE, name: "Home" },
  group: { userId: "user_42", groupId: "g-1" },
  alias: { userId: "user_42", previousId: "browser-7" },
};
const DESCRIPTION =
  "The body is a message of Segment's HTTP API. The key may also be the user name of HTTP Basic, or `writeKey` in the body. The body may be gzipped. " +
  "A bad message is 400 here; in a batch it is logged and counted in `/metrics`, and the others are recorded. An order that is told again with other content stays as it was first told.";

/** Segment's own limits: 500 KB and 2,500 messages. */
const MAX_BYTES = 512 * 1024;
const MAX_PARTS = 40_000;
const FOREIGN = {
  bodyLimits: { bytes: MAX_BYTES, parts: MAX_PARTS },
  takesBasic: true,
  takesForms: true,
  hasMessageIds: true,
  keyInBody(body: unknown): string | undefined {
    const { writeKey } = toFields(body);
    return typeof writeKey === "string" && writeKey !== "" ? writeKey : undefined;
  },
  entriesOf(body: unknown): readonly unknown[] {
    const { batch } = toFields(body);
    return Array.isArray(batch) ? batch : [body];
  },
};

export function segmentEndpoints(context: Context, messages: MessageCount): Endpoint[] {
  const receiver = openReceiver(context, messages);
  const done = { status: 200, body: { success: true } };
  const common = {
    method: "POST",
    admission: "conversions:write",
    tag: "Segment",
    lenient: true,
    checksBody: true,
    maxBytes: MAX_BYTES,
    foreign: FOREIGN,
    answers: { 200: Done as TSchema },
  } as const;

  const single = (call: Call): Endpoint =>
    endpoint({
      ...common,
      path: `/v1/${call}`,
      summary: SUMMARIES[call],
      description: DESCRIPTION,
      body: MessageBody,
      examples: { body: EXAMPLES[call] },
      async handle({ body }) {
        const [result] = await receiver.receive([body], call);
        if (result?.result === "refused") throw invalid(result.details);
        return done;
      },
    });

  return [
    ...CALLS.map(single),
    endpoint({
      ...common,
      path: "/v1/batch",
      summary: "Segment: record up to 2,500 messages",
      description: DESCRIPTION,
      body: BatchBody,
      examples: { body: { batch: [{ type: "track", ...EXAMPLES.track }] } },
      async handle({ body }) {
        const { batch, context: shared } = toFields(body);
        if (!Array.isArray(batch) || batch.length > MOST)
          throw invalid([{ path: "batch", message: `must be an array of at most ${MOST} messages` }]);
        const isShared = typeof shared === "object" && shared !== null;
        const withShared = (each: unknown) => ({
          ...toFields(each),
          context: { ...toFields(shared), ...toFields(toFields(each).context) },
        });
        await receiver.receive(isShared ? batch.map(withShared) : batch);
        return done;
      },
    }),
  ];
}
