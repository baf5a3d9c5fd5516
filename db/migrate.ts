// How does a database get from whatever version it has to the one this program wants?
import type { Sqlite } from "./open.ts";
import start from "./migrations/0001_start.sql" with { type: "text" };

/** All migrations in order; a test compares this list with the folder. */
export const MIGRATIONS: readonly { name: string; sql: string }[] = [{ name: "0001_start", sql: start }];

/** SHA-256 of a migration's text, hexadecimal: tells an edited one. */
function checksum(sql: string): string {
  return new Bun.CryptoHasher("sha256").update(sql).digest("hex");
}

/**
 * Runs the migrations that the file lacks, each whole or not at all.
 * Throws an Error with a remedy when the file is from a newer version or a migration it ran was edited since.
 */
export function migrate(sqlite: Sqlite, migrations = MIGRATIONS): void {
  sqlite.exec("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, checksum TEXT NOT NULL) STRICT, WITHOUT ROWID");
  const done = sqlite.prepare("SELECT name, checksum FROM migration ORDER BY name").all() as { name: string; checksum: string }[];
  if (done.length > migrations.length) throw new Error("The database was made by a newer version of regulars: run that version, or restore a backup.");
  done.forEach((row, index) => {
    const ours = migrations[index];
    if (!ours || ours.name !== row.name) throw new Error(`The database ran the migration ${row.name}, which this version does not know: run the version that made it.`);
    if (checksum(ours.sql) !== row.checksum) throw new Error(`The migration ${row.name} was edited after it ran on this database: run the version that made it.`);
  });
  for (const { name, sql } of migrations.slice(done.length)) {
    sqlite.transaction(() => {
      sqlite.exec(sql);
      sqlite.prepare("INSERT INTO migration (name, checksum) VALUES (?, ?)").run(name, checksum(sql));
    })();
  }
}
