// What is different at an endpoint that speaks the API of another service, so that its clients need no change?
import type { TSchema } from "@sinclair/typebox";
import type { ApiError, ErrorCode } from "../value/error.ts";
import type { ValueLimits } from "./json-cost.ts";

/** How the other service answers errors. */
export interface FailureShape {
  readonly schema: TSchema;
  statusOf(error: Pick<ApiError, "code"> & Partial<Pick<ApiError, "details">>): number;
  /** Every status that errors of a code can have. */
  statusesOf(code: ErrorCode): readonly number[];
  bodyOf(error: ApiError, requestId: string): unknown;
}

export interface Foreign {
  /** The key may be the user name of HTTP Basic. */
  readonly takesBasic?: boolean;
  /** Finds the key in a body, for callers that send none in a header. The text is neither stored nor logged. */
  readonly keyInBody?: (body: unknown) => string | undefined;
  /** JSON may be gzipped, and sent as `application/x-www-form-urlencoded`. */
  readonly takesForms?: boolean;
  /** The entries of a body, to count them against the limits. By default, a body is one entry, or an array of them. */
  readonly entriesOf?: (body: unknown) => readonly unknown[];
  /** How large its body may be, if it is more than one entry. */
  readonly bodyLimits?: ValueLimits;
  /** Its messages have ids of their own by which they are recognized, so it takes no Idempotency-Key. */
  readonly hasMessageIds?: boolean;
  /** By default, errors are answered as everywhere in this API. */
  readonly failure?: FailureShape;
}

/** The user name of HTTP Basic (RFC 7617), as which some clients send the key; undefined if there is none. */
export function basicUserName(headers: Headers): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(headers.get("authorization") ?? "") ?? [];
  const [name] = encoded === undefined ? [] : Buffer.from(encoded, "base64").toString("utf8").split(":", 1);
  return name === "" ? undefined : name;
}
