// Which failures is a caller told of?

/** Every error code of the contract. Which HTTP status each has is said in `http/`. */
export type ErrorCode =
  | "VALIDATION_ERROR"
  | "UNAUTHORIZED"
  | "INVALID_API_KEY"
  | "FORBIDDEN"
  | "FEATURE_NOT_AVAILABLE"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "DUPLICATE_EXTERNAL_ID"
  | "CONFLICT"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "RATE_LIMITED"
  | "ANALYTICS_ERROR"
  | "INTERNAL_ERROR"
  | "SERVICE_UNAVAILABLE";

/** One bad field: `path` dotted from the body's root, or the query parameter's name. */
export interface Detail {
  path: string;
  message: string;
}

/** A failure the caller is told of. The message is sent as it stands: no SQL, no path, no value of a secret. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly Detail[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: readonly Detail[]; headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "ApiError";
    this.code = code;
    this.details = options.details;
    this.headers = options.headers ?? {};
  }
}

/** The input cannot be taken; `details` names every bad field. */
export function invalid(details: readonly Detail[], message = "The input is not valid."): ApiError {
  return new ApiError("VALIDATION_ERROR", message, { details });
}

/** There is no such thing: `what` as in "customer". */
export function notFound(what: string): ApiError {
  return new ApiError("NOT_FOUND", `No such ${what}.`);
}

/** What is derived is not there yet; a little later it will be. */
export class CatchingUp extends ApiError {
  constructor(message: string) {
    super("SERVICE_UNAVAILABLE", message, { headers: { "Retry-After": "2" } });
  }
}
