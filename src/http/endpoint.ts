// What is a route of this API? One object says its path, scope, input, answers, docs and handler.
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { Key, Scope } from "../access/keyring.ts";
import type { ErrorCode } from "../value/error.ts";
import type { Attempt } from "./idempotency.ts";
import type { Refined } from "./refined.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** How a kept answer was asked for. */
export interface Asked {
  /** The whole URL; undefined: nobody asked by one. */
  readonly url: string | undefined;
  readonly method: string;
  /** The query string as it was sent. */
  readonly search: string;
  /** The caller wants the answer computed, whatever is kept. */
  readonly isNoCache: boolean;
  readonly ifNoneMatch: string | null;
}

/** What a handler is given: input that has passed the schemas. */
export interface Call<Query, Body, Parsed = unknown> {
  params: Readonly<Record<string, string>>; // percent-decoded
  query: Query;
  body: Body;
  /** What `refine` gave. */
  parsed: Parsed;
  asked: Asked;
  /** Who asks; undefined on open paths. */
  key: Key | undefined;
  /** Of a POST with an Idempotency-Key: to be carried out once. */
  attempt: Attempt | undefined;
}

/** Who may call: proved by the body's bytes and the headers, as senders of webhooks do it. */
export interface Signature {
  /** Is the signature in the headers one of these bytes? Compares in constant time. */
  verify(headers: Headers, bytes: Uint8Array): boolean | Promise<boolean>;
}

/** What a caller needs: nothing, a key with a scope, or a good signature. */
export type Admission = "open" | Scope | Signature;

type BodyOf<Body extends TSchema | "bytes"> = Body extends TSchema ? Static<Body> : Uint8Array;

/** What a handler gives back. `body` is sent as JSON as it stands; a `Response` is sent untouched but for its `X-Request-Id`. */
export interface Answer {
  status: number;
  body: unknown;
  /** The body as JSON already; `body` is not looked at then. */
  json?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface Definition<Query extends TObject, Body extends TSchema | "bytes", Parsed = unknown> {
  method: Method;
  path: string; // `/customers/:id`
  admission: Admission;
  /** Switched off by `REVENUE_TRACKING=false`. */
  revenue?: boolean;
  tag: string;
  summary: string;
  description?: string;
  query?: Query;
  /** The schema of a JSON body; `bytes`: the body as it came, of any content type. */
  body?: Body;
  /** The most bytes of a body; 5 MiB unless said. */
  maxBytes?: number;
  /** Ignore unknown query parameters and body fields instead of refusing them (`/conversions/*` alone). */
  lenient?: boolean;
  /** The body is only parsed: its schema is for the docs, the handler checks it (an array whose bad entries do not stop the others). */
  checksBody?: boolean;
  /** `?key=` is taken as the key too (the GET forms of `/conversions/*` alone). */
  keyInQuery?: boolean;
  /**
   * Reads what no schema can judge of the input: gives it as the handler wants it, or what is wrong with it. Called with the fields that
   * the schemas found sound, also when others are not, so that one answer names every bad field; `bad` are the paths that the schemas
   * named. The handler is called when nothing is wrong.
   */
  refine?(input: { query: Partial<Static<Query>>; body: Partial<BodyOf<Body>>; bad: ReadonlySet<string> }): Refined<Parsed>;
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
  handle(call: Call<Static<Query>, BodyOf<Body>, Parsed>): Answer | Response | Promise<Answer | Response>;
}

export type Endpoint = Definition<TObject, TSchema | "bytes">;

/** Types a definition by its own schemas, then forgets them, so that routes of all shapes go into one list. */
export function endpoint<
  Query extends TObject = TObject<Record<never, never>>,
  Body extends TSchema | "bytes" = TSchema,
  Parsed = undefined,
>(definition: Definition<Query, Body, Parsed>): Endpoint {
  return definition as unknown as Endpoint;
}

/** Is the admission by a signature? */
export const isSigned = (admission: Admission): admission is Signature => typeof admission === "object";

/** 200 with `{ success, data }`, and what stands beside data (`pagination`, `created`). */
export function ok(data: unknown, beside: Readonly<Record<string, unknown>> = {}, headers?: Readonly<Record<string, string>>): Answer {
  return { status: 200, body: { success: true, data, ...beside }, ...(headers && { headers }) };
}
