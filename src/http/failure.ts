// What does a caller see of an error, and what only the log?

import type { Log } from "../host/log.ts";
import { ApiError } from "../value/error.ts";

/** Codes of SQLite, and of the files beside the database, for what cannot be read or written now, but may be later. */
const UNAVAILABLE = /^(?:SQLITE_(?:FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN)|(?:ENOSPC|EDQUOT|EIO|EROFS)$)/;

/** The code of an error of SQLite or of a file, also of one that drizzle wraps. */
export function storageCode(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && /^(?:SQLITE_|E[A-Z]+$)/.test(code)) return code;
  return cause instanceof Error ? storageCode(cause) : undefined;
}

/** The error as one of the contract: ours is 5xx, and says nothing of itself. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const code = error instanceof Error ? storageCode(error) : undefined;
  if (code !== undefined && UNAVAILABLE.test(code))
    return new ApiError("SERVICE_UNAVAILABLE", "The database is unavailable at the moment. Try again later.", {
      headers: { "Retry-After": "5" },
      cause: error,
    });
  return new ApiError("INTERNAL_ERROR", "The server failed to handle this request. Its log has the details under this requestId.", {
    cause: error,
  });
}

/** What the log may know of an error. drizzle's own messages hold the values of a query, so only their cause is taken. */
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

/** Writes an error of ours to the log. */
export function logFailure(log: Log, requestId: string, route: string, error: ApiError): void {
  if (error.status >= 500) log.error({ message: error.message, requestId, route, code: error.code, error: describe(error.cause ?? error) });
}
