// How is an endpoint carried out once its input is read? Either all problems of the input are reported together, or the handler is called.
import type { Key } from "../access/keyring.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { type Detail, invalid } from "../value/error.ts";
import { textProblem } from "../value/text.ts";
import { check, cutDetails } from "./check.ts";
import type { Answer, Asked, Endpoint } from "./endpoint.ts";
import type { Attempt } from "./idempotency.ts";

/** Input after the check by schemas: its valid parts, and the problems that were found. */
export interface CheckedInput {
  readonly params: Readonly<Record<string, string | null>>;
  readonly query: object;
  readonly body: unknown;
  readonly details: readonly Detail[];
}

/** Who calls, and how. */
export interface Caller {
  readonly key: Key | undefined;
  readonly asked: Asked;
  /** Gives the attempt of a request with an Idempotency-Key. It reads the database, which may be busy. */
  readonly attempt?: (() => Attempt) | undefined;
}

/** Makes the function that finds the problems of a path's parameters. A parameter that could not be decoded is null. */
export function paramProblems(path: string): (params: CheckedInput["params"]) => Detail[] {
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => String(match[1]));
  return (params) => {
    const details: Detail[] = [];
    for (const name of names) {
      const value = params[name];
      const message = typeof value === "string" ? textProblem(value) : "is not valid percent-encoded UTF-8";
      if (message) details.push({ path: name, message });
    }
    return details;
  };
}

/** Checks a body against the endpoint's schema. Gives its valid part and its problems. */
export function checkBody(
  { body: schema, checksBody, lenient = false }: Endpoint,
  body: unknown,
): { body: unknown; details: readonly Detail[] } {
  if (schema === undefined) return { body: undefined, details: [] };
  if (typeof schema === "string" || checksBody) return { body, details: [] };
  const checked = check(schema, body, { lenient });
  return "value" in checked ? { body: checked.value, details: [] } : { body: checked.sound, details: checked.details };
}

/** Calls the endpoint's `refine`. Throws VALIDATION_ERROR with every bad field, including those that the schemas found. */
function requireParsed({ refine }: Endpoint, { query, body, details }: CheckedInput): unknown {
  if (!refine) {
    if (details.length > 0) throw invalid(cutDetails(details));
    return undefined;
  }
  const bad = new Set(details.map((each) => each.path));
  const refined = refine({ query, body: body as object, bad });
  if ("value" in refined && details.length === 0) return refined.value;
  const found = "details" in refined ? refined.details.filter((each) => !bad.has(each.path)) : [];
  throw invalid(cutDetails([...details, ...found]));
}

/**
 * Finishes parsing the input and calls the handler. Retries both for up to `patienceMs` while another process holds the database.
 * The caller must have been admitted before. Throws the errors of the contract.
 */
export function carryOut(
  endpoint: Endpoint,
  read: CheckedInput,
  { key, asked, attempt }: Caller,
  patienceMs?: number,
): Answer | Response | Promise<Answer | Response> {
  return retryWhileBusy(() => {
    const parsed = requireParsed(endpoint, read);
    return endpoint.handle({
      params: read.params as Readonly<Record<string, string>>,
      query: read.query as never,
      body: read.body as never,
      parsed,
      key,
      asked,
      attempt: attempt?.(),
    });
  }, patienceMs);
}
