// How is a schema put in words, for the message of an error?
import type { TSchema } from "@sinclair/typebox";

/** "a whole number from 1 to 100": completes "must be …". Speaks of the schema only, never of a value. */
export function expectation(schema: TSchema): string {
  if (schema.title) return `${/^([aeio]|http|ISO)/.test(String(schema.title)) ? "an" : "a"} ${schema.title}${lengths(schema)}`;
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
