// What is an endpoint of this API? One object with its path, scope, input, answers, docs and handler.
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { Key, Scope } from "../access/keyring.ts";
import type { ErrorCode } from "../value/error.ts";
import type { Foreign } from "./foreign.ts";
import type { Attempt } from "./idempotency.ts";
import type { Refined } from "./refined.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** How the request was asked: the parts that decide whether a stored answer can be used, and the headers. */
export interface Asked {
  /** The whole URL; undefined if the endpoint is called without a request. */
  readonly url: string | undefined;
  readonly method: string;
  /** The query string as it was sent. */
  readonly search: string;
  /** The caller wants a fresh answer, not a stored one. */
  readonly isNoCache: boolean;
  readonly ifNoneMatch: string | null;
  /** A header of the request; null if it is absent, or if the endpoint is called without a request. */
  header(name: string): string | null;
}

/** What a handler receives: input that matches the schemas. */
export interface Call<Query, Body, Parsed = unknown> {
  params: Readonly<Record<string, string>>; // percent-decoded
  query: Query;
  body: Body;
  /** The value of `refine`. */
  parsed: Parsed;
  asked: Asked;
  /** The caller's key; undefined on open paths. */
  key: Key | undefined;
  /** Present on a POST with an Idempotency-Key, which must be carried out only once. */
  attempt: Attempt | undefined;
}

/** Admits callers who sign the body, as senders of webhooks do. */
export interface Signature {
  /** Do the headers hold a valid signature of these bytes? Compares in constant time. */
  verify(headers: Headers, bytes: Uint8Array): boolean | Promise<boolean>;
}

/** What a caller needs: nothing, any secret key, a key with a scope, or a valid signature. */
export type Admission = "open" | "key" | Scope | Signature;

/** `bytes`: the whole body, of any content type; `stream`: the same piece by piece, for large ones. */
export type RawBody = "bytes" | "stream";
type BodyOf<Body extends TSchema | RawBody> = Body extends TSchema
  ? Static<Body>
  : Body extends "stream"
    ? AsyncIterable<Uint8Array>
    : Uint8Array;

/** What a handler returns. `body` is sent as JSON. (A handler may also return a `Response`, which only gets the caller's headers.) */
export interface Answer {
  status: number;
  body: unknown;
  /** The body as JSON text. It replaces `body`. */
  json?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface Definition<Query extends TObject, Body extends TSchema | RawBody, Parsed = unknown> {
  method: Method;
  path: string; // `/customers/:id`
  admission: Admission;
  /** No rate limit counts its requests, because probes must be answered under any load. Only for open paths. */
  uncounted?: boolean;
  /** The endpoint is disabled by `REVENUE_TRACKING=false`. */
  revenue?: boolean;
  tag: string;
  summary: string;
  description?: string;
  query?: Query;
  /** The schema of a JSON body, or how a raw body is read. */
  body?: Body;
  /** The largest body in bytes; 5 MiB by default. */
  maxBytes?: number;
  /** How long a request may take, in milliseconds, where the usual time is too short for its body. */
  deadlineMs?: number;
  /** Ignore unknown query parameters and body fields instead of reporting them (only for `/conversions/*`). */
  lenient?: boolean;
  /** The handler checks the body itself, and its schema is only for the docs. For arrays whose bad items do not stop the others. */
  checksBody?: boolean;
  /** A conversion key is accepted too, and may be sent as `?key=` (only for the GET forms of `/conversions/*`). */
  keyInQuery?: boolean;
  /**
   * Parses the parts of the input that a schema cannot check. Gives them in the form that the handler needs, or their problems. It is
   * called with the valid fields even if others are not valid, so that one answer reports every bad field. `bad` holds the paths that
   * the schemas reported. The handler is called only if there are no problems.
   */
  refine?(input: { query: Partial<Static<Query>>; body: Partial<BodyOf<Body>>; bad: ReadonlySet<string> }): Refined<Parsed>;
  /** It opens or ends a session of the dashboard. A session may call it unless it is a POST. */
  isOfSession?: boolean;
  /** It speaks the API of another service. */
  foreign?: Foreign;
  /** A POST that does no harm when it is sent again, so it ignores an Idempotency-Key. */
  isSafeToRepeat?: boolean;
  /** It adds no data to speak of, so it works above MAX_DATABASE_BYTES too: erasures, statuses, recomputations. */
  worksWhenFull?: boolean;
  /** A POST that changes nothing, so that a standby answers it too. */
  onlyReads?: boolean;
  /** It is what a standby begins with or follows. A standby refuses it: another one must follow the primary itself. */
  onPrimaryAlone?: boolean;
  /** Publishable keys may call it too. The handler accepts fewer fields from them. */
  publishable?: boolean;
  /** Its answers have an ETag, and a caller who has the current one gets 304. */
  cached?: boolean;
  /** It may be answered before everything that was acknowledged is derived, and then says so. */
  derived?: boolean;
  /** A success is also there as CSV, if the caller prefers it; its answers say `Vary: Accept`. */
  csv?: boolean;
  /** The media type of a success that is not JSON, for the docs. */
  produces?: string;
  /** By how much longer than other requests it may take, because it waits for something, in milliseconds. */
  waitsMs?: number;
  /** Agents may call it as a tool of this name. Only for GET endpoints that change nothing. */
  tool?: string;
  /** Not in the OpenAPI document. */
  hidden?: boolean;
  /** Schemas of whole bodies by status. The docs add the errors that every endpoint can answer. */
  answers: Readonly<Record<number, TSchema>>;
  /** Error codes besides those that every endpoint of its kind can answer. */
  errors?: readonly ErrorCode[];
  examples?: { body?: unknown; query?: Readonly<Record<string, unknown>>; answer?: unknown };
  handle(call: Call<Static<Query>, BodyOf<Body>, Parsed>): Answer | Response | Promise<Answer | Response>;
}

export type Endpoint = Definition<TObject, TSchema | RawBody>;

/** Checks a definition against its own schemas, then drops their types, so that endpoints of all shapes fit into one list. */
export function endpoint<
  Query extends TObject = TObject<Record<never, never>>,
  Body extends TSchema | RawBody = TSchema,
  Parsed = undefined,
>(definition: Definition<Query, Body, Parsed>): Endpoint {
  return definition as unknown as Endpoint;
}

/** Is the admission by a signature? */
export const isSigned = (admission: Admission): admission is Signature => typeof admission === "object";

/** A 200 with `{ success, data }`. `beside` goes next to data (`pagination`, `created`). */
export function ok(data: unknown, beside: Readonly<Record<string, unknown>> = {}, headers?: Readonly<Record<string, string>>): Answer {
  return { status: 200, body: { success: true, data, ...beside }, ...(headers && { headers }) };
}
