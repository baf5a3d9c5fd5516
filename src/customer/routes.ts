// /customers: who they are, and what may be told of them.
import { type TSchema, Type } from "@sinclair/typebox";
import type { Context } from "../context.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { openIdempotency, REPLAYED } from "../http/idempotency.ts";
import { combine, type Refined, wrong } from "../http/refined.ts";
import {
  Avatar,
  Blankable,
  Count,
  Country,
  Email,
  Instant,
  Metadata,
  Money,
  Nullable,
  OneOf,
  Pagination,
  PlainOrInstant,
  success,
  Text,
  Whole,
} from "../http/wire.ts";
import { ApiError } from "../value/error.ts";
import { toCustomerId } from "../value/id.ts";
import { checkInstant, toIso } from "../value/instant.ts";
import { requireDecimals, toMajor } from "../value/money.ts";
import { openErasure } from "./erase-customer.ts";
import { findCustomer, requireCustomer } from "./find-customer.ts";
import { readCursor, toCursor } from "./list/cursor.ts";
import { FilterFields, readFilters } from "./list/filter.ts";
import { type Place, SORT_NAMES } from "./list/list-customers.ts";
import type { Lists } from "./list/lists.ts";
import { openProfileUpdates, type Told } from "./tell-customer.ts";
import { Customer, openToCustomer } from "./to-customer.ts";

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const CustomerPagination = Type.Object({
  ...Pagination.properties,
  page: Nullable({ ...Count, description: "null when a cursor led here." }),
  nextCursor: Nullable(Type.String({ description: "Leads to the next page, also when its row is gone by then; null on the last." })),
});
const ToldFields = {
  email: optional(Email),
  name: optional(Text(255, "null clears it.")),
  avatar: optional(Avatar),
  country: optional(Country),
  metadata: optional(Metadata),
  clickId: optional(Text(255, "Joins that click to the customer; an unknown one is remembered until the click arrives.")),
  visitorId: optional(Text(255, "The browser or device; joins its entries to the customer.")),
};
const CreateBody = Type.Object({
  externalId: Text(255, "Your id of the customer, compared exactly."),
  ...ToldFields,
  source: optional(Blankable(255, "Of the creation as a touch; matters only when the customer is made (definitions §6).")),
  campaign: optional(Blankable(255, "Of the creation as a touch; matters only when the customer is made.")),
  createdAt: optional(PlainOrInstant),
});
const ChangeBody = Type.Object(
  { externalId: Type.Optional(Text(255, "409 if it is another customer's.")), ...ToldFields },
  { minProperties: 1 },
);
const Figures = Type.Object({ ltv: Money, grossRevenue: Money, refunds: Money, sales: Count });

interface ToldBody {
  externalId?: string | undefined;
  email?: string | null | undefined;
  clickId?: string | null | undefined;
  visitorId?: string | null | undefined;
}

/** The body as a profile update: names in the form in which they are compared, links that say nothing left out. */
function toTold<Body extends ToldBody>({ externalId, email, clickId, visitorId, ...rest }: Body): Told {
  return {
    ...rest,
    ...(externalId !== undefined && { externalId: externalId.normalize("NFC") }),
    ...(email !== undefined && { email: email === null ? null : email.trim().toLowerCase() }),
    ...(clickId != null && { clickId }),
    ...(visitorId != null && { visitorId }),
  };
}

const blankIsAbsent = (text: string | null | undefined) => (text == null || text.trim() === "" ? null : text);

