// POST /imports and its siblings: a file is imported in the background, looked at, and taken back.
import { Type } from "@sinclair/typebox";
import { IMPORT_STATES } from "../../../db/import-schema.ts";
import type { Context } from "../../context.ts";
import { MAX_IMPORT_BYTES } from "../../http/body.ts";
import { type Endpoint, endpoint, ok } from "../../http/endpoint.ts";
import { combine, type Refined, wrong } from "../../http/refined.ts";
import { Count, Currency, Flag, Instant, Money, Nullable, OneOf, PlainOrInstant, success, Text, Whole } from "../../http/wire.ts";
import { type ColumnMap, MAP_FIELDS, readColumnMap } from "../../provider/file/column-map.ts";
import { FileError } from "../../provider/file/file-error.ts";
import { checkInstant, toIso } from "../../value/instant.ts";
import { requireDecimals, toDecimalText } from "../../value/money.ts";
import { RESULTS } from "../effect/outcome.ts";
import type { Imports } from "./queue.ts";
import { MOST_UPLOAD_MS } from "./spool.ts";
import type { Import } from "./store.ts";

const MOST_LISTED = 100;
const DEFAULT_LISTED = 20;

const count = (description: string) => ({ ...Count, description });
const Found = Type.Object(
  {
    sums: Type.Array(
      Type.Object({
        currency: Currency,
        sales: count("Sales that would be recorded."),
        value: { ...Money, description: "Their values, in major units of `currency`." },
        refunds: count("Refunds that would be recorded and say their currency."),
        refunded: { ...Money, description: "Their values, as told, in major units of `currency`." },
      }),
    ),
    firstAt: Nullable(Type.Unsafe<string>({ ...Instant, description: "The timestamp of the earliest entry." })),
    lastAt: Nullable(Type.Unsafe<string>({ ...Instant, description: "The timestamp of the latest entry." })),
    newCustomers: count("Customers who are not here yet."),
    knownCustomers: count("Customers who are here, by any of their names, clicks or visitors."),
    movedCustomers: count("Known customers whose first touch would be in an earlier month, so that they move to an older cohort."),
    lacksRates: Type.Array(Type.Object({ currency: Currency, sales: count("Sales in this currency without a rate on their day.") })),
  },
  { description: "What a dry run found besides." },
);

const ImportAnswer = Type.Object({
  id: Type.Integer({ minimum: 1, description: "The id of the import." }),
  name: Type.String({ description: "The name of the file." }),
  format: Nullable(Type.String({ description: "What kind of file it is; null until it was looked at." })),
  dryRun: Type.Boolean({ description: "Whether it only says what it would do." }),
  state: OneOf(IMPORT_STATES, {
    description:
      "`reading` the file, `checked` (a dry run is done), `writing`, `done`, `failed` (what was written stays, and can be undone), `undoing`, `undone`.",
  }),
  progress: Nullable(
    Type.Number({ minimum: 0, maximum: 1, description: "Which share of the file has been read, while it is being read." }),
  ),
  problem: Nullable(Type.String({ description: "Why it failed." })),
  createdAt: Instant,
  finishedAt: Nullable(Instant),
  rows: count("Rows of the file that are done."),
  recorded: count("Rows that brought something new."),
  duplicates: count("Rows that are all here already."),
  conflicts: count("Rows that tell something again with other content; the first stays."),
  refused: count("Rows that cannot be stored."),
  ignored: count("Rows that mean nothing to us, such as failed payments."),
  reasons: Type.Array(
    Type.Object({
      result: OneOf(RESULTS),
      reason: Type.String({ description: "Why, in words that name nobody." }),
      count: Count,
      line: Type.Integer({ minimum: 1, description: "The first such line of the file." }),
    }),
    { description: "Why rows were not recorded." },
  ),
  unnamedSales: Type.Array(
    Type.Object({
      currency: Currency,
      sales: Count,
      value: { ...Money, description: "Their values, in major units of `currency`." },
      lines: Type.Array(Type.Integer({ minimum: 1 }), { description: "Where the first 100 of them are in the file." }),
    }),
    { description: "Sales that name nobody. They are in no figure." },
  ),
  notes: Type.Array(Type.String(), { description: "What else should be known of the file." }),
  found: Nullable(Found),
});

const inMajor = (minor: string, currency: string): number => Number(toDecimalText(BigInt(minor), requireDecimals(currency)));
const toIsoOrNull = (at: number | null) => (at === null ? null : toIso(at));

function toAnswer(
  { id, name, format, options, state, rows, problem, createdAt, finishedAt, report }: Import,
  progress: number | undefined,
) {
  const { found, unnamedSales, ...counts } = report;
  return {
    ...{ id, name, format, dryRun: options.dryRun === true, state, progress: progress ?? null, problem },
    ...{ createdAt: toIso(createdAt), finishedAt: toIsoOrNull(finishedAt), rows, ...counts },
    unnamedSales: unnamedSales.map(({ currency, sales, valueMinor, lines }) => ({
      ...{ currency, sales, value: inMajor(valueMinor, currency), lines },
    })),
    found: found && {
      ...found,
      firstAt: toIsoOrNull(found.firstAt),
      lastAt: toIsoOrNull(found.lastAt),
      sums: found.sums.map(({ currency, sales, salesMinor, refunds, refundsMinor }) => ({
        ...{ currency, sales, value: inMajor(salesMinor, currency) },
        ...{ refunds, refunded: inMajor(refundsMinor, currency) },
      })),
    },
  };
}

