// How is an endpoint's work done, once its input is read? Everything wrong with the input is named at once, or the handler is called.
import type { Key } from "../access/keyring.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { type Detail, invalid } from "../value/error.ts";
import { textProblem } from "../value/text.ts";
import { check } from "./check.ts";
import type { Answer, Asked, Endpoint } from "./endpoint.ts";
import type { Attempt } from "./idempotency.ts";

/** Input as far as the schemas found it sound, and what they found wrong. */
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
  /** Names what is to be carried out once; may find the database held. */
  readonly attempt?: (() => Attempt) | undefined;
}

/** What is wrong with the parameters of a path; null: one that could not be decoded. */
export function paramProblems(path: string): (params: CheckedInput["params"]) => Detail[] {
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => String(match[1]));
  return (params) =>
    names.flatMap((name) => {
      const value = params[name];
      const message = typeof value === "string" ? textProblem(value) : "is not valid percent-encoded UTF-8";
      return message ? [{ path: name, message }] : [];
    });
}

/** A body as its schema has it, with what is wrong. */
export function checkBody(
  { body: schema, checksBody, lenient = false }: Endpoint,
  body: unknown,
): { body: unknown; details: readonly Detail[] } {
  if (schema === undefined) return { body: undefined, details: [] };
  if (schema === "bytes" || checksBody) return { body, details: [] };
  const checked = check(schema, body, { lenient });
  return "value" in checked ? { body: checked.value, details: [] } : { body: checked.sound, details: checked.details };
}

/** Parses what no schema can. Throws VALIDATION_ERROR that names every bad field, those that the schemas found included. */
function requireParsed({ refine }: Endpoint, { query, body, details }: CheckedInput): unknown {
  if (!refine) {
    if (details.length > 0) throw invalid(details);
    return undefined;
  }
  const bad = new Set(details.map((each) => each.path));
  const refined = refine({ query, body: body as object, bad });
  if ("value" in refined && details.length === 0) return refined.value;
  const found = "details" in refined ? refined.details.filter((each) => !bad.has(each.path)) : [];
  throw invalid([...details, ...found]);
}

/**
 * Parses the rest of the input and does what is asked: again and again while the database is held, with what was read. Throws the failures
 * of the contract; who calls was admitted before.
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
