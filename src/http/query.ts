// How is a query string read by its schema?
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { Detail } from "../value/error.ts";
import { type Checked, type CheckOptions, check } from "./check.ts";
import { didYouMean } from "./near.ts";

const WHOLE = /^(?:0|-?[1-9]\d{0,15})$/;
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** A parameter's text as the type of its schema. Other text stays text, which the schema then refuses. */
function toValue(schema: TSchema, text: string): unknown {
  if (schema.type === "integer") return WHOLE.test(text) ? Number(text) : text;
  if (schema.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  const numeric = schema.type === "number" || (schema.anyOf as TSchema[] | undefined)?.some((each) => each.type === "number");
  return numeric && DECIMAL.test(text) ? Number(text) : text;
}

/**
 * Reads query parameters by their schema: whole numbers, decimals and `true`/`false` from text, defaults filled in.
 * Reports every unknown, duplicate and bad parameter; with `lenient`, unknown ones are ignored.
 */
export function readQuery<T extends TObject>(schema: T, search: URLSearchParams, options: CheckOptions = {}): Checked<Static<T>> {
  const unknown = (name: string) => `is not a known parameter${didYouMean(name, Object.keys(schema.properties))}`;
  const details: Detail[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties)) if (property.default !== undefined) values[name] = property.default;
  const seen = new Set<string>();
  for (const [name, text] of search) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (!property) {
      if (!options.lenient) details.push({ path: name.slice(0, 200), message: unknown(name) });
    } else if (seen.has(name)) details.push({ path: name, message: "must be given only once" });
    else values[name] = toValue(property, text);
    seen.add(name);
  }
  const checked = check(schema, values);
  if ("details" in checked) details.push(...checked.details);
  const first = new Map(details.toReversed().map((detail) => [detail.path, detail]));
  if (first.size === 0) return checked;
  return { details: [...first.values()].reverse(), sound: "sound" in checked ? checked.sound : checked.value };
}

/** Checks parameters that are already values, by the rules of `readQuery`. */
export function checkQuery<T extends TObject>(
  schema: T,
  given: Readonly<Record<string, unknown>>,
  options: CheckOptions = {},
): Checked<Static<T>> {
  const defaults = Object.entries(schema.properties).filter(([, property]) => property.default !== undefined);
  return check(schema, { ...Object.fromEntries(defaults.map(([name, property]) => [name, property.default])), ...given }, options);
}
