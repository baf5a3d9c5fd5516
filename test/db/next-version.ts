// What may a version to come do to the database, and did it do all of it?

import type { Sqlite } from "../../db/connection.ts";
import { MIGRATIONS, type Migration } from "../../db/migrate.ts";

/** Two versions to come, in statements, with enough rows to leave the page cache. */
export const STATEMENTS = [
  "CREATE TABLE song (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;",
  "INSERT INTO song WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, hex(randomblob(60)) FROM n;",
  "CREATE INDEX song_title ON song (title);",
  "ALTER TABLE customer ADD COLUMN song_id INTEGER;",
  "UPDATE customer SET song_id = 1;",
  "DROP INDEX song_title;",
];
/** Statements as two migrations after those there are. */
export const toNext = (statements: readonly string[]): Migration[] => [
  ...MIGRATIONS,
  { name: "9001_song", sql: statements.slice(0, 3).join("\n") },
  { name: "9002_customer_song", sql: statements.slice(3).join("\n") },
];
export const NEXT = toNext(STATEMENTS);

/** "between" is what no moment may show. */
export function versionOf(sqlite: Sqlite): "old" | "new" | "between" {
  const has = (query: string) => sqlite.prepare(query).get() !== undefined;
  const signs = [
    has("SELECT 1 FROM migration WHERE name = '9001_song'"),
    has("SELECT 1 FROM migration WHERE name = '9002_customer_song'"),
    has("SELECT 1 FROM sqlite_schema WHERE name = 'song'"),
    has("SELECT 1 FROM pragma_table_info('customer') WHERE name = 'song_id'"),
  ];
  return signs.every((each) => each) ? "new" : signs.some((each) => each) ? "between" : "old";
}
