// Which failures are reported to callers?

/** Every error code of the contract. `http/` knows the HTTP status of each. */
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
  | "GONE"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "RATE_LIMITED"
  | "ANALYTICS_ERROR"
  | "INTERNAL_ERROR"
  | "SERVICE_UNAVAILABLE";

/** One bad field. `path` is its dotted path from the root of the body, or the name of a query parameter. */
export interface Detail {
  path: string;
  message: string;
}

/** A failure that is reported to the caller. The message is sent as it is, so it contains no SQL, no file path and no secret. */
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

/** An error for input that is not valid. `details` names every bad field. */
export function invalid(details: readonly Detail[], message = "The input is not valid."): ApiError {
  return new ApiError("VALIDATION_ERROR", message, { details });
}

/** An error for something that does not exist. `what` is a noun, such as "customer". */
export function notFound(what: string): ApiError {
  return new ApiError("NOT_FOUND", `No such ${what}.`);
}

/** The derived data is not up to date yet. Callers are asked to try again in two seconds. */
export class CatchingUp extends ApiError {
  constructor(message: string) {
    super("SERVICE_UNAVAILABLE", message, { headers: { "Retry-After": "2" } });
  }
}
