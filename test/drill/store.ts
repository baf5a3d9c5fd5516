// What is in a database file, read without the server?
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import Driver from "#sqlite";

export type Store = Driver.Database;

/** Opens a database file for reading. Recovers its journal, as the next start would. */
export function openStore(path: string): Store {
  return new Driver(path, { fileMustExist: true });
}

/** Copies a database that nobody writes to, with its journal, into an empty folder. Gives the path of the copy. */
export function copyStore(path: string, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const end of ["", "-wal"]) if (existsSync(path + end)) copyFileSync(path + end, join(folder, basename(path) + end));
  return join(folder, basename(path));
}

/** "ok", or the faults of the file that SQLite reports. */
export function integrityOf(store: Store): string {
  return store.prepare("PRAGMA integrity_check").pluck().all().slice(0, 3).join("; ");
}

/** The id of an entry from its sender: its own id as a click, a sale, or any other type. */
const NAME_SQL = `CASE type WHEN 0 THEN click_id WHEN 2 THEN order_id ELSE event_id END`;

/** How often each entry is stored, by type and the id from its sender: `2 order-7`. */
export function entriesOf(store: Store): Map<string, number> {
  const rows = store.prepare(`SELECT type || ' ' || ${NAME_SQL} AS name, count(*) AS count FROM entry GROUP BY 1`).all() as {
    name: string;
    count: number;
  }[];
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** The names of all customers who are not erased, by `externalId`. */
export function peopleOf(store: Store): Map<string, string | null> {
  const rows = store.prepare(`SELECT external_id AS id, name FROM customer WHERE external_id IS NOT NULL AND deleted_at IS NULL`).all() as {
    id: string;
    name: string | null;
  }[];
  return new Map(rows.map(({ id, name }) => [id, name]));
}
