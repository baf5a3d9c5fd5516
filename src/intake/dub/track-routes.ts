// POST /dub/track/lead and /dub/track/sale: conversions as Dub's API takes them.
import { type TSchema, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { requireCustomer } from "../../customer/find-customer.ts";
import { openProfileUpdates } from "../../customer/update-profile.ts";
import { type Call, type Endpoint, endpoint } from "../../http/endpoint.ts";
import { openIdempotency, REPLAYED } from "../../http/idempotency.ts";
import type { Refined } from "../../http/refined.ts";
import { Avatar, Blankable, Email, Metadata, Nullable, OneOf, Text, Whole } from "../../http/wire.ts";
import { toCustomerId } from "../../value/id.ts";
import type { Draft } from "../draft.ts";
import { parseEntry } from "../parse-entry.ts";
import { DUB_FAILURE } from "./failure.ts";
import { openLeads, openSales } from "./record.ts";
import {
  type Entry,
  externalIdOf,
  FIELD_NAMES,
  type LeadCall,
  NO_CUSTOMER,
  namesOf,
  type SaleCall,
  type Tracked,
  toLead,
  toSale,
} from "./track.ts";

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const TrackedFields = {
  customerExternalId: optional(Text(255, "Your id of the customer.")),
  externalId: optional(Text(255, "An older name of customerExternalId.")),
  customerId: optional(Text(255, "An older name of customerExternalId.")),
  customerName: optional(Text(255)),
  customerEmail: optional(Email),
  customerAvatar: optional(Avatar),
  clickId: optional(Blankable(255, "The click that led here; an unknown one is remembered. Empty means none.")),
  metadata: optional(Metadata),
};
const LeadBody = Type.Object({
  ...TrackedFields,
  eventName: Text(255, "A customer has one lead of each name, in any case."),
  mode: optional(OneOf(["async", "wait", "deferred"], { description: "deferred makes the customer without a lead." })),
  eventQuantity: optional(Whole(1, 100, { description: "That many leads." })),
});
const SaleBody = Type.Object({
  ...TrackedFields,
  amount: Whole(0, 10 ** 15, { description: "In cents, or in whole units of a currency without them. An amount of 0 is no sale." }),
  currency: optional(Type.String({ minLength: 3, maxLength: 3, description: "ISO 4217 in any case; usd by default." })),
  eventName: optional(Text(255, "Purchase by default.")),
  paymentProcessor: optional(Text(255)),
  invoiceId: optional(Text(255, "The key of the sale. Without it, each call is another sale.")),
  leadEventName: optional(Text(255)),
});
const text = Nullable(Type.String());
const LeadAnswer = Type.Object({
  click: Type.Object({ id: Type.String({ description: "Empty if there is none." }) }),
  link: Type.Null(),
  customer: Type.Object({ name: text, email: text, avatar: text, externalId: text }),
});
const SaleAnswer = Type.Object({
  eventName: Type.String(),
  customer: Nullable(Type.Object({ id: Type.String(), name: text, email: text, avatar: text, externalId: text })),
  sale: Nullable(
    Type.Object({
      amount: Type.Integer(),
      currency: Type.String(),
      paymentProcessor: Type.String(),
      invoiceId: text,
      metadata: Nullable(Type.Record(Type.String(), Type.Unknown())),
    }),
  ),
});

export function trackEndpoints(context: Context): Endpoint[] {
  const { ledger } = context;
  const idempotency = openIdempotency(context);
  const profiles = openProfileUpdates(context);
  const leads = openLeads(context);
  const sales = openSales(context);

  /** The draft of an entry, or its problems under the names of the call. */
  function toDraft(entry: Entry): Refined<Draft> {
    const parsed = parseEntry(entry, context);
    if ("draft" in parsed) return { value: parsed.draft };
    return { details: parsed.details.map(({ path, message }) => ({ path: FIELD_NAMES[path] ?? path, message })) };
  }

  function refineLead(body: Partial<LeadCall>, bad: ReadonlySet<string>): Refined<Draft> {
    if (externalIdOf(body) === undefined && !bad.has(NO_CUSTOMER.path)) return { details: [NO_CUSTOMER] };
    return toDraft(toLead({ ...body, eventName: body.eventName ?? "-" }));
  }

  function refineSale(body: Partial<SaleCall>, bad: ReadonlySet<string>): Refined<Draft> {
    if (externalIdOf(body) === undefined && !bad.has(NO_CUSTOMER.path)) return { details: [NO_CUSTOMER] };
    const read = toSale({ ...body, amount: body.amount ?? 0 });
    return "details" in read ? read : toDraft(read.entry);
  }

  /** Carries out a call once, also when it comes again with its Idempotency-Key. */
  async function once(attempt: Call<unknown, unknown>["attempt"], work: () => number) {
    const { result, replayed } = await ledger.groupCommit(() => idempotency.once(attempt, () => ({ status: 200, result: work() })));
    return { id: result, replayed, headers: replayed ? REPLAYED : {} };
  }

  /** Makes the customer of a deferred lead. */
  function defer(body: Tracked): number {
    const { externalId = "", name, email, avatar, clickId } = namesOf(body);
    const said = {
      ...(name && { name }),
      ...(email && { email: email.trim().toLowerCase() }),
      ...(avatar && { avatar }),
      ...(clickId && { clickId }),
    };
    return profiles.upsert({ ...said, externalId: externalId.normalize("NFC") }, { source: null, campaign: null }).id;
  }

  const common = { method: "POST", admission: "conversions:write", tag: "Dub", lenient: true, foreign: { failure: DUB_FAILURE } } as const;

  return [
    endpoint({
      ...common,
      path: "/dub/track/lead",
      summary: "Dub: record a lead",
      body: LeadBody,
      answers: { 200: LeadAnswer },
      examples: { body: { clickId: "abc123", eventName: "Sign up", customerExternalId: "user_42", customerEmail: "ann@example.com" } },
      refine: ({ body, bad }) => refineLead(body, bad),
      async handle({ body, parsed: draft, attempt }) {
        const isDeferred = body.mode === "deferred";
        if (isDeferred) await ledger.allReassigned();
        const { id, replayed, headers } = await once(attempt, () =>
          isDeferred ? defer(body) : leads.record(draft, body.eventQuantity ?? 1),
        );
        if (replayed && isDeferred) requireCustomer(context, toCustomerId(id));
        else if (replayed) leads.requireThere(id);
        const { externalId, name, email, avatar, clickId } = draft;
        return { status: 200, body: { click: { id: clickId ?? "" }, link: null, customer: { name, email, avatar, externalId } }, headers };
      },
    }),
    endpoint({
      ...common,
      path: "/dub/track/sale",
      summary: "Dub: record a sale",
      description:
        "A call with a known `invoiceId` changes nothing, and is answered with the first sale. The amount stays in its own currency.",
      body: SaleBody,
      answers: { 200: SaleAnswer },
      examples: { body: { customerExternalId: "user_42", amount: 4999, currency: "usd", paymentProcessor: "stripe", invoiceId: "in_1" } },
      refine: ({ body, bad }) => refineSale(body, bad),
      async handle({ body, parsed: draft, attempt }) {
        if (body.amount === 0) return { status: 200, body: { eventName: draft.event ?? "Purchase", customer: null, sale: null } };
        const { id, replayed, headers } = await once(attempt, () => sales.record(draft));
        if (replayed) sales.requireThere(id);
        return { status: 200, body: sales.read(id), headers };
      },
    }),
  ];
}
