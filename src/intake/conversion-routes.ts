// /conversions: the calls of ad networks and tag managers, and the status of a conversion.
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { STATUSES } from "../../db/schema.ts";
import type { Key } from "../access/keyring.ts";
import type { Context } from "../context.ts";
import { JourneyEntry, openJourneyEntries } from "../entry/answer.ts";
import { type Answer, type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { type Attempt, openIdempotency, REPLAYED } from "../http/idempotency.ts";
import { type Refined, wrong } from "../http/refined.ts";
import { Currency, Email, echoed, Instant, Metadata, Nullable, OneOf, PlainOrInstant, success, Text } from "../http/wire.ts";
import { ApiError } from "../value/error.ts";
import { randomEntryId, toEntryId } from "../value/id.ts";
import { checkInstant, toIso } from "../value/instant.ts";
import { type ConversionCall, toEntry } from "./conversion.ts";
import type { Draft } from "./draft.ts";
import { parseEntry } from "./parse-entry.ts";
import { openRecorder, type Recorded } from "./record.ts";
import { openStatuses } from "./status.ts";

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const Value = echoed(Type.Number({ description: "An amount in major units. A value above 0 makes the conversion a sale." }));
const Event = Text(
  255,
  "What happened; purchase, sale, order and checkout are sales, lead, signup, registration, form_submit and inquiry leads.",
);
const OrderId = Text(255, "The key: sent again it is a replay. Without it each call is a new entry.");
const ClickId = Text(255, "The click that led to it.");

const TrackBody = Type.Object({
  clickId: ClickId,
  event: optional(Event),
  value: optional(Value),
  currency: optional(Currency),
  orderId: optional(OrderId),
  pixelId: optional(Text(255, "Kept in the metadata.")),
  metadata: optional(Metadata),
  externalId: optional(Text(255, "The customer's id in your own system.")),
  email: optional(Email),
  name: optional(Text(255)),
});
const PostbackQuery = Type.Object({
  lw_cid: ClickId,
  amount: Type.Optional(Value),
  currency: Type.Optional(Currency),
  event: Type.Optional(Event),
  orderId: Type.Optional(OrderId),
  payout: Type.Optional(Text(255, "Kept in the metadata.")),
});
const S2sQuery = Type.Object({
  click_id: ClickId,
  event: Type.Optional(Event),
  value: Type.Optional(Value),
  currency: Type.Optional(Currency),
  order_id: Type.Optional(OrderId),
  timestamp: Type.Optional(PlainOrInstant),
});
const S2sBody = Type.Object({
  click_id: ClickId,
  event: optional(Event),
  value: optional(Value),
  currency: optional(Currency),
  order_id: optional(OrderId),
  timestamp: optional(PlainOrInstant),
});

const Tracked = Type.Object({
  conversionId: Type.String(),
  clickId: Type.String(),
  tracked: Type.Literal(true),
  attributed: Type.Boolean({ description: "Whether the conversion has a customer now." }),
  duplicate: Type.Boolean({ description: "Whether this conversion was already stored, so that nothing changed." }),
});
const TrackedQuietly = Type.Object(
  {
    conversionId: Type.String({ description: "A random text, which leads to nothing." }),
    clickId: Type.String(),
    tracked: Type.Literal(true),
  },
  { description: "For conversion keys, which others can read: the same whether the conversion and its click were known before." },
);
const TrackedInFull = Type.Object({
  ...Tracked.properties,
  event: Type.String(),
  value: Nullable(Type.Number()),
  currency: Nullable(Type.String()),
  orderId: Nullable(Type.String()),
  timestamp: Instant,
});

type S2sInput = Static<typeof S2sBody>;

/** The names of an entry's fields in the call, so that an error uses the caller's names. */
type FieldNames = Readonly<Record<string, string>>;

/** A call as received, without defaults. */
type LooseCall = { readonly [Field in keyof ConversionCall]?: ConversionCall[Field] | null | undefined };

/** A call that can be recorded. */
interface Parsed {
  readonly entry: Record<string, unknown>;
  readonly draft: Draft;
  /** It has no orderId, so each call is a new entry. */
  readonly isKeyless: boolean;
}

const S2S_NAMES: FieldNames = { clickId: "click_id", orderId: "order_id", eventId: "order_id" };
const POSTBACK_NAMES: FieldNames = { clickId: "lw_cid", value: "amount", eventId: "orderId" };

function fromS2s({ click_id: clickId, order_id: orderId, event, value, currency, timestamp }: Partial<S2sInput>): LooseCall {
  return { clickId, orderId, event, value, currency, timestamp };
}

function fromPostback({
  lw_cid: clickId,
  amount: value,
  currency,
  event,
  orderId,
  payout,
}: Partial<Static<typeof PostbackQuery>>): LooseCall {
  return { clickId, value, currency, event, orderId, payout };
}

export function conversionEndpoints(context: Context): Endpoint[] {
  const recorder = openRecorder(context);
  const idempotency = openIdempotency(context);
  const statuses = openStatuses(context);
  const journeyEntries = openJourneyEntries(context);

  /** Turns a call into an entry and its draft, or gives its problems besides the fields in `bad`, which the schemas reported. */
  function parse(call: LooseCall, bad: ReadonlySet<string>, names: FieldNames = {}): Refined<Parsed> {
    // A bad currency stays bad, so that the value is checked without a currency.
    const currency = bad.has("currency") ? "?" : call.currency;
    const entry = toEntry({ ...call, currency, clickId: call.clickId ?? "-", event: call.event ?? "conversion" });
    const read = parseEntry(entry, context);
    if ("details" in read) return { details: read.details.map(({ path, message }) => ({ path: names[path] ?? path, message })) };
    return { value: { entry, draft: read.draft, isKeyless: call.orderId == null } };
  }

  async function track({ draft, isKeyless }: Parsed, attempt?: Attempt) {
    const record = () => recorder.record(draft, { alwaysNew: isKeyless });
    if (!attempt) return { recorded: await context.ledger.groupCommit(record), headers: {} };
    const { result, replayed } = await context.ledger.groupCommit(() =>
      idempotency.once(attempt, () => {
        const { id, duplicate } = record();
        return { status: duplicate ? 200 : 201, result: { id, duplicate } };
      }),
    );
    return { recorded: recorder.recall(result.id, result.duplicate), headers: replayed ? REPLAYED : {} };
  }

  function toData({ id, clickId, customerId, duplicate }: Recorded, beside: Readonly<Record<string, unknown>> = {}) {
    return { conversionId: toEntryId(id), clickId, tracked: true, attributed: customerId !== null, duplicate, ...beside };
  }
  /**
   * Answers a GET. A conversion key is in URLs, so whoever sees one must not learn from the answer what is stored, not even that another
   * conversion has this orderId: then the first one stays.
   */
  async function got(parsed: Parsed, key: Key | undefined): Promise<Answer> {
    if (!key?.isForConversions) return ok(toData((await track(parsed)).recorded));
    await track(parsed).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.code === "CONFLICT")) throw error;
    });
    return ok({ conversionId: randomEntryId(), clickId: parsed.draft.clickId, tracked: true });
  }
  const posted = (data: { duplicate: boolean }, headers: Answer["headers"] = {}): Answer => ({
    status: data.duplicate ? 200 : 201,
    body: { success: true, data },
    headers,
  });

  const common = { admission: "conversions:write", tag: "Intake", lenient: true, errors: ["CONFLICT"] } as const;
  // Ad networks call the GET forms, and only take 200 for a success.
  const gotAnswers = { 200: success(Type.Union([Tracked, TrackedQuietly])) };

  return [
    endpoint({
      ...common,
      method: "POST",
      path: "/conversions/track",
      summary: "Record a conversion of a click",
      body: TrackBody,
      answers: { 200: success(TrackedInFull), 201: success(TrackedInFull) },
      examples: { body: { clickId: "abc123", event: "purchase", value: 49.5, currency: "USD", orderId: "ORD-2" } },
      refine: ({ body, bad }) => parse(body, bad, { eventId: "orderId" }),
      async handle({ body, parsed, attempt }) {
        const { entry } = parsed;
        const { recorded, headers } = await track(parsed, attempt);
        const currency = body.currency ?? (entry.value === null ? null : context.config.currency);
        return posted(
          toData(recorded, {
            event: entry.event,
            value: entry.value,
            currency,
            orderId: body.orderId ?? null,
            timestamp: toIso(recorded.at),
          }),
          headers,
        );
      },
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/conversions/postback",
      keyInQuery: true,
      summary: "Record a conversion from an ad network's postback URL",
      query: PostbackQuery,
      answers: gotAnswers,
      examples: { query: { lw_cid: "abc123", amount: 49.5, event: "purchase", orderId: "ORD-3" } },
      refine: ({ query, bad }) => parse(fromPostback(query), bad, POSTBACK_NAMES),
      handle: ({ parsed, key }) => got(parsed, key),
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/conversions/s2s",
      keyInQuery: true,
      summary: "Record a conversion, server to server, by URL alone",
      query: S2sQuery,
      answers: gotAnswers,
      examples: { query: { click_id: "abc123", event: "signup" } },
      refine: ({ query, bad }) => parse(fromS2s(query), bad, S2S_NAMES),
      handle: ({ parsed, key }) => got(parsed, key),
    }),
    endpoint({
      ...common,
      method: "POST",
      path: "/conversions/s2s",
      summary: "Record a conversion, server to server",
      body: S2sBody,
      answers: { 200: success(Tracked), 201: success(Tracked) },
      examples: { body: { click_id: "abc123", event: "purchase", value: 20, order_id: "ORD-4", timestamp: "2026-02-01T10:00:00Z" } },
      refine: ({ body, bad }) => parse(fromS2s(body), bad, S2S_NAMES),
      async handle({ parsed, attempt }) {
        const { recorded, headers } = await track(parsed, attempt);
        return posted(toData(recorded), headers);
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/conversions/:id",
      worksWhenFull: true,
      admission: "links:update",
      tag: "Intake",
      summary: "Set the status of a conversion or refund",
      description:
        "`:id` is `ent_…`, or `ord_` followed by the URL-encoded orderId of a sale, or `ref_` followed by the URL-encoded eventId of a refund. " +
        "The status is said for `statusAt`. The newest one counts, so an older one is stored and changes nothing (definitions §4). " +
        "`refunded` is for sales only: it says that the sale is approved, and records a refund of all that is left, both for that instant. " +
        "A refund is approved or rejected. A rejected one takes nothing of its sale.",
      body: Type.Object({
        status: OneOf(STATUSES, { description: "Approved and refunded sales count; pending, rejected and fraudulent ones do not." }),
        statusAt: optional({
          ...PlainOrInstant,
          description:
            "The instant that the status is said for, at most 24 hours ahead. Without it, the status is said for now and counts in any case.",
        }),
      }),
      answers: { 200: success(JourneyEntry) },
      errors: ["NOT_FOUND"],
      examples: { body: { status: "refunded", statusAt: "2026-02-03T10:00:00Z" } },
      refine({ body: { statusAt } }) {
        if (statusAt == null) return { value: undefined };
        const instant = checkInstant(statusAt, context);
        return "at" in instant ? { value: instant.at } : wrong("statusAt", instant.message);
      },
      handle: ({ params, body, parsed: at }) => ok(journeyEntries.read(statuses.set(params.id ?? "", body.status, at))),
    }),
  ];
}
