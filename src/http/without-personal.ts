// What does an answer say when names and emails must stay out? The same without the fields that their schemas mark as personal.
import type { TSchema } from "@sinclair/typebox";
import { PERSONAL } from "./wire.ts";

/** The value with null, or an empty list, in place of everything personal. `schema` is the value's own. */
export function withoutPersonal(schema: TSchema, value: unknown): unknown {
  if ((schema as { [PERSONAL]?: true })[PERSONAL]) return Array.isArray(value) ? [] : null;
  if (typeof value !== "object" || value === null) return value;
  const choices = (schema.anyOf ?? []) as TSchema[];
  const fitting = choices.find(({ type }) => type === (Array.isArray(value) ? "array" : "object"));
  if (fitting) return withoutPersonal(fitting, value);
  if (Array.isArray(value)) return schema.items ? value.map((item) => withoutPersonal(schema.items as TSchema, item)) : value;
  const properties = (schema.properties ?? {}) as Record<string, TSchema>;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, properties[name] ? withoutPersonal(properties[name], field) : field]),
  );
}
