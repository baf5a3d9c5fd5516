// Does an error mean that the database cannot be used now, but may be later?

/** Result codes of SQLite, and of the file system beside it. */
const UNAVAILABLE = /^(?:SQLITE_(?:BUSY|LOCKED|IOERR|CANTOPEN|NOTADB|CORRUPT|NOMEM|FULL|PROTOCOL|READONLY)|(?:ENOSPC|EDQUOT|EIO|EROFS)$)/;
/** The codes of a broken file, which somebody has to look at. */
const DAMAGED = /^SQLITE_(?:NOTADB|CORRUPT)/;
/** The driver's message once the connection is closed. It has no code. */
const CLOSED = "The database connection is not open";

/** The code of an error of SQLite or of the file system, also if drizzle wraps it. Undefined for other errors. */
export function storageCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && /^(?:SQLITE_|E[A-Z]+$)/.test(code)) return code;
  return storageCode(cause);
}

/** Is the database locked, full or otherwise unavailable? */
export function isUnavailable(error: unknown): boolean {
  return UNAVAILABLE.test(storageCode(error) ?? "");
}

/** Was the connection closed before the work began? */
export function isClosed(error: unknown): boolean {
  return error instanceof Error && error.message === CLOSED;
}

/** Is the database file broken? */
export function isDamaged(error: unknown): boolean {
  return DAMAGED.test(storageCode(error) ?? "");
}

/** Was another process writing? Then nothing was stored, and the work may be tried again. */
export function isBusy(error: unknown): boolean {
  return storageCode(error)?.startsWith("SQLITE_BUSY") === true;
}
