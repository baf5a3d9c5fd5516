// GET, PATCH and DELETE /dub/customers…: customers as Dub's API shows and changes them.
import { type TSchema, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import type { CustomerRow } from "../../customer/customer-row.ts";
import { openErasure } from "../../customer/erase-customer.ts";
import { findCustomer, requireCustomer } from "../../customer/find-customer.ts";
import type { Condition } from "../../customer/list/condition.ts";
import type { Lists } from "../../customer/list/lists.ts";
import { searchCondition } from "../../customer/list/search-condition.ts";
import { opposite } from "../../customer/list/sort.ts";
import { openProfileUpdates } from "../../customer/update-profile.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { behindHeaders } from "../../http/behind.ts";
import { type Endpoint, endpoint } from "../../http/endpoint.ts";
import { wrong } from "../../http/refined.ts";
import { Avatar, Country, Email, Flag, Nullable, OneOf, Text, Whole } from "../../http/wire.ts";
import type { Behind } from "../../value/behind.ts";
import { ApiError } from "../../value/error.ts";
import { toCustomerId } from "../../value/id.ts";
import { toNames } from "../../value/text.ts";
import { DUB_FAILURE } from "./failure.ts";
import { DubCustomer, openToDubCustomer, STRIPE_ALIAS } from "./to-dub-customer.ts";

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const Expanded = { includeExpandedFields: Type.Optional(Flag()) };
const OTHER_FILTER = "There are no links, programs and partners here, so nobody has this one.";
const ListQuery = Type.Object({
  email: Type.Optional(Text(254, "The one customer with this email. It goes before externalId and search.")),
  externalId: Type.Optional(Text(255, "The one customer with this externalId. It goes before search.")),
  search: Type.Optional(Text(255, "Part of name, email or externalId.")),
  country: Type.Optional(Country),
  linkId: Type.Optional(Text(255, OTHER_FILTER)),
  programId: Type.Optional(Text(255, OTHER_FILTER)),
  partnerId: Type.Optional(Text(255, OTHER_FILTER)),
  ...Expanded,
  sortBy: Type.Optional(OneOf(["createdAt"], { default: "createdAt", description: "The other sorts of Dub are not supported." })),
  sortOrder: Type.Optional(OneOf(["asc", "desc"], { default: "desc" })),
  startingAfter: Type.Optional(Text(300, "The page begins after this customer.")),
  endingBefore: Type.Optional(Text(300, "The page ends before this customer.")),
  page: Type.Optional(Whole(1, 1_000_000_000)),
  pageSize: Type.Optional(Whole(1, 100, { default: 100 })),
});
const ChangeBody = Type.Object({
  externalId: Type.Optional(Text(255, "409 if it is another customer's.")),
  email: optional(Email),
  name: optional(Text(255)),
  avatar: optional(Avatar),
  country: optional(Country),
  stripeCustomerId: optional(Text(200, "Becomes the alias `stripe:cus_…`, which stays (definitions §5).")),
});

export function dubCustomerEndpoints(context: Context & { readonly lists: Lists }): Endpoint[] {
  const { ledger, lists } = context;
  const toDubCustomer = openToDubCustomer(context);
  const profiles = openProfileUpdates(context);
  const erasure = openErasure(context);
  const answer = (row: CustomerRow, isExpanded = false) => ({ status: 200, body: toDubCustomer(row, isExpanded) });

  /** The one customer with an email or an externalId, as a list. */
  function findOne({ email, externalId }: { email?: string | undefined; externalId?: string | undefined }): CustomerRow[] {
    if (email !== undefined) {
      const id = ledger.identity.ownerOfName("email", email.trim().toLowerCase());
      const row = id === undefined ? undefined : findCustomer(context, id);
      return row === undefined ? [] : [row];
    }
    try {
      const row = requireCustomer(context, `ext_${externalId}`);
      return row.externalId === externalId?.normalize("NFC") ? [row] : [];
    } catch (error) {
      if (error instanceof ApiError && error.code === "NOT_FOUND") return [];
      throw error;
    }
  }

  const common = { tag: "Dub", revenue: true, lenient: true, foreign: { failure: DUB_FAILURE } } as const;

  return [
    endpoint({
      ...common,
      method: "GET",
      path: "/dub/customers",
      admission: "links:read",
      summary: "Dub: list customers",
      description: "A list without a total: ask for the next page with `startingAfter` until it is empty.",
      query: ListQuery,
      derived: true,
      answers: { 200: Type.Array(DubCustomer) },
      errors: ["NOT_FOUND"],
      refine: ({ query: { startingAfter, endingBefore } }) =>
        startingAfter !== undefined && endingBefore !== undefined
          ? wrong("endingBefore", "must not be given beside startingAfter")
          : { value: undefined },
      async handle({ query }) {
        const { email, externalId, search, country, linkId, programId, partnerId, startingAfter, endingBefore } = query;
        const { sortOrder = "desc", page = 1, pageSize = 100, includeExpandedFields = false } = query;
        const send = (rows: readonly CustomerRow[], behind?: Behind) => ({
          status: 200,
          body: rows.map((row) => toDubCustomer(row, includeExpandedFields)),
          headers: behindHeaders(behind),
        });
        if (linkId !== undefined || programId !== undefined || partnerId !== undefined) return send([]);
        const boundary = startingAfter ?? endingBefore;
        const isNext = boundary !== undefined || page > 1;
        if (email !== undefined || externalId !== undefined)
          return send(isNext ? [] : findOne({ email, externalId }).filter((row) => country === undefined || row.country === country));
        const behind = await ledger.ensureFresh();
        const conditions: Condition[] = [
          ...(search === undefined ? [] : [searchCondition(search)]),
          ...(country === undefined ? [] : [{ sql: "c.country = :country", values: { country } }]),
        ];
        const from = boundary === undefined ? undefined : requireCustomer(context, boundary);
        const { customers } = await lists.list({
          conditions,
          sortBy: "createdAt",
          sortOrder: endingBefore === undefined ? sortOrder : opposite(sortOrder),
          limit: pageSize,
          offset: boundary === undefined ? (page - 1) * pageSize : 0,
          after: from && { value: String(from.createdAt), id: from.id },
        });
        const rows = customers.map(({ row }) => row);
        return send(endingBefore === undefined ? rows : rows.reverse(), behind);
      },
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/dub/customers/:id",
      admission: "links:read",
      summary: "Dub: get a customer",
      query: Type.Object(Expanded),
      answers: { 200: DubCustomer },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR"],
      handle: ({ params, query }) => answer(requireCustomer(context, params.id ?? ""), query.includeExpandedFields),
    }),
    endpoint({
      ...common,
      method: "PATCH",
      path: "/dub/customers/:id",
      admission: "links:update",
      summary: "Dub: update a customer",
      query: Type.Object(Expanded),
      body: ChangeBody,
      answers: { 200: DubCustomer },
      errors: ["NOT_FOUND", "DUPLICATE_EXTERNAL_ID"],
      examples: { body: { name: "Ann B." } },
      async handle({ params, query, body: { externalId, email, stripeCustomerId, ...rest } }) {
        await ledger.allReassigned();
        const fields = {
          ...rest,
          ...(stripeCustomerId != null && { aliases: toNames([`${STRIPE_ALIAS}${stripeCustomerId}`]) }),
          ...(externalId !== undefined && { externalId: externalId.normalize("NFC") }),
          ...(email !== undefined && { email: email?.trim().toLowerCase() ?? null }),
        };
        const id =
          Object.keys(fields).length === 0 ? requireCustomer(context, params.id ?? "").id : profiles.change(params.id ?? "", fields);
        const row = await retryWhileBusy(() => findCustomer(context, id), Number.POSITIVE_INFINITY);
        if (row === undefined) throw new ApiError("INTERNAL_ERROR", "The customer was stored but could not be read.");
        return answer(row, query.includeExpandedFields);
      },
    }),
    endpoint({
      ...common,
      revenue: false,
      method: "DELETE",
      path: "/dub/customers/:id",
      worksWhenFull: true,
      admission: "links:delete",
      summary: "Dub: erase a customer",
      description: "Deletes everything personal and keeps the numbers (definitions §10).",
      answers: { 200: Type.Object({ id: Type.String() }) },
      errors: ["NOT_FOUND", "SERVICE_UNAVAILABLE"],
      async handle({ params }) {
        const { id } = await erasure.erase(params.id ?? "");
        return { status: 200, body: { id: toCustomerId(id) } };
      },
    }),
  ];
}
