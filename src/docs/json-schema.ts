// How does a schema of ours read in an OpenAPI document? The same, with unions of words as an enum and records as open objects.
import type { TSchema } from "@sinclair/typebox";

export type JsonSchema = Record<string, unknown>;

const isWord = (schema: JsonSchema): boolean => typeof schema.const === "string";

function union(schemas: JsonSchema[], rest: JsonSchema): JsonSchema {
  const words = schemas.filter(isWord);
  const others = schemas.filter((schema) => !isWord(schema));
  const merged = words.length > 1 ? [{ type: "string", enum: words.map((word) => word.const) }, ...others] : schemas;
  const [only, nothing] = merged;
  if (merged.length === 1) return { ...only, ...rest };
  if (merged.length === 2 && nothing?.type === "null" && typeof only?.type === "string") {
    const words = only.enum as unknown[] | undefined;
    return { ...only, ...rest, type: [only.type, "null"], ...(words && { enum: [...words, null] }) };
  }
  return { ...rest, anyOf: merged };
}

/** A copy of the schema as OpenAPI 3.1 (JSON Schema 2020-12) has it. */
export function toJsonSchema(schema: TSchema): JsonSchema {
  const { properties, items, anyOf, allOf, patternProperties, title, ...rest } = schema as JsonSchema;
  const many = (list: unknown) => (list as TSchema[]).map(toJsonSchema);
  const made: JsonSchema = { ...rest };
  if (patternProperties) made.additionalProperties = true;
  if (properties)
    made.properties = Object.fromEntries(
      Object.entries(properties as Record<string, TSchema>).map(([name, inner]) => [name, toJsonSchema(inner)]),
    );
  if (items) made.items = toJsonSchema(items as TSchema);
  if (allOf) made.allOf = many(allOf);
  return anyOf ? union(many(anyOf), made) : made;
}