const EXAMPLE = {
  ...{ id: 1, name: "payments.ndjson", format: "ndjson", dryRun: false, state: "done", progress: null, problem: null },
  ...{ createdAt: "2026-02-01T10:00:00.000Z", finishedAt: "2026-02-01T10:00:04.000Z", rows: 1200 },
  ...{ recorded: 1198, duplicates: 1, conflicts: 0, refused: 1, ignored: 0 },
  reasons: [{ result: "refused", reason: "value must not be negative, send a refund instead", count: 1, line: 77 }],
  ...{ unnamedSales: [], notes: [], found: null },
};

function readMap(map: string | undefined): Refined<ColumnMap | undefined> {
  try {
    return { value: map === undefined ? undefined : readColumnMap(map) };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return wrong("map", `must be pairs as in orderId=Order,value=Total, of the fields ${MAP_FIELDS.join(", ")}`);
  }
}

function readExportedAt(value: string | number | undefined, context: Pick<Context, "calendar" | "now">): Refined<number | undefined> {
  if (value === undefined) return { value: undefined };
  const checked = checkInstant(value, context);
  return "at" in checked ? { value: checked.at } : wrong("exported_at", checked.message);
}

/** The id in a path; undefined if it is none. */
const toId = (text: string | undefined): number | undefined => (/^[1-9]\d{0,14}$/.test(text ?? "") ? Number(text) : undefined);

export function importEndpoints(context: Pick<Context, "calendar" | "now">, imports: Imports): Endpoint[] {
  const { store } = imports;
  const accepted = (found: Import) => ({ status: 202, body: { success: true, data: toAnswer(found, imports.progressOf(found.id)) } });
  return [
    endpoint({
      method: "POST",
      path: "/imports",
      admission: "conversions:write",
      isSafeToRepeat: true,
      tag: "Imports",
      summary: "Import a file",
      description:
        "The body is the file, gzipped or not, up to 1 GiB: NDJSON with an entry of POST /events, or a line of `export workspace`, in each line; or a CSV file of a payment provider. The answer comes as soon as the file is here, and the import goes on in the background: GET /imports/:id shows how far it is. With `dryRun=true` nothing is written, and the import says what it would do. One import runs at a time. Sent again, a file brings only duplicates.",
      query: Type.Object({
        name: Type.Optional(Text(255, "The name of the file, by which the import is listed.")),
        dryRun: Type.Optional(Flag({ default: false, description: "Write nothing, and say what would be recorded." })),
        map: Type.Optional(Text(4000, "Which columns of any CSV hold our fields: `orderId=Order,value=Total`.")),
        shop: Type.Optional(Text(255, "The shop that a Shopify file is of: `my-shop` or `my-shop.myshopify.com`.")),
        by_charge: Type.Optional(
          Flag({
            default: false,
            description: "Take a Stripe file without the column `PaymentIntent ID`. Live webhooks of these payments would count twice.",
          }),
        ),
        exported_at: Type.Optional({
          ...PlainOrInstant,
          description:
            "When the file was exported, if that is later than its newest date: what it says is refunded includes refunds until then.",
        }),
      }),
      body: "stream",
      maxBytes: MAX_IMPORT_BYTES,
      deadlineMs: MOST_UPLOAD_MS,
      refine: ({ query }) => combine({ map: readMap(query.map), exportedAt: readExportedAt(query.exported_at, context) }),
      answers: { 202: success(ImportAnswer) },
      errors: ["CONFLICT"],
      examples: { answer: { success: true, data: { ...EXAMPLE, state: "reading", progress: 0, rows: 0, recorded: 0, finishedAt: null } } },
      async handle({ query: { name = "file", dryRun = false, shop, by_charge: byCharge = false }, body, parsed: { map, exportedAt } }) {
        const options = {
          ...(dryRun && { dryRun }),
          ...(map && { map }),
          ...(shop !== undefined && { shop }),
          ...(byCharge && { byCharge }),
          ...(exportedAt !== undefined && { exportedAt }),
        };
        return accepted(await imports.receive(body, name, options));
      },
    }),
    endpoint({
      method: "GET",
      path: "/imports",
      admission: "analytics:read",
      tag: "Imports",
      summary: "List the imports",
      description: "The newest first. An import that is undone stays in the list.",
      query: Type.Object({
        limit: Type.Optional(Whole(1, MOST_LISTED, { default: DEFAULT_LISTED, description: "How many." })),
        before: Type.Optional(Whole(1, Number.MAX_SAFE_INTEGER, { description: "Only imports with smaller ids." })),
      }),
      answers: { 200: success(Type.Array(ImportAnswer)) },
      examples: { answer: { success: true, data: [EXAMPLE] } },
      handle: ({ query: { limit = DEFAULT_LISTED, before = Number.MAX_SAFE_INTEGER } }) =>
        ok(store.list(before, limit).map((each) => toAnswer(each, imports.progressOf(each.id)))),
    }),
    endpoint({
      method: "GET",
      path: "/imports/:id",
      admission: "analytics:read",
      tag: "Imports",
      summary: "Get an import",
      description: "How far it is, and what it found.",
      answers: { 200: success(ImportAnswer) },
      examples: { answer: { success: true, data: EXAMPLE } },
      handle({ params }) {
        const found = store.require(toId(params.id));
        return ok(toAnswer(found, imports.progressOf(found.id)));
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/imports/:id",
      admission: "conversions:write",
      worksWhenFull: true,
      tag: "Imports",
      summary: "Undo an import",
      description:
        "Takes back exactly what the import added, in the background, and nothing that came by another way too: a webhook, a request, or another import that is not undone. All reports come out as if the import had never been.",
      answers: { 202: success(ImportAnswer) },
      errors: ["CONFLICT"],
      examples: { answer: { success: true, data: { ...EXAMPLE, state: "undoing", finishedAt: null } } },
      handle: async ({ params }) => accepted(await imports.undo(toId(params.id))),
    }),
  ];
}
