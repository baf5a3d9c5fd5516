// /customers and the paths below it: create, read, update and erase one customer. Lists and counts are in list/routes.ts.
// Stored by update-profile.ts and erase-customer.ts.
import { type TSchema, Type } from "@sinclair/typebox";
import type { Context } from "../context.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { openIdempotency, REPLAYED } from "../http/idempotency.ts";
import { wrong } from "../http/refined.ts";
import {
  Aliases,
  Avatar,
  Blankable,
  Count,
  Country,
  Email,
  Instant,
  Metadata,
  Money,
  Nullable,
  PlainOrInstant,
  success,
  Text,
} from "../http/wire.ts";
import { ApiError, CatchingUp } from "../value/error.ts";
import { toCustomerId } from "../value/id.ts";
import { checkInstant, toIso } from "../value/instant.ts";
import { requireDecimals, toMajor } from "../value/money.ts";
import { toNames } from "../value/text.ts";
import { openErasure } from "./erase-customer.ts";
import { findCustomer, requireCustomer } from "./find-customer.ts";
import type { Lists } from "./list/lists.ts";
import { listEndpoints } from "./list/routes.ts";
import type { ProfileUpdateFields } from "./store-update.ts";
import { Customer, openToCustomer } from "./to-customer.ts";
import { openProfileUpdates } from "./update-profile.ts";

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const ProfileFields = {
  email: optional(Email),
  aliases: optional(Aliases),
  name: optional(Text(255, "null clears it.")),
  avatar: optional(Avatar),
  country: optional(Country),
  metadata: optional(Metadata),
  clickId: optional(Text(255, "Joins that click to the customer; an unknown one is remembered until the click arrives.")),
  visitorId: optional(Text(255, "The browser or device; joins its entries to the customer.")),
};
const CreateBody = Type.Object({
  externalId: Text(255, "Your id of the customer, compared exactly."),
  ...ProfileFields,
  source: optional(Blankable(255, "Of the creation as a touch; matters only when the customer is made (definitions §6).")),
  campaign: optional(Blankable(255, "Of the creation as a touch; matters only when the customer is made.")),
  createdAt: optional(PlainOrInstant),
});
const ChangeBody = Type.Object(
  { externalId: Type.Optional(Text(255, "409 if it is another customer's.")), ...ProfileFields },
  { minProperties: 1 },
);
const Figures = Type.Object({ ltv: Money, grossRevenue: Money, refunds: Money, sales: Count });

interface ProfileBody {
  externalId?: string | undefined;
  email?: string | null | undefined;
  aliases?: readonly string[] | null | undefined;
  clickId?: string | null | undefined;
  visitorId?: string | null | undefined;
}

/** The body as a profile update: names normalized for comparison, and aliases, a clickId or a visitorId of null left out. */
function toProfileUpdate<Body extends ProfileBody>({ externalId, email, aliases, clickId, visitorId, ...rest }: Body): ProfileUpdateFields {
  return {
    ...rest,
    ...(externalId !== undefined && { externalId: externalId.normalize("NFC") }),
    ...(email !== undefined && { email: email === null ? null : email.trim().toLowerCase() }),
    ...(aliases?.length && { aliases: toNames(aliases) }),
    ...(clickId != null && { clickId }),
    ...(visitorId != null && { visitorId }),
  };
}

const blankIsAbsent = (text: string | null | undefined) => (text == null || text.trim() === "" ? null : text);

