// How are the indexes of a table left out while very much is stored, and what brings them back? Their own statements, as the migrations wrote them.
import type { Sqlite } from "../../../db/connection.ts";

interface IndexRow {
  readonly name: string;
  readonly sql: string;
}

/**
 * Drops the indexes of tables, except those in `kept` and those of primary and unique keys. Returns the function that creates them again, on any
 * connection to the same database.
 */
export function dropIndexes(sqlite: Sqlite, tables: readonly string[], kept: readonly string[] = []): (sqlite: Sqlite) => void {
  const find = sqlite.prepare<[table: string], IndexRow>(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? ORDER BY rowid",
  );
  const dropped = tables.flatMap((table) => find.all(table)).filter(({ name }) => !kept.includes(name));
  for (const { name } of dropped) sqlite.exec(`DROP INDEX ${name}`);
  return (restored) => {
    for (const { sql } of dropped) restored.exec(sql);
  };
}
