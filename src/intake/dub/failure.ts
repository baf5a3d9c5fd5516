// How does Dub's API answer errors? By its own codes and statuses; its libraries choose an exception by the status.
import { Type } from "@sinclair/typebox";
import type { FailureShape } from "../../http/foreign.ts";
import { statusOf } from "../../http/status.ts";
import type { Detail } from "../../value/error.ts";

const CODES = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "bad_request",
  415: "bad_request",
  422: "unprocessable_entity",
  429: "rate_limit_exceeded",
  500: "internal_server_error",
  503: "internal_server_error",
} as const;

const codeOf = (status: number): string => CODES[status as keyof typeof CODES] ?? (status < 500 ? "bad_request" : "internal_server_error");

/** The field that Dub answers 400 for when it is missing, as for a body or query that cannot be read. All others are 422. */
export const CUSTOMER = "customerExternalId";
export const MISSING = "is required";

const isBadRequest = (details: readonly Detail[] = []) =>
  details.some(({ path, message }) => path === "" || (path === CUSTOMER && message === MISSING));

export const DUB_FAILURE: FailureShape = {
  schema: Type.Object({
    error: Type.Object({
      code: Type.Union([...new Set(Object.values(CODES))].map((code) => Type.Literal(code))),
      message: Type.String({ description: "What is wrong, with every bad field." }),
      doc_url: Type.String(),
      details: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
      requestId: Type.String(),
    }),
  }),
  statusOf: (error) => (error.code === "VALIDATION_ERROR" && !isBadRequest(error.details) ? 422 : statusOf(error)),
  statusesOf: (code) => (code === "VALIDATION_ERROR" ? [400, 422] : [statusOf({ code })]),
  bodyOf(error, requestId) {
    const code = codeOf(DUB_FAILURE.statusOf(error));
    const fields = (error.details ?? []).map(({ path, message }) => (path === "" ? `It ${message}.` : `${path}: ${message}`));
    const message = [error.message, ...fields].join(" ");
    const doc_url = `https://dub.co/docs/api-reference/errors#${code.replaceAll("_", "-")}`;
    return { error: { code, message, doc_url, ...(error.details && { details: error.details }), requestId } };
  },
};
