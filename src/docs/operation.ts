// How does an endpoint look in the OpenAPI document?
import type { TSchema } from "@sinclair/typebox";
import type { DocumentDecoration } from "elysia";
import { MAX_IMPORT_BYTES } from "../http/body.ts";
import { type Endpoint, isSigned } from "../http/endpoint.ts";
import { toJsonSchema } from "../http/json-schema.ts";
import { ERROR_STATUS } from "../http/status.ts";
import type { ErrorCode } from "../value/error.ts";

const MESSAGES: Readonly<Record<number, string>> = {
  200: "Done.",
  201: "Created.",
  202: "Begun. It goes on in the background.",
  400: "The input is invalid. `details` names every bad field.",
  401: "The key is missing, unknown, expired or revoked.",
  403: "The key lacks the scope, or the feature is turned off.",
  404: "Nothing was found at this path.",
  422: "The input is invalid. The message names every bad field.",
  409: "The request conflicts with what is already stored.",
  410: "What follows is not there any more, or never was.",
  413: "The body is larger than 5 MiB.",
  415: "The body is not JSON in UTF-8.",
  429: "There were too many requests. `Retry-After` says how long to wait.",
  500: "Something went wrong on the server's side.",
  503: "The server cannot answer right now. Try again after `Retry-After` seconds.",
};

const PATH_PARAMETERS: Readonly<Record<string, { description: string; example: string }>> = {
  "/customers": { description: "The id `cus_…`, or `ext_` followed by the URL-encoded externalId.", example: "ext_user_42" },
  "/dub": { description: "The id `cus_…`, or `ext_` followed by the URL-encoded externalId.", example: "ext_user_42" },
  "/webhook-endpoints": { description: "The id of the endpoint, `whe_…`.", example: "whe_Qh4mXo0c2fTz" },
  "/imports": { description: "The id of the import.", example: "1" },
  "/webhooks": { description: "The id of the customer, `cus_…`.", example: "cus_0000000001" },
  "/conversions": { description: "The id `ent_…`, or `ord_` followed by the URL-encoded orderId of a sale.", example: "ord_ORD-1" },
};

/** The headers of answers, as components of the document. */
export const HEADER_DESCRIPTIONS = {
  "X-Request-Id": { description: "The id of the request. The log has it too.", schema: { type: "string" } },
  "Retry-After": { description: "How many seconds to wait before trying again.", schema: { type: "integer" } },
  "X-Cache": {
    description: "`HIT`: the report was kept in memory. `MISS`: it was computed for this request.",
    schema: { enum: ["HIT", "MISS"] },
  },
  Age: { description: "How many seconds ago the report was computed.", schema: { type: "integer" } },
  ETag: {
    description: "A weak tag of what is reported, `computedAt` aside. Sent back in `If-None-Match`, it saves the same answer: 304.",
    schema: { type: "string" },
  },
  "X-Behind": {
    description: "Only if the answer lacks something that was acknowledged: how many entries, or other changes, are not in it yet.",
    schema: { type: "integer", minimum: 1 },
  },
  "X-Data-As-Of": {
    description: "Comes with `X-Behind`: everything that was acknowledged before this instant is in the answer.",
    schema: { type: "string", format: "date-time" },
  },
} as const;

/** The error codes that an endpoint can answer: its own, and those of its admission, method and path. */
export function errorCodes({
  method,
  admission,
  uncounted,
  revenue,
  path,
  body,
  isSafeToRepeat,
  foreign,
  errors = [],
}: Endpoint): ErrorCode[] {
  const codes: ErrorCode[] = ["VALIDATION_ERROR"];
  if (isSigned(admission)) codes.push("UNAUTHORIZED", "RATE_LIMITED");
  else if (admission !== "open") codes.push("UNAUTHORIZED", "INVALID_API_KEY", "FORBIDDEN", "RATE_LIMITED");
  else if (!uncounted) codes.push("RATE_LIMITED");
  if (revenue) codes.push("FEATURE_NOT_AVAILABLE");
  if (path.includes(":")) codes.push("NOT_FOUND");
  if (method === "POST" && !isSafeToRepeat && !foreign?.hasMessageIds) codes.push("CONFLICT", "NOT_FOUND"); // an Idempotency-Key that belongs to another request, or to a customer who was erased
  if (body) codes.push("PAYLOAD_TOO_LARGE");
  if (body && typeof body !== "string") codes.push("UNSUPPORTED_MEDIA_TYPE");
  if (admission !== "open") codes.push("INTERNAL_ERROR");
  return [...new Set<ErrorCode>([...codes, ...errors, "SERVICE_UNAVAILABLE"])];
}

