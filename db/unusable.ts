// How does storage say that it cannot be used? In one line for the person who runs the program: what is wrong, and what to do.

/** A file or folder of the workspace cannot be used. The message is one line: the problem, a colon, the remedy. */
export class Unusable extends Error {
  readonly problem: string;

  constructor(problem: string, remedy: string) {
    super(`${problem}: ${remedy}.`.replaceAll(/\s*\n\s*/g, " "));
    this.name = "Unusable";
    this.problem = problem;
  }
}

export const RESTORE = "restore a backup with `regulars restore FILE`";

/** SQLite's result codes (without their extensions) that are about the file, not about a statement. */
const BY_CODE: Readonly<Record<string, readonly [problem: (path: string) => string, remedy: string]>> = {
  SQLITE_CANTOPEN: [(path) => `The database ${path} cannot be opened`, "check the permissions of the file and of its folder"],
  SQLITE_NOTADB: [(path) => `${path} is not a SQLite database`, `set DATABASE_PATH to another file, or ${RESTORE}`],
  SQLITE_CORRUPT: [(path) => `The database ${path} is damaged`, RESTORE],
  SQLITE_READONLY: [(path) => `The database ${path} cannot be written`, "check the permissions of the file and of its folder"],
  SQLITE_PERM: [(path) => `The database ${path} cannot be written`, "check the permissions of the file and of its folder"],
  SQLITE_FULL: [(path) => `The disk of ${path} is full`, "make room and start again; what was stored is kept"],
  SQLITE_IOERR: [(path) => `The database ${path} cannot be read or written`, "check the disk"],
};

/** What was thrown while the file at `path` was opened, as the one line for a person where there is one; else as it is. */
export function toUnusable(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const known = BY_CODE[error.code.split("_").slice(0, 2).join("_")];
  return known ? new Unusable(known[0](path), known[1]) : error;
}
