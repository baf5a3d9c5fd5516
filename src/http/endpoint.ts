// What is a route of this API? One object says its path, scope, input, answers, docs and handler.
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { Key, Scope } from "../access/keyring.ts";
import type { Detail, ErrorCode } from "../value/error.ts";
import type { Attempt } from "./idempotency.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a handler is given: input that has passed the schemas. */
export interface Call<Query, Body> {
  params: Readonly<Record<string, string>>; // percent-decoded
  query: Query;
  body: Body;
  request: Request;
  /** Who asks; undefined on open paths. */
  key: Key | undefined;
  /** Of a POST with an Idempotency-Key: to be carried out once. */
  attempt: Attempt | undefined;
}

/** What a handler gives back. `body` is sent as JSON as it stands; a `Response` is sent untouched but for its `X-Request-Id`. */
export interface Answer {
  status: number;
  body: unknown;
  /** The body as JSON already; `body` is not looked at then. */
  json?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface Definition<Query extends TObject, Body extends TSchema> {
  method: Method;
  path: string; // `/customers/:id`
  /** Needed of the key; `open` needs none. */
  scope: Scope | "open";
  /** Switched off by `REVENUE_TRACKING=false`. */
  revenue?: boolean;
  tag: string;
  summary: string;
  description?: string;
  query?: Query;
  body?: Body;
  /** Ignore unknown query parameters and body fields instead of refusing them (`/conversions/*` alone). */
  lenient?: boolean;
  /** The body is only parsed: its schema is for the docs, the handler checks it (an array whose bad entries do not stop the others). */
  checksBody?: boolean;
  /** `?key=` is taken as the key too (the GET forms of `/conversions/*` alone). */
  keyInQuery?: boolean;
  /**
   * What no schema can judge of the input, as details. Called with the fields that the schemas found sound, also when others are not,
   * so that one answer names every bad field; `bad` are the paths that the schemas named. The handler is called when nothing is wrong.
   */
  refine?(input: { query: Partial<Static<Query>>; body: Partial<Static<Body>>; bad: ReadonlySet<string> }): Detail[];
  /** Taken from a publishable key too, of which the handler takes less. */
  publishable?: boolean;
  /** Its answers have an ETag: who has them already is answered 304. */
  cached?: boolean;
  /** The media type of good answers that are not JSON, for the docs. */
  produces?: string;
  /** Not in the OpenAPI document. */
  hidden?: boolean;
  /** Schemas of whole answer bodies by status; the errors every route can answer are added by the docs. */
  answers: Readonly<Record<number, TSchema>>;
  /** Codes of errors beyond those that every route of its kind can answer. */
  errors?: readonly ErrorCode[];
  examples?: { body?: unknown; query?: Readonly<Record<string, unknown>>; answer?: unknown };
  handle(call: Call<Static<Query>, Static<Body>>): Answer | Response | Promise<Answer | Response>;
}

export type Endpoint = Definition<TObject, TSchema>;

/** Types a definition by its own schemas, then forgets them, so that routes of all shapes go into one list. */
export function endpoint<Query extends TObject = TObject<Record<never, never>>, Body extends TSchema = TSchema>(
  definition: Definition<Query, Body>,
): Endpoint {
  return definition as unknown as Endpoint;
}

/** 200 with `{ success, data }`, and what stands beside data (`pagination`, `created`). */
export function ok(data: unknown, beside: Readonly<Record<string, unknown>> = {}, headers?: Readonly<Record<string, string>>): Answer {
  return { status: 200, body: { success: true, data, ...beside }, ...(headers && { headers }) };
}
