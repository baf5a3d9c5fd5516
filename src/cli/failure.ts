// How does a command say that it cannot go on: with which line, and which exit code?

/** Ends the program with one line (or one line per problem) on standard error. */
export class Failure extends Error {
  readonly exitCode: number;

  /** `exitCode`: 1 the work failed, 2 the command or a setting is wrong, 130 interrupted. */
  constructor(message: string, exitCode: 1 | 2 | 130 = 1) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

const REMEDIES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}.`,
  EISDIR: (path) => `${path} is a directory, not a file.`,
  EACCES: (path) => `${path} may not be opened by this user: check its permissions.`,
  EPERM: (path) => `${path} may not be opened by this user: check its permissions.`,
  ENOSPC: () => "The disk is full: make room and run the command again.",
  SQLITE_CANTOPEN: () => "The database cannot be opened: check that DATABASE_PATH names a file in a directory that this user may write to.",
  SQLITE_NOTADB: () => "The file at DATABASE_PATH is not a database of regulars: name another file, or restore a backup.",
  SQLITE_CORRUPT: () => "The database is damaged: restore a backup.",
  SQLITE_READONLY: () => "The database cannot be written: check the permissions of the file at DATABASE_PATH and of its directory.",
  SQLITE_FULL: () => "The disk is full: make room and run the command again.",
  SQLITE_BUSY: () => "The database is busy with another command: try again when that is done.",
};

/** The text for a person of whatever was thrown, and the exit code. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return new Failure(String(error));
  const { code, path } = error as Error & { code?: unknown; path?: unknown };
  const remedy = typeof code === "string" ? (REMEDIES[code] ?? REMEDIES[code.split("_").slice(0, 2).join("_")]) : undefined;
  return new Failure(remedy ? remedy(typeof path === "string" ? path : "the file") : error.message);
}
