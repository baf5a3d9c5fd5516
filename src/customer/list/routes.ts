// GET /customers and GET /customers/count: the customers who meet the filters, in pages, and their number.
// How a request becomes SQL is drawn in list-customers.ts.
import { Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { behindHeaders } from "../../http/behind.ts";
import { type Endpoint, endpoint, ok } from "../../http/endpoint.ts";
import { combine, type Refined, wrong } from "../../http/refined.ts";
import { csvHeaders, FormatQuery, isCsvWanted, VARY } from "../../http/representation.ts";
import { Count, Nullable, OneOf, Pagination, success, Text, Whole } from "../../http/wire.ts";
import { invalid } from "../../value/error.ts";
import { Customer, openToCustomer } from "../to-customer.ts";
import { streamCustomers } from "./csv.ts";
import { readCursor, toCursor } from "./cursor.ts";
import { FilterFields, readFilters } from "./filter.ts";
import type { Lists } from "./lists.ts";
import { type CursorPosition, SORT_NAMES } from "./sort.ts";

const CustomerPagination = Type.Object({
  ...Pagination.properties,
  page: Nullable({ ...Count, description: "null when the page was requested by `cursor`." }),
  nextCursor: Nullable(Type.String({ description: "Pass it as `cursor` to get the next page. null on the last page." })),
});

/** A file has all customers, so a request for CSV that names a part of them is refused. Throws VALIDATION_ERROR. */
function refuseParts(search: string): void {
  const given = new URLSearchParams(search);
  const parts = ["page", "limit", "cursor"].filter((name) => given.has(name));
  if (parts.length > 0) throw invalid(parts.map((path) => ({ path, message: "is not allowed with CSV, which has all customers" })));
}

export function listEndpoints(context: Context & { readonly lists: Lists }): Endpoint[] {
  const { ledger, lists } = context;
  const toCustomer = openToCustomer(context);
  const common = { tag: "Customers", revenue: true } as const;

  return [
    endpoint({
      ...common,
      method: "GET",
      path: "/customers",
      tool: "list_customers",
      admission: "links:read",
      summary: "List customers",
      description:
        "Sorted by createdAt and then id, newest first by default. Filters can be combined, so the people behind every cell of a report can be listed. A page past the end is empty. " +
        "As CSV, the answer has all customers who meet the filters, and takes neither `page` nor `cursor` nor `limit`.",
      query: Type.Object({
        page: Type.Optional(Whole(1, 1_000_000_000, { description: "The page number, from 1." })),
        limit: Type.Optional(Whole(1, 100, { default: 20, description: "How many customers a page has." })),
        cursor: Type.Optional(Text(255, "The `nextCursor` of the previous page. Use it instead of `page`.")),
        sortBy: Type.Optional(
          OneOf(SORT_NAMES, {
            default: "createdAt",
            description: "The field to sort by; ties are sorted by id. By lastSaleAt, whoever has no sale comes before everybody who has.",
          }),
        ),
        sortOrder: Type.Optional(OneOf(["asc", "desc"], { default: "desc" })),
        ...FilterFields,
        ...FormatQuery,
      }),
      csv: true,
      answers: { 200: success(Type.Array(Customer), { pagination: CustomerPagination }) },
      derived: true,
      errors: ["SERVICE_UNAVAILABLE"],
      refine({ query: { page, cursor, sortBy, sortOrder, format: _, ...filters } }) {
        const after: Refined<CursorPosition | undefined> =
          cursor === undefined
            ? { value: undefined }
            : page === undefined
              ? readCursor(cursor, sortBy, sortOrder)
              : wrong("cursor", "must not be given beside page");
        return combine({ conditions: readFilters(filters, context), after });
      },
      async handle({ query: { page, limit = 20, cursor, sortBy = "createdAt", sortOrder = "desc", format }, parsed, asked }) {
        const { conditions, after } = parsed;
        const isCsv = isCsvWanted(format, asked.header("accept"));
        if (isCsv) refuseParts(asked.search);
        const behind = await ledger.ensureFresh();
        if (isCsv) {
          const body = asked.method === "HEAD" ? null : streamCustomers({ lists, toCustomer }, { conditions, sortBy, sortOrder });
          return new Response(body, { headers: { ...csvHeaders("customers"), ...behindHeaders(behind), "Cache-Control": "no-store" } });
        }
        const offset = ((page ?? 1) - 1) * limit;
        const request = { conditions, sortBy, sortOrder, limit: limit + 1, offset, after };
        const { total, customers: found } = await lists.list(request);
        const totalPages = Math.ceil(total / limit);
        const customers = found.slice(0, limit);
        const last = customers.at(-1);
        const hasMore = found.length > limit;
        const nextCursor = hasMore && last ? toCursor(last.position, sortBy, sortOrder) : null;
        const pagination = { page: cursor === undefined ? (page ?? 1) : null, limit, total, totalPages, hasMore, nextCursor };
        return ok(
          customers.map(({ row }) => toCustomer(row)),
          { pagination },
          { ...behindHeaders(behind), ...VARY },
        );
      },
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/customers/count",
      tool: "count_customers",
      admission: "links:read",
      summary: "Count customers",
      query: Type.Object(FilterFields),
      answers: {
        200: success(
          Type.Object({
            count: {
              ...Count,
              description: "The number of customers that match the filters. Erased customers are not counted (definitions §1, §7).",
            },
          }),
        ),
      },
      derived: true,
      errors: ["SERVICE_UNAVAILABLE"],
      refine: ({ query }) => readFilters(query, context),
      async handle({ parsed: conditions }) {
        const behind = await ledger.ensureFresh();
        return ok({ count: await lists.count(conditions) }, {}, behindHeaders(behind));
      },
    }),
  ];
}
