// What does a caller see of an error, and what does only the log see?
import { isDamaged, isUnavailable, storageCode } from "../../db/unavailable.ts";
import type { Log } from "../host/log.ts";
import { ApiError } from "../value/error.ts";
import { statusOf } from "./status.ts";

/** Turns anything thrown into an error of the contract. An unexpected error becomes a 5xx that reveals nothing of its cause. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (isUnavailable(error))
    return new ApiError("SERVICE_UNAVAILABLE", "The database is unavailable at the moment. Try again later.", {
      headers: { "Retry-After": "5" },
      cause: error,
    });
  return new ApiError("INTERNAL_ERROR", "The server failed to handle this request. Its log has the details under this requestId.", {
    cause: error,
  });
}

/** What the log records of an error. Errors of drizzle contain the values of a query, so only their cause is used. */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  if ("params" in error && "query" in error) return describe(error.cause);
  const code = storageCode(error);
  return {
    name: error.name,
    message: error.message,
    ...(code && { code }),
    stack: error.stack?.split("\n").filter((line) => /^\s+at /.test(line)),
  };
}

/**
 * Writes a 5xx to the log. A refusal that operators expect now and then (shutting down, a full disk, a busy database, a deadline) is one
 * `warn` line without a stack; anything else, a damaged file included, is an `error` with one.
 */
export function logFailure(log: Log, requestId: string, route: string, error: ApiError): void {
  if (statusOf(error) < 500) return;
  const { message, code, cause } = error;
  if (code === "SERVICE_UNAVAILABLE" && !isDamaged(cause) && (cause === undefined || isUnavailable(cause)))
    log.warn({ message, requestId, route, code, cause: storageCode(cause) });
  else log.error({ message, requestId, route, code, error: describe(cause ?? error) });
}
