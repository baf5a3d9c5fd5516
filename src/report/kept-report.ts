// How does a report become an endpoint? A report brings its scope, query and answer; everything else is the same for all reports.
import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import type { Scope } from "../access/keyring.ts";
import { requireCustomer } from "../customer/find-customer.ts";
import { type Definition, type Endpoint, endpoint } from "../http/endpoint.ts";
import type { Refined } from "../http/refined.ts";
import { type Format, FormatQuery, isCsvWanted, type Table } from "../http/representation.ts";
import { Instant, success } from "../http/wire.ts";
import { parseCustomerId } from "../value/id.ts";
import type { Reporting } from "./engine.ts";

/** The validated question of a request. */
interface Asked<Query extends TObject, Parsed> {
  readonly query: Static<Query>;
  /** The value of `refine`. */
  readonly parsed: Parsed;
  /** The row number of the customer that a path with `:id` names; 0 in a report about all customers. */
  readonly customerId: number;
}

export interface Report<Query extends TObject, Parsed, Data extends object> {
  /** A path with `:id` is a report about one customer. */
  readonly path: string;
  readonly scope: Scope;
  /** The name of the tool by which agents ask for it. */
  readonly tool: string;
  readonly summary: string;
  readonly description: string;
  readonly query: Query;
  /** See `Definition`. */
  refine?(input: { query: Partial<Static<Query>> }): Refined<Parsed>;
  /** Gives the `data` of the answer, except `computedAt`. Everything that has to be derived for it is derived before. */
  compute(asked: Asked<Query, Parsed>): Promise<Data>;
  /** The table that CSV has of an answer. */
  toTable(data: Data, asked: Asked<Query, Parsed>): Table;
  /** The schema of what `compute` gives. */
  readonly answer: TObject;
  readonly example: { readonly query?: Readonly<Record<string, unknown>>; readonly data: object };
}

const computedAt = Type.Unsafe<string>({
  ...Instant,
  description:
    "When this was computed, by the server's clock. Everything that was acknowledged before is in it, unless `X-Behind` says otherwise (definitions §1).",
});
const EXAMPLE_COMPUTED_AT = "2026-03-01T12:00:00.000Z";

/** The endpoint of a report whose answers are kept as snapshots. */
export function keptReport<Query extends TObject, Data extends object, Parsed = undefined>(
  reporting: Reporting,
  { path, scope, tool, summary, description, query, refine, compute, toTable, answer, example }: Report<Query, Parsed, Data>,
): Endpoint {
  const { snapshots } = reporting;
  const isAboutOne = path.includes("/:id");
  const name = path.split("/").at(-1) ?? "";
  const definition: Definition<Query, TSchema, Parsed> = {
    method: "GET",
    path,
    admission: scope,
    tool,
    revenue: true,
    tag: "Reports",
    summary,
    description,
    query: Type.Object({ ...query.properties, ...FormatQuery }) as unknown as Query,
    cached: true,
    csv: true,
    derived: !isAboutOne,
    answers: { 200: success(Type.Object({ ...answer.properties, computedAt })) },
    errors: [...(isAboutOne ? (["NOT_FOUND"] as const) : []), "ANALYTICS_ERROR", "SERVICE_UNAVAILABLE"],
    examples: {
      ...(example.query && { query: example.query }),
      answer: { success: true, data: { ...example.data, computedAt: EXAMPLE_COMPUTED_AT } },
    },
    ...(refine && { refine }),
    handle({ params: { id = "" }, query, parsed, asked }) {
      const { format } = query as { format?: Format };
      const csv = isCsvWanted(format, asked.header("accept")) ? name : undefined;
      const read = async (customerId: number) => {
        const own = { query, parsed, customerId };
        const data = await compute(own);
        return csv === undefined ? data : toTable(data, own);
      };
      if (!isAboutOne) return snapshots.answer(path, asked, () => read(0), csv);
      const about = { known: parseCustomerId(id), require: () => requireCustomer(reporting, id).id };
      return snapshots.answerAbout(path, asked, about, read, csv);
    },
  };
  return endpoint(definition);
}
