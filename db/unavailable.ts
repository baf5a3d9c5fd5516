// Does an error mean that the database cannot be used now, and that the same may work later?

/** Result codes of SQLite, and of the file system beside it. */
const UNAVAILABLE = /^(?:SQLITE_(?:BUSY|LOCKED|IOERR|CANTOPEN|NOTADB|CORRUPT|NOMEM|FULL|PROTOCOL|READONLY)|(?:ENOSPC|EDQUOT|EIO|EROFS)$)/;
/** Those that somebody has to look at: the file itself is broken. */
const DAMAGED = /^SQLITE_(?:NOTADB|CORRUPT)/;
/** What the driver says, without a code, once the connection is closed. */
const CLOSED = "The database connection is not open";

/** The code of an error of SQLite or of a file, also of one that drizzle wraps. */
export function storageCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && /^(?:SQLITE_|E[A-Z]+$)/.test(code)) return code;
  return storageCode(cause);
}

/** Is the database held, full or otherwise out of reach? */
export function isUnavailable(error: unknown): boolean {
  return UNAVAILABLE.test(storageCode(error) ?? "");
}

/** Was the connection closed before the work began? */
export function isClosed(error: unknown): boolean {
  return error instanceof Error && error.message === CLOSED;
}

/** Is the database's file broken? */
export function isDamaged(error: unknown): boolean {
  return DAMAGED.test(storageCode(error) ?? "");
}

/** Was another process writing, so that nothing was done and the work may be tried again? */
export function isBusy(error: unknown): boolean {
  return storageCode(error)?.startsWith("SQLITE_BUSY") === true;
}
