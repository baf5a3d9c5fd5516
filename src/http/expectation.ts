// How does an error message put a schema into words?
import type { TSchema } from "@sinclair/typebox";
import { butNot, shown } from "../value/echo.ts";
import { didYouMean, findNear } from "./near.ts";
import { ECHO } from "./wire.ts";

const alternativesOf = (schema: TSchema): TSchema[] => (Array.isArray(schema.anyOf) ? (schema.anyOf as TSchema[]) : []);

/** The longest value that an error may repeat, by the schema or one of its alternatives, in characters; 0: none. */
function echoLength(schema: TSchema): number {
  return Math.max((schema as { [ECHO]?: number })[ECHO] ?? 0, ...alternativesOf(schema).map(echoLength));
}

/** May an error repeat this value of this schema? */
export function isEchoed(schema: TSchema, value: unknown): boolean {
  const most = echoLength(schema);
  return most > 0 && (typeof value !== "string" || value.length <= most);
}

/** The constant words that a schema accepts. */
function wordsOf(schema: TSchema): string[] {
  return [...(typeof schema.const === "string" ? [schema.const] : []), ...alternativesOf(schema).flatMap(wordsOf)];
}

/** The value in upper case, if the schema accepts that: `USD` for `usd`. */
function inUpperCase(schema: TSchema, value: string): string | undefined {
  const upper = value.toUpperCase();
  const isRight = (each: TSchema) => String(each.title).includes("upper case") && new RegExp(String(each.pattern)).test(upper);
  return [schema, ...alternativesOf(schema)].some(isRight) ? upper : undefined;
}

/** The message for a value that does not match: "must be a whole number from 1 to 100, not 0". */
export function complaint(schema: TSchema, value: unknown): string {
  const must = `must be ${expectation(schema)}`;
  if (value === null || !isEchoed(schema, value)) return must;
  const text = typeof value === "string" ? shown(value) : undefined;
  if (text !== undefined) {
    const upper = inUpperCase(schema, text);
    if (upper !== undefined) return `${must}: ${upper}, not ${text}`;
    const near = findNear(text, wordsOf(schema));
    if (near !== undefined) return `${must}, not ${text}: did you mean ${near}?`;
  }
  return must + butNot(value);
}

/** `: did you mean externalId?` for the unknown field at a JSON pointer, from the schema of its object; empty if none is similar. */
export function suggestion(pointer: string, schema: TSchema): string {
  const name = pointer.slice(pointer.lastIndexOf("/") + 1);
  return didYouMean(name, Object.keys((schema.properties ?? {}) as object));
}

/** What a schema accepts, to complete "must be …": "a whole number from 1 to 100". It contains no value of a caller. */
export function expectation(schema: TSchema): string {
  if (schema.title) return `${/^(?:[aeio]|http|ISO)/.test(String(schema.title)) ? "an" : "a"} ${schema.title}${lengths(schema)}`;
  if (schema.const !== undefined) return String(schema.const);
  if (Array.isArray(schema.anyOf)) return alternatives(schema.anyOf as TSchema[]);
  switch (schema.type) {
    case "string":
      return `text${lengths(schema)}${schema.pattern === "\\S" ? ", not blank" : schema.pattern ? " in the documented form" : ""}`;
    case "integer":
      return `a whole number${bounds(schema)}`;
    case "number":
      return `a number${bounds(schema)}`;
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "array":
      return `a list${schema.maxItems === undefined ? "" : ` of ${schema.minItems ?? 0} to ${schema.maxItems}`}`;
    default:
      return "an object";
  }
}

function alternatives(schemas: TSchema[]): string {
  const words = schemas.map(expectation);
  const last = words.pop();
  return words.length ? `${words.join(", ")} or ${last}` : String(last);
}

function lengths({ minLength, maxLength }: TSchema): string {
  if (maxLength === undefined) return "";
  return minLength ? ` of ${minLength} to ${maxLength} characters` : ` of at most ${maxLength} characters`;
}

function bounds({ minimum, maximum, exclusiveMinimum }: TSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  return maximum === undefined ? "" : ` of at most ${maximum}`;
}
