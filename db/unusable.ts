// How does storage report that it cannot be used? In one line for the person who runs the program: what is wrong, and what to do.

/** A file or folder of the workspace cannot be used. The message is one line: the problem, a colon, the remedy. */
export class Unusable extends Error {
  readonly problem: string;
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(`${problem}: ${remedy}.`.replaceAll(/\s*\n\s*/g, " "));
    this.name = "Unusable";
    this.problem = problem;
    this.remedy = remedy;
  }
}

export const RESTORE = "restore a backup with `regulars restore FILE`";

/** Is a file the database of the settings, or a backup named on the command line? The remedies differ. */
export type FileRole = "database" | "backup";

interface Advice {
  /** The file belongs to another program. */
  readonly foreign: string;
  /** The file belongs to this program, but is incomplete or broken. */
  readonly damaged: string;
  /** This user may not use the file. */
  readonly denied: string;
}

export const ADVICE: Readonly<Record<FileRole, Advice>> = {
  database: {
    foreign: `set DATABASE_PATH to another file, or ${RESTORE}`,
    damaged: RESTORE,
    denied: "check the permissions of the file and of its folder",
  },
  backup: {
    foreign: "name a file that `regulars backup` wrote",
    damaged: "use another backup",
    denied: "check the permissions of the file and of its folder",
  },
};

/** SQLite's primary result codes that are about the file and not about a statement. */
const BY_CODE: Readonly<Record<string, readonly [problem: (name: string) => string, remedy: (advice: Advice) => string]>> = {
  SQLITE_CANTOPEN: [(name) => `The ${name} cannot be opened`, ({ denied }) => denied],
  SQLITE_NOTADB: [(name) => `The ${name} is not a SQLite database`, ({ foreign }) => foreign],
  SQLITE_CORRUPT: [(name) => `The ${name} is damaged`, ({ damaged }) => damaged],
  SQLITE_READONLY: [(name) => `The ${name} cannot be written`, ({ denied }) => denied],
  SQLITE_PERM: [(name) => `The ${name} cannot be written`, ({ denied }) => denied],
  SQLITE_FULL: [(name) => `The disk of the ${name} is full`, () => "free some space and try again; nothing that was stored is lost"],
  SQLITE_IOERR: [(name) => `The ${name} cannot be read or written`, () => "check the disk"],
};

/** Converts what was thrown while the file at `path` was opened or read: to an `Unusable` if the file is the cause, else it is returned as it is. */
export function toUnusable(error: unknown, path: string, role: FileRole = "database"): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const known = BY_CODE[error.code.split("_").slice(0, 2).join("_")];
  return known ? new Unusable(known[0](`${role} ${path}`), known[1](ADVICE[role])) : error;
}

/** Explains, by the system's error, why no file can be created in `folder`. `elsewhere` says how to choose another folder. */
export function toUnwritable(folder: string, error: unknown, elsewhere: string): Unusable {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  const [problem, remedy] = FOLDER_PROBLEMS[code] ?? [`cannot be written (${code})`, undefined];
  return new Unusable(`The folder ${folder} ${problem}`, remedy === undefined ? elsewhere : `${remedy}, or ${elsewhere}`);
}

/** The system's error codes for a folder. `problem` completes "The folder …"; `remedy` is what to do besides choosing another folder. */
const FOLDER_PROBLEMS: Readonly<Record<string, readonly [problem: string, remedy: string | undefined]>> = {
  ENOENT: ["does not exist", "create it"],
  ENOTDIR: ["does not exist: a part of its path is a file", undefined],
  EEXIST: ["does not exist: there is a file of that name", undefined],
  EACCES: ["cannot be written by this user", "change its owner or permissions"],
  EPERM: ["cannot be written by this user", "change its owner or permissions"],
  EROFS: ["is on a read-only file system", "mount it for writing"],
  ENOSPC: ["is on a full disk", "free some space"],
};
