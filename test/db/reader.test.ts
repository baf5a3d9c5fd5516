// Can a connection that only reads change anything, by whatever SQL?
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectReader } from "../../db/connection.ts";
import { openDatabase } from "../../db/database.ts";
import { newDatabasePath, temporaryFolder } from "../temporary-folder.ts";

const ROOT = `${import.meta.dir}/../..`;

/** What somebody who can run any SQL on the connection would try. */
const ATTEMPTS: readonly (readonly [name: string, sql: (path: string) => string])[] = [
  ["insert a row", () => "INSERT INTO setting VALUES ('intruder', 'x')"],
  ["update rows", () => "UPDATE setting SET value = 'intruder'"],
  ["delete rows", () => "DELETE FROM setting"],
  ["create a table", () => "CREATE TABLE intruder (x)"],
  ["create a trigger", () => "CREATE TRIGGER intruder AFTER INSERT ON setting BEGIN SELECT 1; END"],
  [
    "write through a trigger of a temporary table",
    () =>
      "CREATE TEMP TABLE own (x); CREATE TEMP TRIGGER intruder AFTER INSERT ON own BEGIN INSERT INTO setting VALUES ('intruder', 'x'); END; INSERT INTO own VALUES (1)",
  ],
  [
    "write through a temporary view",
    () =>
      "CREATE TEMP VIEW own AS SELECT * FROM setting; CREATE TEMP TRIGGER intruder INSTEAD OF INSERT ON own BEGIN INSERT INTO setting VALUES (new.name, new.value); END; INSERT INTO own VALUES ('intruder', 'x')",
  ],
  ["attach the file once more", (path) => `ATTACH '${path}' AS again; INSERT INTO again.setting VALUES ('intruder', 'x')`],
  [
    "attach it by a URI that asks for more",
    (path) => `ATTACH 'file:${path}?mode=rwc' AS again; INSERT INTO again.setting VALUES ('intruder', 'x')`,
  ],
  ["attach a new file", (path) => `ATTACH '${path}.intruder' AS other; CREATE TABLE other.intruder (x)`],
  ["leave the read-only mode", () => "PRAGMA query_only = OFF; INSERT INTO setting VALUES ('intruder', 'x')"],
  ["write the schema itself", () => "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema"],
  ["set the version", () => "PRAGMA user_version = 7; INSERT INTO setting VALUES ('intruder', 'x')"],
  ["change the journal", () => "PRAGMA journal_mode = DELETE; DELETE FROM setting"],
  ["rewrite the file", () => "VACUUM"],
];

describe("a connection that only reads", () => {
  test.each(ATTEMPTS)("cannot %s", (_, sql) => {
    const path = newDatabasePath();
    const writer = openDatabase(path);
    writer.sqlite.exec("INSERT INTO setting VALUES ('kept', 'as it is')");
    const bytes = () => [path, `${path}-wal`].map((file) => readFileSync(file).toString("base64"));
    const before = bytes();
    const reader = connectReader(path);
    expect(() => reader.exec(sql(path))).toThrow(/readonly|read-only|read only|unable to open|may not be modified|database is locked/);
    expect(reader.prepare("SELECT value FROM setting WHERE name = 'kept'").pluck().get()).toBe("as it is");
    reader.close();
    expect(bytes()).toEqual(before);
    expect(existsSync(`${path}.intruder`)).toBe(false);
    expect(writer.sqlite.prepare("SELECT count(*) FROM setting WHERE name = 'intruder' OR value = 'intruder'").pluck().get()).toBe(0);
    writer.close();
  });

  test("makes no database where there is none", () => {
    const path = join(temporaryFolder(), "none.db");
    expect(() => connectReader(path)).toThrow();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, "");
    connectReader(path).close();
    expect(statSync(path).size).toBe(0);
  });

  test("is what everything outside db/ uses, but for a restore, which writes", () => {
    const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const writers = files.filter((name) => /(?<!\.)\bconnect\((?!":memory:")/.test(readFileSync(join(ROOT, "src", name), "utf8")));
    expect(writers).toEqual(["app/restore.ts"]);
  });
});
