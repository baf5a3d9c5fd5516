// Where is a history loaded before it becomes the database? In a copy beside it. A load that is killed leaves the copy, which has personal data.
import { existsSync, rmSync } from "node:fs";
import { holdDatabase, isHeld } from "./lock.ts";

/** The path of the copy in which a history is loaded for the database at `path`. */
export const loadingCopyOf = (path: string) => `${path}.loading`;

/** The endings of the files that a database consists of while it is written. */
export const DATABASE_ENDINGS = ["", "-journal", "-wal", "-shm"] as const;

/** Removes a database file with its journals, if there is any of them. */
export function removeDatabaseFiles(path: string): void {
  for (const ending of DATABASE_ENDINGS) rmSync(path + ending, { force: true });
}

/** Removes what a killed load left beside the database at `path`. Does nothing while a server or a load holds the database. */
export function removeLeftOfLoad(path: string): void {
  const copy = loadingCopyOf(path);
  if (!DATABASE_ENDINGS.some((ending) => existsSync(copy + ending)) || isHeld(path)) return;
  const lock = holdDatabase(path);
  try {
    removeDatabaseFiles(copy);
  } finally {
    lock.release();
  }
}
