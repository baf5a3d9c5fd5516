// How does a report become an endpoint? A report brings its scope, query and answer; everything else is the same for all reports.
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { Scope } from "../access/keyring.ts";
import { requireCustomer } from "../customer/find-customer.ts";
import { type Definition, type Endpoint, endpoint } from "../http/endpoint.ts";
import type { Refined } from "../http/refined.ts";
import { success } from "../http/wire.ts";
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

export interface Report<Query extends TObject, Parsed> {
  /** A path with `:id` is a report about one customer. */
  readonly path: string;
  readonly scope: Scope;
  readonly summary: string;
  readonly description: string;
  readonly query: Query;
  /** See `Definition`. */
  refine?(input: { query: Partial<Static<Query>> }): Refined<Parsed>;
  /** Gives the `data` of the answer. */
  compute(asked: Asked<Query, Parsed>): Promise<unknown>;
  /** The schema of `data`. */
  readonly answer: TSchema;
  readonly example: { readonly query?: Readonly<Record<string, unknown>>; readonly data: unknown };
}

/** The endpoint of a report whose answers are kept as snapshots. */
export function keptReport<Query extends TObject, Parsed = undefined>(
  reporting: Reporting,
  { path, scope, summary, description, query, refine, compute, answer, example }: Report<Query, Parsed>,
): Endpoint {
  const { snapshots } = reporting;
  const isAboutOne = path.includes("/:id");
  const definition: Definition<Query, TSchema, Parsed> = {
    method: "GET",
    path,
    admission: scope,
    revenue: true,
    tag: "Reports",
    summary,
    description,
    query,
    cached: true,
    answers: { 200: success(answer) },
    errors: [...(isAboutOne ? (["NOT_FOUND"] as const) : []), "ANALYTICS_ERROR", "SERVICE_UNAVAILABLE"],
    examples: { ...(example.query && { query: example.query }), answer: { success: true, data: example.data } },
    ...(refine && { refine }),
    handle({ params: { id = "" }, query, parsed, asked }) {
      if (!isAboutOne) return snapshots.answer(path, asked, () => compute({ query, parsed, customerId: 0 }));
      const about = { known: parseCustomerId(id), require: () => requireCustomer(reporting, id).id };
      return snapshots.answerAbout(path, asked, about, (customerId) => compute({ query, parsed, customerId }));
    },
  };
  return endpoint(definition);
}
