// How many bytes does a database take on the disk, its journal included?
import { statSync } from "node:fs";
import type { Sqlite } from "./connection.ts";

/** Makes the function that reads the size of a connection's database, in bytes. Some microseconds a call. */
export function openSize(sqlite: Sqlite): () => number {
  const pages = sqlite.prepare("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").pluck();
  return () => Number(pages.get()) + journalBytes(sqlite.name);
}

/** The size of the journal of the database at `path`; 0 if there is none. */
export function journalBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
