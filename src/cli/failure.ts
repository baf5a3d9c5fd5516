// How does a command report that it failed: with which message, and which exit code?

/** An error that ends the program, with one line (or one line per problem) on standard error. */
export class Failure extends Error {
  readonly exitCode: number;

  /** `exitCode`: 1 the command failed, 2 the command line or a setting is wrong, 130 interrupted. */
  constructor(message: string, exitCode: 1 | 2 | 130 = 1) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

const REMEDIES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}: check the path.`,
  EISDIR: (path) => `${path} is a directory: name a file.`,
  EACCES: (path) => `This user may not open ${path}: check its permissions.`,
  EPERM: (path) => `This user may not open ${path}: check its permissions.`,
  ENOSPC: () => "The disk is full: free some space and run the command again.",
  SQLITE_CANTOPEN: () => "The database cannot be opened: check that DATABASE_PATH is in a folder that this user may write to.",
  SQLITE_NOTADB: () => "The file at DATABASE_PATH is not a database of regulars: set DATABASE_PATH to another file, or restore a backup.",
  SQLITE_CORRUPT: () => "The database is damaged: restore a backup with `regulars restore FILE`.",
  SQLITE_READONLY: () => "The database cannot be written: check the permissions of the file at DATABASE_PATH and of its folder.",
  SQLITE_FULL: () => "The disk is full: free some space and run the command again.",
  SQLITE_BUSY: () => "The database is busy with another command: wait until it has ended, then try again.",
};

/** Turns anything thrown into a message for a person and an exit code. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return new Failure(String(error));
  const { code, path } = error as Error & { code?: unknown; path?: unknown };
  const remedy = typeof code === "string" ? (REMEDIES[code] ?? REMEDIES[code.split("_").slice(0, 2).join("_")]) : undefined;
  return new Failure(remedy ? remedy(typeof path === "string" ? path : "the file") : error.message);
}
