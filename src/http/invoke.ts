// How is an endpoint called without a request? With plain values, which are checked and parsed as over HTTP.
import { Type } from "@sinclair/typebox";
import type { Key } from "../access/keyring.ts";
import { ApiError } from "../value/error.ts";
import { carryOut, checkBody, paramProblems } from "./carry-out.ts";
import type { Answer, Asked, Endpoint } from "./endpoint.ts";
import { openScopeCheck } from "./gate.ts";
import { checkQuery } from "./query.ts";

export interface PlainInput {
  readonly params?: Readonly<Record<string, string>>;
  /** Values of the schema's types, not texts as in a URL. */
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** The caller's key. Only open endpoints can be called without one. */
  readonly key: Key | undefined;
}

const NO_PARAMETERS = Type.Object({});

function toAsked({ method }: Endpoint, query: Readonly<Record<string, unknown>>): Asked {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { url: undefined, method, search, isNoCache: false, ifNoneMatch: null, header: () => null };
}

/** The answer of a handler with its body as a value, also if the handler returned a `Response`. */
async function toAnswer(answer: Answer | Response): Promise<Answer> {
  if (!(answer instanceof Response)) return answer.json === undefined ? answer : { ...answer, body: JSON.parse(answer.json) };
  const isJson = (answer.headers.get("content-type") ?? "").startsWith("application/json");
  const body: unknown = isJson ? await answer.json() : await answer.text();
  return { status: answer.status, body, headers: Object.fromEntries(answer.headers) };
}

/**
 * Calls an endpoint and gives its answer. Feature, scope, input and existence are checked in this order, as for a request. Throws the
 * ApiError that a request would get, and FORBIDDEN for an endpoint with signed requests, because there are no bytes to verify.
 */
export async function invoke(endpoint: Endpoint, input: PlainInput, options: { readonly revenueTracking: boolean }): Promise<Answer> {
  const { params = {}, query: given = {}, key } = input;
  if (typeof endpoint.admission === "object") throw new ApiError("FORBIDDEN", "This endpoint takes signed requests alone.");
  openScopeCheck(endpoint, options.revenueTracking)(key);
  const query = checkQuery(endpoint.query ?? NO_PARAMETERS, given, { lenient: endpoint.lenient ?? false });
  const { body, details } = checkBody(endpoint, input.body);
  const read = {
    params,
    query: "value" in query ? query.value : query.sound,
    body,
    details: [...paramProblems(endpoint.path)(params), ...("details" in query ? query.details : []), ...details],
  };
  return toAnswer(await carryOut(endpoint, read, { key, asked: toAsked(endpoint, given) }));
}