export function customerEndpoints(context: Context & { readonly lists: Lists }): Endpoint[] {
  const { ledger, config } = context;
  const profileUpdates = openProfileUpdates(context);
  const erasure = openErasure(context);
  const toCustomer = openToCustomer(context);
  const idempotency = openIdempotency(context);
  const decimals = requireDecimals(config.currency);

  /** A customer that was just written, up to date. The write is done and must be answered, so this waits while the database is busy. */
  async function readWritten(id: number): Promise<Customer> {
    const row = await retryWhileBusy(() => findCustomer(context, id), Number.POSITIVE_INFINITY);
    if (row === undefined) throw new ApiError("INTERNAL_ERROR", "The customer was stored but could not be read.");
    return toCustomer(row);
  }

  function figuresOf(id: string) {
    const { grossMinor, refundsMinor, sales } = requireCustomer(context, id);
    const money = (minor: bigint) => toMajor(minor, decimals);
    return { ltv: money(grossMinor - refundsMinor), grossRevenue: money(grossMinor), refunds: money(refundsMinor), sales };
  }

  const common = { tag: "Customers", revenue: true } as const;
  const EXAMPLE = { externalId: "user_42", email: "ann@example.com", name: "Ann", country: "DE", metadata: { plan: "pro" } };

  return [
    ...listEndpoints(context),
    endpoint({
      ...common,
      method: "GET",
      path: "/customers/:id",
      tool: "get_customer",
      admission: "links:read",
      summary: "Get a customer",
      answers: { 200: success(Customer) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR"],
      handle: ({ params }) => ok(toCustomer(requireCustomer(context, params.id ?? ""))),
    }),
    endpoint({
      ...common,
      method: "POST",
      path: "/customers",
      admission: "links:create",
      summary: "Create or update a customer",
      description:
        "Creates the customer (201) or updates an existing one (200); `created` says which. Absent fields keep their value, null clears them, and metadata is merged key by key (null removes a key). " +
        "createdAt, source and campaign are used only when the customer is created. The creation then counts as a touch (definitions §6).",
      body: CreateBody,
      answers: { 200: success(Customer, { created: Type.Boolean() }), 201: success(Customer, { created: Type.Boolean() }) },
      examples: { body: EXAMPLE },
      refine({ body: { createdAt } }) {
        if (createdAt == null) return { value: undefined };
        const instant = checkInstant(createdAt, context);
        return "at" in instant ? { value: instant.at } : wrong("createdAt", instant.message);
      },
      async handle({ body: { source, campaign, createdAt: _, ...rest }, parsed: createdAt, attempt }) {
        const fields = toProfileUpdate(rest);
        const creation = {
          createdAt,
          source: blankIsAbsent(source),
          campaign: blankIsAbsent(campaign),
        };
        await ledger.allReassigned();
        const { status, result, replayed } = ledger.write(() =>
          idempotency.once(attempt, () => {
            const upserted = profileUpdates.upsert({ ...fields, externalId: fields.externalId ?? "" }, creation);
            return { status: upserted.created ? 201 : 200, result: upserted };
          }),
        );
        const data = replayed ? toCustomer(requireCustomer(context, toCustomerId(result.id))) : await readWritten(result.id);
        return { status, body: { success: true, data, created: result.created }, ...(replayed && { headers: REPLAYED }) };
      },
    }),
    endpoint({
      ...common,
      method: "PATCH",
      path: "/customers/:id",
      admission: "links:update",
      summary: "Update a customer",
      description:
        "Send at least one field. Absent fields keep their value, null clears them, and metadata is merged key by key (null removes a key).",
      body: ChangeBody,
      answers: { 200: success(Customer) },
      errors: ["NOT_FOUND", "DUPLICATE_EXTERNAL_ID"],
      examples: { body: { name: "Ann B.", metadata: { plan: "team" } } },
      async handle({ params, body }) {
        await ledger.allReassigned();
        return ok(await readWritten(profileUpdates.change(params.id ?? "", toProfileUpdate(body))));
      },
    }),
    endpoint({
      ...common,
      revenue: false,
      method: "DELETE",
      path: "/customers/:id",
      worksWhenFull: true,
      admission: "links:delete",
      summary: "Erase a customer",
      description:
        "Deletes everything personal and keeps the numbers (definitions §10). The answer comes when no byte is left. If that takes longer than ten seconds, because of very many entries, it is 503: the customer is erased for everybody, and the rest follows by itself. It also works when revenue tracking is turned off.",
      answers: { 200: success(Type.Object({ id: Type.String(), deleted: Type.Literal(true), deletedAt: Instant })) },
      errors: ["NOT_FOUND", "SERVICE_UNAVAILABLE"],
      async handle({ params }) {
        const { id, deletedAt } = await erasure.erase(params.id ?? "");
        return ok({ id: toCustomerId(id), deleted: true, deletedAt: toIso(deletedAt) });
      },
    }),
    endpoint({
      ...common,
      method: "POST",
      path: "/customers/:id/recalculate-ltv",
      worksWhenFull: true,
      admission: "links:create",
      summary: "Recompute a customer's figures",
      description: "Recomputes them from the log immediately. If `changed` is true, a stored figure was wrong.",
      answers: { 200: success(Type.Object({ id: Type.String(), before: Figures, after: Figures, changed: Type.Boolean() })) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR"],
      async handle({ params, attempt }) {
        const { id: rowId } = requireCustomer(context, params.id ?? "");
        const id = toCustomerId(rowId);
        const known = ledger.isLarge(rowId) ? figuresOf(id) : undefined;
        // If others have changed them meanwhile, the figures before and after cannot be compared.
        if (known && !(await ledger.recomputeLarge(rowId))) throw new CatchingUp("The customer has changed meanwhile: try again soon.");
        const { result, replayed } = ledger.write(() =>
          idempotency.once(attempt, () => {
            const before = known ?? figuresOf(id);
            if (!known) ledger.recomputeCustomer(rowId);
            return { status: 200, result: { id, before, after: figuresOf(id) } };
          }),
        );
        const changed = JSON.stringify(result.before) !== JSON.stringify(result.after);
        return ok({ ...result, changed }, {}, replayed ? REPLAYED : undefined);
      },
    }),
  ];
}
