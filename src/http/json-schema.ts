// How does a TypeBox schema look in an OpenAPI document? Unions of string literals become an enum, and records become open objects.
import type { TSchema } from "@sinclair/typebox";

export type JsonSchema = Record<string, unknown>;

const isLiteral = (schema: JsonSchema): boolean => typeof schema.const === "string";

function union(schemas: JsonSchema[], rest: JsonSchema): JsonSchema {
  const literals = schemas.filter(isLiteral);
  const others = schemas.filter((schema) => !isLiteral(schema));
  const merged = literals.length > 1 ? [{ type: "string", enum: literals.map((literal) => literal.const) }, ...others] : schemas;
  const [only, orNull] = merged;
  if (merged.length === 1) return { ...only, ...rest };
  if (merged.length === 2 && orNull?.type === "null" && typeof only?.type === "string") {
    const words = only.enum as unknown[] | undefined;
    return { ...only, ...rest, type: [only.type, "null"], ...(words && { enum: [...words, null] }) };
  }
  return { ...rest, anyOf: merged };
}

/** Converts a TypeBox schema to JSON Schema 2020-12, as in OpenAPI 3.1. */
export function toJsonSchema(schema: TSchema): JsonSchema {
  const { properties, items, anyOf, allOf, patternProperties, title, ...rest } = schema as JsonSchema;
  const toAll = (list: unknown) => (list as TSchema[]).map(toJsonSchema);
  const converted: JsonSchema = { ...rest };
  if (patternProperties) converted.additionalProperties = true;
  if (properties)
    converted.properties = Object.fromEntries(
      Object.entries(properties as Record<string, TSchema>).map(([name, inner]) => [name, toJsonSchema(inner)]),
    );
  if (items) converted.items = toJsonSchema(items as TSchema);
  if (allOf) converted.allOf = toAll(allOf);
  return anyOf ? union(toAll(anyOf), converted) : converted;
}