export function customerEndpoints(context: Context & { readonly lists: Lists }): Endpoint[] {
  const { ledger, lists, config } = context;
  const profileUpdates = openProfileUpdates(context);
  const erasure = openErasure(context);
  const toCustomer = openToCustomer(context);
  const idempotency = openIdempotency(context);
  const decimals = requireDecimals(config.currency);

  /** A customer just written, up to date. The write is done: nothing makes this fail for now that waiting helps against. */
  async function read(id: number): Promise<Customer> {
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
    endpoint({
      ...common,
      method: "GET",
      path: "/customers",
      admission: "links:read",
      summary: "List customers",
      description:
        "By createdAt, then id, newest first unless asked otherwise. All filters can be combined: every cell of a report leads to its people. A page past the end is empty.",
      query: Type.Object({
        page: Type.Optional(Whole(1, 1_000_000_000, { description: "From 1." })),
        limit: Type.Optional(Whole(1, 100, { default: 20, description: "Customers on a page." })),
        cursor: Type.Optional(Text(255, "nextCursor of the page before, instead of page.")),
        sortBy: Type.Optional(OneOf(SORT_NAMES, { default: "createdAt", description: "Then by id." })),
        sortOrder: Type.Optional(OneOf(["asc", "desc"], { default: "desc" })),
        ...FilterFields,
      }),
      answers: { 200: success(Type.Array(Customer), { pagination: CustomerPagination }) },
      errors: ["SERVICE_UNAVAILABLE"],
      refine({ query: { page, cursor, sortBy, sortOrder, ...filters } }) {
        const after: Refined<Place | undefined> =
          cursor === undefined
            ? { value: undefined }
            : page === undefined
              ? readCursor(cursor, sortBy, sortOrder)
              : wrong("cursor", "must not be given beside page");
        return combine({ conditions: readFilters(filters, context), after });
      },
      async handle({ query: { page, limit = 20, cursor, sortBy = "createdAt", sortOrder = "desc" }, parsed: { conditions, after } }) {
        await ledger.fresh();
        const offset = ((page ?? 1) - 1) * limit;
        const question = { conditions, sortBy, sortOrder, limit: limit + 1, offset, after };
        const { total, customers: found } = await lists.list(question);
        const totalPages = Math.ceil(total / limit);
        const customers = found.slice(0, limit);
        const last = customers.at(-1);
        const hasMore = found.length > limit;
        const nextCursor = hasMore && last ? toCursor(last.place, sortBy, sortOrder) : null;
        const pagination = { page: cursor === undefined ? (page ?? 1) : null, limit, total, totalPages, hasMore, nextCursor };
        return ok(
          customers.map(({ row }) => toCustomer(row)),
          { pagination },
        );
      },
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/customers/count",
      admission: "links:read",
      summary: "Count customers",
      query: Type.Object(FilterFields),
      answers: {
        200: success(Type.Object({ count: { ...Count, description: "Live customers that the filters leave (definitions §1, §7)." } })),
      },
      errors: ["SERVICE_UNAVAILABLE"],
      refine: ({ query }) => readFilters(query, context),
      async handle({ parsed: conditions }) {
        await ledger.fresh();
        return ok({ count: await lists.count(conditions) });
      },
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/customers/:id",
      admission: "links:read",
      summary: "One customer",
      answers: { 200: success(Customer) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR"],
      handle: ({ params }) => ok(toCustomer(requireCustomer(context, params.id ?? ""))),
    }),
    endpoint({
      ...common,
      method: "POST",
      path: "/customers",
      admission: "links:create",
      summary: "Make or update a customer",
      description:
        "Made: 201; there already: 200 and updated, and `created` says which. Absent fields stay, null clears, metadata merges key by key (null drops a key). " +
        "createdAt, source and campaign matter only when the customer is made: their creation is a touch then (definitions §6).",
      body: CreateBody,
      answers: { 200: success(Customer, { created: Type.Boolean() }), 201: success(Customer, { created: Type.Boolean() }) },
      examples: { body: EXAMPLE },
      refine({ body: { createdAt } }) {
        if (createdAt == null) return { value: undefined };
        const instant = checkInstant(createdAt, context);
        return "at" in instant ? { value: instant.at } : wrong("createdAt", instant.message);
      },
      async handle({ body: { source, campaign, createdAt: _, ...rest }, parsed: createdAt, attempt }) {
        const told = toTold(rest);
        const creation = {
          createdAt,
          source: blankIsAbsent(source),
          campaign: blankIsAbsent(campaign),
        };
        await ledger.allReassigned();
        const { status, result, replayed } = ledger.write(() =>
          idempotency.once(attempt, () => {
            const upserted = profileUpdates.upsert({ ...told, externalId: told.externalId ?? "" }, creation);
            return { status: upserted.created ? 201 : 200, result: upserted };
          }),
        );
        const data = replayed ? toCustomer(requireCustomer(context, toCustomerId(result.id))) : await read(result.id);
        return { status, body: { success: true, data, created: result.created }, ...(replayed && { headers: REPLAYED }) };
      },
    }),
    endpoint({
      ...common,
      method: "PATCH",
      path: "/customers/:id",
      admission: "links:update",
      summary: "Change a customer",
      description: "At least one field. Absent fields stay, null clears, metadata merges key by key (null drops a key).",
      body: ChangeBody,
      answers: { 200: success(Customer) },
      errors: ["NOT_FOUND", "DUPLICATE_EXTERNAL_ID"],
      examples: { body: { name: "Ann B.", metadata: { plan: "team" } } },
      async handle({ params, body }) {
        await ledger.allReassigned();
        return ok(await read(profileUpdates.change(params.id ?? "", toTold(body))));
      },
    }),
    endpoint({
      ...common,
      revenue: false,
      method: "DELETE",
      path: "/customers/:id",
      admission: "links:delete",
      summary: "Erase a customer",
      description:
        "Forgets the person and keeps the numbers (definitions §10). Works with revenue tracking switched off: a person can always be forgotten.",
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
      admission: "links:create",
      summary: "Rebuild what is derived for a customer",
      description: "From the log, at once. `changed` would mean that a derived figure was wrong.",
      answers: { 200: success(Type.Object({ id: Type.String(), before: Figures, after: Figures, changed: Type.Boolean() })) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR"],
      handle({ params, attempt }) {
        const { id: rowId } = requireCustomer(context, params.id ?? "");
        const { result, replayed } = ledger.write(() =>
          idempotency.once(attempt, () => {
            const id = toCustomerId(rowId);
            const before = figuresOf(id);
            ledger.refreshCustomer(rowId);
            return { status: 200, result: { id, before, after: figuresOf(id) } };
          }),
        );
        const changed = JSON.stringify(result.before) !== JSON.stringify(result.after);
        return ok({ ...result, changed }, {}, replayed ? REPLAYED : undefined);
      },
    }),
  ];
}
