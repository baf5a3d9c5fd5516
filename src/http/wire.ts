// Which schemas do the endpoints share? Schemas of single values, and the envelope of an answer.
import { type Static, type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { COUNTRIES } from "../value/country.ts";
import { CURRENCIES } from "../value/currency.ts";
import { ERROR_STATUS } from "./status.ts";

/**
 * Marks a schema whose values an error may repeat (`must be …, not 0`): numbers, our own words, currencies, dates. Nothing personal or
 * secret may have it. It is a symbol, so that it stays out of the OpenAPI document.
 */
export const ECHO = Symbol("echo");
/** The schema, with the mark that an error may repeat values of at most `maxLength` characters. */
export const echoed = <T extends TSchema>(schema: T, maxLength = 40): T => ({ ...schema, [ECHO]: maxLength });

/** Marks a schema whose values may say who somebody is. Like `ECHO`, it stays out of the OpenAPI document. */
export const PERSONAL = Symbol("personal");
/** The schema, with the mark that its values may say who somebody is. It must allow null, or be a list. */
export const personal = <T extends TSchema>(schema: T): T => ({ ...schema, [PERSONAL]: true });

const EMAIL =
  "^\\s*[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]{1,64}@[A-Za-z0-9\\u0080-\\uffff](?:[A-Za-z0-9.\\u0080-\\uffff-]{0,251}[A-Za-z0-9\\u0080-\\uffff])?\\s*$";

/** Text of 1 to `maxLength` characters that is not blank. */
export const Text = (maxLength: number, description = "") =>
  Type.String({ minLength: 1, maxLength, pattern: "\\S", ...(description && { description }) });

/** Text of 0 to `maxLength` characters, in which blank counts as absent (definitions §6). */
export const Blankable = (maxLength: number, description = "") => Type.String({ maxLength, ...(description && { description }) });

/** The schema, or `null`. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** The schema or `null`, with the description at the top. */
export const orNull = <T extends ReturnType<typeof Type.Number | typeof Type.Integer | typeof Type.String>>(schema: T) =>
  Type.Union([schema, Type.Null()], { ...(schema.description !== undefined && { description: schema.description }) });
/** One of a few words. */
export const OneOf = <const T extends readonly string[]>(words: T, options: { default?: T[number]; description?: string } = {}) =>
  echoed(
    Type.Union(
      words.map((word) => Type.Literal(word as T[number])),
      options,
    ),
  ) as unknown as OneOfSchema<T[number]>;
interface OneOfSchema<T> extends TSchema {
  static: T;
}

export const Text255 = Text(255);
export const ExternalId = Text(255, "The customer's id in your own system, compared exactly.");
export const Email = Type.String({
  title: "email address",
  maxLength: 254,
  pattern: EMAIL,
  description: "An email address; trimmed and lower-cased.",
});
export const Aliases = Type.Array(Text(255), {
  maxItems: 20,
  description:
    "Further names of the customer, such as the ids that payment providers have for them (`stripe:cus_123`). Compared exactly. They are added to those there are (definitions §5).",
});
export const Avatar = Type.String({
  title: "http or https URL",
  maxLength: 2048,
  pattern: "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@\\\\:\\[\\]<>^|%]+(?::\\d{1,5})?(?:[/?#]\\S*)?$",
  description: "The http or https URL of a picture.",
});
/** A longer text instead of a code may be anything, so an error does not repeat it. */
const CODE_LENGTH = 3;
export const Country = echoed(
  Type.String({
    title: "assigned ISO 3166-1 alpha-2 code in upper case",
    pattern: `^(?:${COUNTRIES.join("|")})$`,
    description: "An assigned ISO 3166-1 alpha-2 country code.",
  }),
  CODE_LENGTH,
);
export const Currency = echoed(
  Type.String({
    title: "ISO 4217 currency code in upper case",
    pattern: `^(?:${CURRENCIES.join("|")})$`,
    description: "An ISO 4217 currency code.",
  }),
  CODE_LENGTH,
);
/** The largest metadata, in bytes of JSON. */
export const MAX_METADATA_BYTES = 16_384;
export const Metadata = Type.Record(Type.String(), Type.Unknown(), {
  title: "object",
  "x-max-bytes": MAX_METADATA_BYTES,
  description: "Any object of at most 16 KiB of JSON.",
});
/** A decimal in major units, in requests and answers. */
export const Money = echoed(Type.Number({ description: "A decimal in major units of the currency." }));
/** An instant in a request: ISO 8601 with an offset, a plain date, or Unix seconds or milliseconds. The endpoint parses it. */
export const PlainOrInstant = echoed(
  Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Number()], {
    title: "instant",
    description:
      "ISO 8601 with an offset, a plain date (midnight in the workspace's zone), or Unix seconds or milliseconds (below 10^11: seconds).",
  }),
);
/** An instant in an answer. */
export const Instant = Type.String({
  pattern: "^-?\\d{4,6}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
  description: "ISO 8601 with milliseconds, UTC.",
});
export const Flag = (options: { default?: boolean; description?: string } = {}) => echoed(Type.Boolean(options));
/** A whole number from `minimum` to `maximum`; in a query, its default is filled in. */
export const Whole = (minimum: number, maximum: number, options: { default?: number; description?: string } = {}) =>
  echoed(Type.Integer({ minimum, maximum, ...options }));
/** A count in an answer. */
export const Count = Type.Integer({ minimum: 0 });

/** Sales in a currency without a rate, in that currency (definitions §3). */
export const Unconverted = Type.Array(
  Type.Object({
    currency: { ...Currency, description: "The ISO 4217 currency of these sales, and of the money beside it (definitions §3)." },
    sales: { ...Count, description: "Sales whose status counts, without a rate on or before their day (definitions §3, §4)." },
    grossRevenue: { ...Money, description: "Σ value of these sales, in major units of this `currency` (definitions §3, §4)." },
    refunds: { ...Money, description: "Σ their refunds, in major units of this `currency` (definitions §3, §4)." },
    revenue: { ...Money, description: "grossRevenue − refunds, in major units of this `currency` (definitions §3, §4)." },
  }),
  { description: "Sales for which there is no exchange rate, in their own currency; in no other figure of this answer (definitions §3)." },
);

/** `pagination` of a list. */
export const Pagination = Type.Object({ page: Count, limit: Count, total: Count, totalPages: Count, hasMore: Type.Boolean() });

/** The envelope of a success: `{ success, data }`, with the properties of `beside` next to `data`. */
export function success<Data extends TSchema, Beside extends TProperties = Record<never, never>>(data: Data, beside?: Beside): TObject {
  return Type.Object({ success: Type.Literal(true), data, ...beside });
}

/** The envelope of a failure. */
export const Failure = Type.Object({
  success: Type.Literal(false),
  error: Type.Object({
    code: Type.Union(Object.keys(ERROR_STATUS).map((code) => Type.Literal(code))),
    message: Type.String(),
    details: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), { description: "Every bad field." })),
    requestId: Type.String(),
  }),
});
export type Failure = Static<typeof Failure>;
