// In which ways can a database be damaged or be something else, and what must a start say of each?
import { Buffer } from "node:buffer";
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { connect } from "../../db/connection.ts";
import { openDatabase } from "../../db/database.ts";

export interface DamagedStart {
  readonly name: string;
  /** Does the damage to a good database that nobody has open. */
  readonly spoil: (path: string) => void;
  /** What the line must say. */
  readonly says: RegExp;
  /** Found by reading the file through, which servers do and commands do not. */
  readonly onlyServers?: true;
}

/** Makes a good database with a few customers, large enough to lose pages. */
export function makeDatabase(path: string, customers = 500): void {
  const database = openDatabase(path);
  const insert = database.sqlite.prepare("INSERT INTO customer (external_id, created_at, updated_at, name) VALUES (?, 0, 0, ?)");
  database.write(() => {
    for (let id = 1; id <= customers; id++) insert.run(`user_${id}`, `A name of some length, number ${id}`);
  });
  database.close();
}

/** Writes bytes over a file's own, from `offset` on. */
function overwrite(path: string, offset: number, bytes: number): void {
  const all = Buffer.from(Bun.mmap(path));
  all.fill(0xa7, offset, offset + bytes);
  writeFileSync(path, all);
}

function run(path: string, sql: string): void {
  const sqlite = connect(path);
  sqlite.exec(sql);
  sqlite.close();
}

/** Puts another SQLite database in its place. */
function replaceBy(path: string, sql: string): void {
  rmSync(path);
  run(path, sql);
}

export const DAMAGED_STARTS: readonly DamagedStart[] = [
  { name: "a garbage header", spoil: (path) => overwrite(path, 0, 100), says: /is not a SQLite database/ },
  { name: "a text file", spoil: (path) => writeFileSync(path, "id,name\n1,Ada\n".repeat(100)), says: /is not a SQLite database/ },
  { name: "an archive", spoil: (path) => writeFileSync(path, Bun.gzipSync(Buffer.alloc(9999, 1))), says: /is not a SQLite database/ },
  { name: "a file of 50 bytes", spoil: (path) => truncateSync(path, 50), says: /is not a SQLite database/ },
  { name: "half a file", spoil: (path) => truncateSync(path, statSync(path).size / 2), says: /damaged: its end is missing/ },
  { name: "one page", spoil: (path) => truncateSync(path, 4096), says: /damaged: its end is missing/ },
  {
    name: "a file without its last byte",
    spoil: (path) => truncateSync(path, statSync(path).size - 1),
    says: /damaged: its end is missing/,
  },
  { name: "garbage after the header", spoil: (path) => overwrite(path, 100, 3996), says: /is damaged/ },
  { name: "garbage in the middle", spoil: (path) => overwrite(path, statSync(path).size / 2, 8192), says: /is damaged/, onlyServers: true },
  { name: "no bytes where data was", spoil: (path) => truncateSync(path, 0), says: /is empty, but it had data/ },
  { name: "no file where data was", spoil: (path) => rmSync(path), says: /is missing, but it had data/ },
  {
    name: "no bytes, and no marker, but a journal",
    spoil(path) {
      truncateSync(path, 0);
      rmSync(`${path}.made`);
      writeFileSync(`${path}-wal`, "frames");
    },
    says: /is empty, but its journal .*-wal is not/,
  },
  { name: "a database without tables where data was", spoil: (path) => replaceBy(path, "VACUUM"), says: /is empty, but it had data/ },
  {
    name: "a foreign database",
    spoil: (path) => replaceBy(path, "CREATE TABLE song (title TEXT)"),
    says: /SQLite database of another program/,
  },
  {
    name: "a foreign database with an id and our tables' names",
    spoil: (path) => replaceBy(path, "PRAGMA application_id = 77; CREATE TABLE migration (name, checksum); CREATE TABLE entry (id)"),
    says: /SQLite database of another program/,
  },
  {
    name: "a database from a newer version",
    spoil: (path) => run(path, "INSERT INTO migration VALUES ('0999_future', 'x')"),
    says: /newer version.*0999_future/,
  },
  {
    name: "a migration edited since",
    spoil: (path) => run(path, "UPDATE migration SET checksum = 'x' WHERE name LIKE '0001%'"),
    says: /0001_start has been edited/,
  },
  {
    name: "a database without its list of migrations",
    spoil: (path) => run(path, "DROP TABLE migration"),
    says: /list of migrations is missing/,
  },
  { name: "an empty list of migrations", spoil: (path) => run(path, "DELETE FROM migration"), says: /list of migrations is empty/ },
  { name: "a read-only file", spoil: (path) => void Bun.spawnSync(["chmod", "a-w", path]), says: /is read-only: .*chmod u\+w/ },
  {
    name: "a directory in its place",
    spoil(path) {
      rmSync(path);
      mkdirSync(path);
    },
    says: /is a directory/,
  },
  {
    name: "a device in its place",
    spoil(path) {
      rmSync(path);
      symlinkSync("/dev/null", path);
    },
    says: /is not a regular file/,
  },
  {
    name: "a file in the place of its folder",
    spoil(path) {
      renameSync(dirname(path), `${dirname(path)}.away`);
      writeFileSync(dirname(path), "");
    },
    says: /folder .* does not exist: there is a file of that name/,
  },
  {
    name: "a directory in the place of its journal",
    spoil: (path) => mkdirSync(`${path}-wal`),
    says: /cannot be opened|cannot be read or written/,
  },
  {
    name: "a trigger that somebody added",
    spoil: (path) => run(path, "CREATE TRIGGER widen_key AFTER INSERT ON entry BEGIN UPDATE api_key SET scopes = 'links:read'; END"),
    says: /holds what regulars did not make: trigger widen_key on entry: /,
    onlyServers: true,
  },
  {
    name: "a trigger of ours that does something else",
    spoil: (path) =>
      run(
        path,
        "DROP TRIGGER customer_search_follows; CREATE TRIGGER customer_search_follows AFTER UPDATE OF search_text ON customer BEGIN SELECT 1; END",
      ),
    says: /holds what regulars did not make: trigger customer_search_follows on customer: /,
    onlyServers: true,
  },
  {
    name: "tables and views that somebody added",
    spoil: (path) => run(path, "CREATE TABLE kept_email (email TEXT); CREATE VIEW everybody AS SELECT email FROM customer"),
    says: /holds what regulars did not make: table kept_email and 1 more: /,
    onlyServers: true,
  },
];
