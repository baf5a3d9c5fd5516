// How are the fields of a provider's JSON read? By what is there: nothing throws, and ids keep all their digits.
import { parseDecimal } from "../value/money.ts";
import { textProblem } from "../value/text.ts";

export type Fields = Readonly<Record<string, unknown>>;

const UTF_8 = new TextDecoder("utf-8", { fatal: true });
const NONE: Fields = {};

/** Parses the bytes of a JSON object. A whole number that a double cannot hold becomes text. Undefined if they are none. */
export function parseBody(bytes: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(UTF_8.decode(bytes), (_key, each: unknown, context?: { source?: string }) =>
      typeof each === "number" && !Number.isSafeInteger(each) && /^-?\d+$/.test(context?.source ?? "") ? context?.source : each,
    );
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** The object; an empty one if it is none. */
export function toFields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : NONE;
}

/** The objects of a list; none if it is no list. */
export function toList(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(toFields) : [];
}

/** A text or number as text; undefined if it is neither, or blank. */
export function toText(value: unknown): string | undefined {
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return text === "" ? undefined : text;
}

/**
 * An id as text, of an object that may be sent in place of its id. Undefined for 0, which stands for nobody, and for what cannot be stored, such
 * as a text with control characters.
 */
export function toId(value: unknown): string | undefined {
  const text = toText(typeof value === "object" ? toFields(value).id : value);
  return text === undefined || text === "0" || textProblem(text) !== undefined ? undefined : text;
}

/** An instant of Unix seconds, in milliseconds since 1970 UTC. */
export function fromSeconds(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && value < 1e11 ? Math.floor(value * 1000) : undefined;
}

/** An instant of ISO 8601 text with an offset, in milliseconds since 1970 UTC. Digits below are cut off. */
export function fromIso(value: unknown): number | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  const at = Date.parse(value.replace(" ", "T").replace(/(\.\d{3})\d+/, "$1"));
  return Number.isNaN(at) ? undefined : at;
}

/** The exact sum of decimal texts, as a number of major units; undefined if one is no decimal. */
export function sumDecimals(values: readonly unknown[]): number | undefined {
  let sum = 0n;
  for (const value of values) {
    const decimal = typeof value === "string" || typeof value === "number" ? parseDecimal(value) : undefined;
    if (!decimal || decimal.scale > SUM_SCALE) return undefined;
    sum += decimal.digits * 10n ** BigInt(SUM_SCALE - decimal.scale);
  }
  return Number(`${sum}e-${SUM_SCALE}`);
}

const SUM_SCALE = 6;