/** References to the headers of these names, which document.ts describes. */
const toHeaders = (...names: (keyof typeof HEADER_DESCRIPTIONS)[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const HEADERS = toHeaders("X-Request-Id");
const RETRY = toHeaders("Retry-After");
/** The headers of a success. */
const successHeaders = ({ cached, derived }: Endpoint) => ({
  ...HEADERS,
  ...(cached && toHeaders("X-Cache", "Age", "ETag")),
  ...(derived && toHeaders("X-Behind", "X-Data-As-Of")),
});

function failures(endpoint: Endpoint): [string, object][] {
  const shape = endpoint.foreign?.failure;
  const statusesOf = (code: ErrorCode) => shape?.statusesOf(code) ?? [ERROR_STATUS[code]];
  const found = errorCodes(endpoint).flatMap((code) => statusesOf(code).map((status) => ({ code, status })));
  return [...Map.groupBy(found, ({ status }) => status)].map(([status, group]) => {
    const codes = group.map(({ code }) => code);
    const hasRetryAfter = status === 429 || status === 503;
    const requestId = "5b6c1f0e-9d0b-4f3a-8f52-0b7f4f0f7c11";
    const error = { code: codes[0], message: MESSAGES[status], requestId };
    const content = shape
      ? { schema: toJsonSchema(shape.schema) }
      : { schema: { $ref: "#/components/schemas/Failure" }, example: { success: false, error } };
    const told = status === 413 && endpoint.maxBytes === MAX_IMPORT_BYTES ? "The body is larger than 1 GiB." : MESSAGES[status];
    const description = shape ? String(MESSAGES[status]) : `${told} ${codes.map((code) => `\`${code}\``).join(", ")}`;
    return [
      String(status),
      { description, headers: { ...HEADERS, ...(hasRetryAfter && RETRY) }, content: { "application/json": content } },
    ];
  });
}

/** The CSV form of an answer. */
const CSV = {
  schema: {
    type: "string",
    description:
      "The rows of the answer as CSV (RFC 4180) in UTF-8 with a byte order mark and a header. Instants are ISO 8601, amounts plain decimals in the currency of the column `currency`. Text that a spreadsheet would run as a formula begins with `'`.",
  },
};

function successes(endpoint: Endpoint): [string, object][] {
  const { answers, examples, cached, csv, produces = "application/json" } = endpoint;
  const headers = successHeaders(endpoint);
  const notModified: [string, object][] = cached
    ? [["304", { description: "The report has not changed since the one in `If-None-Match`.", headers }]]
    : [];
  const first = Object.keys(answers)[0];
  const byStatus = Object.entries(answers).map(([status, schema]): [string, object] => {
    const example = status === first && examples?.answer !== undefined ? { example: examples.answer } : {};
    const content = { [produces]: { schema: toJsonSchema(schema), ...example }, ...(csv && { "text/csv": CSV }) };
    return [status, { description: schema.description ?? MESSAGES[Number(status)] ?? "Done.", headers, content }];
  });
  return [...byStatus, ...notModified];
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Makes a retry safe. If the request is sent again within 24 hours with the same key and body, it is not carried out again and gets the first answer (`Idempotent-Replayed: true`). With another body the answer is 409. Once its customer is erased, it is 404. Publishable keys must not send it.",
  schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,255}$" },
};

/** The parameters of an endpoint as OpenAPI parameter objects: path, query and headers. */
export function parameters({ method, path, query, examples, keyInQuery, isSafeToRepeat, foreign }: Endpoint): object[] {
  const known = PATH_PARAMETERS[`/${path.split("/")[1]}`];
  const delivery = { description: "The id of the delivery, `msg_…`.", example: "msg_2KWPBgLlAfxdpx2AI54pPJ85" };
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
    ...(name === "delivery" ? delivery : known),
  }));
  const inQuery = Object.entries((query?.properties ?? {}) as Record<string, TSchema>).map(([name, schema]) => {
    const { description, ...shape } = toJsonSchema(schema);
    // Swagger UI fills its form with the example before the default, and a form should ask for the default.
    const example = shape.default === undefined ? examples?.query?.[name] : undefined;
    const required = (query?.required?.includes(name) ?? false) && shape.default === undefined;
    return {
      name,
      in: "query",
      required,
      ...(description !== undefined && { description }),
      schema: shape,
      ...(example !== undefined && { example }),
    };
  });
  const key = {
    name: "key",
    in: "query",
    required: false,
    description: "A conversion key (`rgc_…`), for callers that cannot send headers. Other keys are not accepted here.",
    schema: { type: "string" },
  };
  return [
    ...inPath,
    ...inQuery,
    ...(keyInQuery ? [key] : []),
    ...(method === "POST" && !isSafeToRepeat && !foreign?.hasMessageIds ? [IDEMPOTENCY_KEY] : []),
  ];
}

/** `GET /customers/:id` → `getCustomersById`. */
function operationId({ method, path }: Endpoint): string {
  const words = path
    .split("/")
    .flatMap((part) => part.split(/[-.]/))
    .filter((part) => part !== "");
  return (
    method.toLowerCase() +
    words.map((word) => (word.startsWith(":") ? "By" : "") + word.replace(":", "").replace(/^./, (letter) => letter.toUpperCase())).join("")
  );
}

function admissionNote({ admission, keyInQuery }: Endpoint): string {
  if (admission === "open") return "No key is needed.";
  if (admission === "key") return "Any secret key will do.";
  if (keyInQuery) return `The key needs the scope \`${String(admission)}\`, or is a conversion key (\`rgc_…\`).`;
  if (isSigned(admission)) return "The body must be signed; no key is needed.";
  return `The key needs the scope \`${admission}\`.`;
}

function requestBody({ body, examples }: Endpoint): object | undefined {
  if (body === undefined) return undefined;
  if (typeof body === "string") return { required: true, content: { "*/*": { schema: { description: "The bytes as they come." } } } };
  const content = { schema: toJsonSchema(body), ...(examples?.body !== undefined && { example: examples.body }) };
  return { required: true, content: { "application/json": content } };
}

/** Converts an endpoint to an OpenAPI operation. */
export function toOperation(endpoint: Endpoint): DocumentDecoration {
  const { tag, summary, description, admission } = endpoint;
  const body = requestBody(endpoint);
  const operation: object = {
    operationId: operationId(endpoint),
    tags: [tag],
    summary,
    description: description ? `${description}\n\n${admissionNote(endpoint)}` : admissionNote(endpoint),
    parameters: parameters(endpoint),
    ...(body && { requestBody: body }),
    responses: Object.fromEntries([...successes(endpoint), ...failures(endpoint)]),
    security:
      admission === "open" || isSigned(admission)
        ? []
        : [{ bearer: [] }, { header: [] }, ...(endpoint.foreign?.takesBasic ? [{ basic: [] }] : [])],
  };
  return operation;
}
