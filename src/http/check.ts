// Does an input match its schema, and if not, what is wrong with each field?
import { Kind, type Static, type TObject, type TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import type { Detail } from "../value/error.ts";
import { textProblems } from "../value/text.ts";
import { complaint, suggestion } from "./expectation.ts";

/** The value, if it is valid; else its problems, and its valid fields (`sound`), so that the caller can check those further. */
export type Checked<T> = { value: T } | { details: Detail[]; sound: Partial<T> };
export interface CheckOptions {
  /** Drop unknown fields instead of reporting them. */
  lenient?: boolean;
  /** The most bad fields to report. The default is MAX_DETAILS. */
  most?: number;
}

/** How many bad fields are reported at most, so that an answer is not much larger than its request. A last detail says how many more there are. */
export const MAX_DETAILS = 1000;
/** For how many unknown fields the nearest known one is searched. A caller with more of them has not merely mistyped. */
const MOST_SUGGESTIONS = 20;
const MAX_PATH = 200;

interface Compiled {
  readonly checker: TypeCheck<TSchema>;
  readonly sized: readonly (readonly [name: string, bytes: number])[];
}
const STRICT = new WeakMap<TSchema, Compiled>();
const LENIENT = new WeakMap<TSchema, Compiled>();

/** The schema with unknown fields forbidden in every object that does not say otherwise. */
function closed(schema: TSchema): TSchema {
  const copy: TSchema = { ...schema };
  if (schema.properties) {
    copy.properties = Object.fromEntries(
      Object.entries(schema.properties as Record<string, TSchema>).map(([name, inner]) => [name, closed(inner)]),
    );
    copy.additionalProperties = schema.additionalProperties ?? false;
  }
  if (schema.items && !Array.isArray(schema.items)) copy.items = closed(schema.items as TSchema);
  for (const key of ["anyOf", "allOf"]) if (Array.isArray(schema[key])) copy[key] = (schema[key] as TSchema[]).map(closed);
  return copy;
}

/** The compiled schema, from the cache if it was compiled before. */
function compiled(schema: TSchema, lenient: boolean): Compiled {
  const cache = lenient ? LENIENT : STRICT;
  const known = cache.get(schema);
  if (known) return known;
  const properties = Object.entries((schema.properties ?? {}) as Record<string, TSchema>);
  const sized = properties.flatMap(([name, { anyOf, ...own }]) =>
    [own, ...((anyOf as TSchema[] | undefined) ?? [])].flatMap((each) =>
      each["x-max-bytes"] ? [[name, Number(each["x-max-bytes"])] as const] : [],
    ),
  );
  const made: Compiled = { checker: TypeCompiler.Compile(lenient ? schema : closed(schema)), sized };
  cache.set(schema, made);
  return made;
}

/** A JSON pointer as the dotted path of an error: `/metadata/plan` → `metadata.plan`. */
function toPath(pointer: string): string {
  return pointer.slice(1).replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~").slice(0, MAX_PATH);
}

/** TypeBox counts UTF-16 units where JSON Schema and the contract count characters. */
function isShortEnough(error: ValueError): boolean {
  return error.type === ValueErrorType.StringMaxLength && [...String(error.value)].length <= Number(error.schema.maxLength);
}

/** The errors of the alternative of a union that fits the value best: one of the same outer type, with the fewest errors. */
function closest(error: ValueError): ValueError[] | undefined {
  const branches = error.errors.map((branch) => [...branch].filter((each) => !isShortEnough(each)));
  if (branches.some((branch) => branch.length === 0)) return [];
  return branches.filter((branch) => branch.every((each) => each.path !== error.path)).sort((a, b) => a.length - b.length)[0];
}

/** The errors without those that are none, and with those of the best alternative in place of a union's. */
function* relevant(errors: Iterable<ValueError>): Generator<ValueError> {
  for (const error of errors) {
    if (isShortEnough(error)) continue;
    const inner = error.type === ValueErrorType.Union ? closest(error) : undefined;
    if (inner) yield* relevant(inner);
    else yield error;
  }
}

function toMessage(error: ValueError, suggests: boolean): string {
  if (error.type === ValueErrorType.ObjectRequiredProperty) return "is required";
  if (error.type === ValueErrorType.ObjectAdditionalProperties)
    return `is not a known field${suggests ? suggestion(error.path, error.schema) : ""}`;
  if (error.type === ValueErrorType.ObjectMinProperties) return "must have at least one field";
  return complaint(error.schema, error.value);
}

/** The last detail of an answer that leaves `count` of them out. */
export const moreProblems = (count: number): Detail => ({
  path: "",
  message: `${count} more problem${count === 1 ? " is" : "s are"} left out of this answer`,
});

/** The first details, and how many more there are as the last one. `check` may have put that there already. */
export function cutDetails(details: readonly Detail[]): readonly Detail[] {
  const left = details.length - MAX_DETAILS;
  return left <= 1 ? details : [...details.slice(0, MAX_DETAILS), moreProblems(left)];
}

/**
 * Checks a value against a schema, and reports every bad field by its dotted path. Messages repeat values only where the schema allows
 * it (`ECHO`). Nothing is coerced, and unknown fields are reported at any depth. So are control characters, lone surrogates, `__proto__`
 * and numbers that a double cannot hold exactly.
 */
export function check<T extends TSchema>(schema: T, value: unknown, options: CheckOptions = {}): Checked<Static<T>> {
  const { lenient = false, most = MAX_DETAILS } = options;
  const { checker, sized } = compiled(schema, lenient);
  // To look through a list of any length would take long, and where an object is due, its elements do not matter.
  if (schema.type === "object" && Array.isArray(value)) return { details: [{ path: "", message: complaint(schema, value) }], sound: {} };
  const seen = new Set<string>();
  const details: Detail[] = [];
  const add = (path: string, toText: () => string) => {
    if (seen.has(path)) return;
    seen.add(path);
    if (details.length < most) details.push({ path, message: toText() });
  };
  for (const { path, message } of textProblems(value)) add(path, () => message);
  if (!checker.Check(value))
    for (const error of relevant(checker.Errors(value))) add(toPath(error.path), () => toMessage(error, details.length < MOST_SUGGESTIONS));
  for (const [name, bytes] of sized) {
    const field = (value as Record<string, unknown> | null)?.[name];
    if (field && Buffer.byteLength(JSON.stringify(field)) > bytes) add(name, () => `must be at most ${bytes} bytes of JSON`);
  }
  if (seen.size > 0) {
    if (seen.size > details.length) details.push(moreProblems(seen.size - details.length));
    return { details, sound: soundFields(value, seen) as Partial<Static<T>> };
  }
  return {
    value: (lenient && schema[Kind] === "Object"
      ? known(schema as unknown as TObject, value as Record<string, unknown>)
      : value) as Static<T>,
  };
}

/** The top-level fields of a value that is no list, without a problem in them. `paths`: where the problems are. */
function soundFields(value: unknown, paths: Iterable<string>): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const broken = new Set(Array.from(paths, (path) => path.split(".", 1)[0]));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !broken.has(name)));
}

function known(schema: TObject, value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(schema.properties).flatMap((name) => (Object.hasOwn(value, name) ? [[name, value[name]]] : [])));
}
