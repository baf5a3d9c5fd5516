// How does a report become an endpoint? A report brings its scope, query and answer; everything else is the same for all reports.
import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import type { Scope } from "../access/keyring.ts";
import { requireCustomer } from "../customer/find-customer.ts";
import { type Definition, type Endpoint, endpoint } from "../http/endpoint.ts";
import type { Refined } from "../http/refined.ts";
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

export interface Report<Query extends TObject, Parsed> {
  /** A path with `:id` is a report about one customer. */
  readonly path: string;
  readonly scope: Scope;
  readonly summary: string;
  readonly description: string;
  readonly query: Query;
  /** See `Definition`. */
  refine?(input: { query: Partial<Static<Query>> }): Refined<Parsed>;
  /** Gives the `data` of the answer, except `computedAt`. Everything that has to be derived for it is derived before. */
  compute(asked: Asked<Query, Parsed>): Promise<object>;
  /** The schema of the same. */
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
    derived: !isAboutOne,
    answers: { 200: success(Type.Object({ ...answer.properties, computedAt })) },
    errors: [...(isAboutOne ? (["NOT_FOUND"] as const) : []), "ANALYTICS_ERROR", "SERVICE_UNAVAILABLE"],
    examples: {
      ...(example.query && { query: example.query }),
      answer: { success: true, data: { ...example.data, computedAt: EXAMPLE_COMPUTED_AT } },
    },
    ...(refine && { refine }),
    handle({ params: { id = "" }, query, parsed, asked }) {
      if (!isAboutOne) return snapshots.answer(path, asked, () => compute({ query, parsed, customerId: 0 }));
      const about = { known: parseCustomerId(id), require: () => requireCustomer(reporting, id).id };
      return snapshots.answerAbout(path, asked, about, (customerId) => compute({ query, parsed, customerId }));
    },
  };
  return endpoint(definition);
}
