// Does a JSON value match a schema of the document? A second implementation, independent of the server's.
import type { Schema } from "./operation.ts";

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isType(value: unknown, type: string): boolean {
  return type === "integer" ? Number.isInteger(value) : typeOf(value) === type;
}

/** Where and how the value differs from the schema; empty if it matches. Values are not repeated. */
export function breaches(schema: Schema, value: unknown, path = ""): string[] {
  const found: string[] = [];
  const unless = (kept: boolean, what: string) => void (kept || found.push(`${path || "(root)"} ${what}`));
  if (schema.type !== undefined)
    unless(
      [schema.type].flat().some((type) => isType(value, type)),
      `is ${typeOf(value)}, not ${schema.type}`,
    );
  if (schema.enum) unless(schema.enum.includes(value), "is none of the enum");
  if (schema.const !== undefined) unless(value === schema.const, "is not the constant");
  if (schema.anyOf)
    unless(
      schema.anyOf.some((each) => breaches(each, value, path).length === 0),
      "is none of anyOf",
    );
  for (const each of schema.allOf ?? []) found.push(...breaches(each, value, path));
  if (typeof value === "string") {
    found.push(...ofText(schema, value, path));
    unless(value.isWellFormed() && !/\p{Cc}/u.test(value), "holds what no text may hold");
  }
  if (typeof value === "number") {
    unless(value >= (schema.minimum ?? Number.NEGATIVE_INFINITY), "is too small");
    unless(value <= (schema.maximum ?? Number.POSITIVE_INFINITY), "is too large");
  }
  if (Array.isArray(value)) {
    if (schema.items) for (const [index, item] of value.entries()) found.push(...breaches(schema.items, item, `${path}.${index}`));
  } else if (typeof value === "object" && value !== null) found.push(...ofObject(schema, value as Record<string, unknown>, path));
  return found;
}

function ofText(schema: Schema, value: string, path: string): string[] {
  const isRight =
    value.length >= (schema.minLength ?? 0) &&
    [...value].length <= (schema.maxLength ?? Number.POSITIVE_INFINITY) &&
    (schema.pattern === undefined || new RegExp(schema.pattern).test(value));
  return isRight ? [] : [`${path} is no such text`];
}

function ofObject({ properties, required = [] }: Schema, value: Record<string, unknown>, path: string): string[] {
  const found = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}.${name} is missing`);
  if (!properties) return found;
  for (const [name, inner] of Object.entries(value)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    found.push(...(schema ? breaches(schema, inner, `${path}.${name}`) : [`${path}.${name} is not in the schema`]));
  }
  return found;
}
