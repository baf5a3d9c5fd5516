// Which failures does a caller see, and with which status?

/** Every error code of the contract, with its HTTP status. */
export const ERROR_STATUS = {
  VALIDATION_ERROR: 400,
  UNAUTHORIZED: 401,
  INVALID_API_KEY: 401,
  FORBIDDEN: 403,
  FEATURE_NOT_AVAILABLE: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  DUPLICATE_EXTERNAL_ID: 409,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  ANALYTICS_ERROR: 500,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

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

  /** The HTTP status of this error. */
  get status(): number {
    return ERROR_STATUS[this.code];
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
