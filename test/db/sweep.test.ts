// Can what was deleted still be read from the file? secure_delete alone leaves copies in pages that were split; a sweep leaves none.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { openDatabase } from "../../db/database.ts";
import { temporaryFolder } from "../temporary-folder.ts";

let path: string;
let database: Database | undefined;
beforeEach(() => {
  path = join(temporaryFolder(), "regulars.db");
});
afterEach(() => {
  database?.close();
});

const marksIn = (file: string) => (readFileSync(file, "latin1").match(/zq7mark/g) ?? []).length;

/** Names with a mark, in an order that splits the pages of their index everywhere; then all of them are deleted. */
function nameAndForget({ sqlite, write }: Database): void {
  sqlite.exec("CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT); CREATE INDEX name_text ON name (text)");
  const insert = sqlite.prepare("INSERT INTO name (text) VALUES (?)");
  for (let index = 0; index < 4000; index += 1)
    write(() => insert.run(`${(index * 7919) % 4000}-${index % 3 === 0 ? "zq7mark" : "another"}-name`));
  write(() => sqlite.exec("DELETE FROM name WHERE text LIKE '%zq7mark%'"));
  sqlite.pragma("wal_checkpoint(TRUNCATE)");
}

describe("sweep", () => {
  test("zeroes what secure_delete leaves, and it does not come back with the next writes", async () => {
    database = openDatabase(path);
    nameAndForget(database);
    expect(marksIn(path)).toBeGreaterThan(0); // else this test proves nothing

    expect(await database.sweep()).toBe(true);
    expect(marksIn(path)).toBe(0);
    expect(database.sqlite.pragma("integrity_check", { simple: true })).toBe("ok");

    const { sqlite, write } = database;
    write(() => sqlite.exec("UPDATE name SET text = text || '+'"));
    expect(marksIn(`${path}-wal`)).toBe(0);
    sqlite.pragma("wal_checkpoint(TRUNCATE)");
    expect(marksIn(path)).toBe(0);
    expect(sqlite.prepare("SELECT count(*) FROM name").pluck().get()).toBe(2666);
    expect(sqlite.pragma("integrity_check", { simple: true })).toBe("ok");
  });

  test("says so when a reader holds the journal, and works when it is gone", async () => {
    database = openDatabase(path);
    const reader = connect(path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM setting").get();
    database.write(() => database?.sqlite.exec("INSERT INTO setting VALUES ('a', 'b')"));
    database.sqlite.pragma("busy_timeout = 10");
    expect(await database.sweep()).toBe(false);
    reader.exec("COMMIT");
    expect(await database.sweep()).toBe(true);
    reader.close();
  });

  test("waits for who reads or writes in between two pieces, and goes on", async () => {
    database = openDatabase(path);
    nameAndForget(database);
    const { sqlite, write } = database;
    sqlite.pragma("busy_timeout = 0");
    write(() => sqlite.exec("CREATE TABLE large (data); INSERT INTO large VALUES (zeroblob(9000000))"));
    const reader = connect(path, { readonly: true });
    const writer = connect(path);
    const swept = database.sweep();
    expect(marksIn(path)).toBe(0); // the first piece is done
    reader.exec("BEGIN; SELECT count(*) FROM setting");
    write(() => sqlite.exec("INSERT INTO setting VALUES ('a', 'b')"));
    setTimeout(() => {
      writer.exec("BEGIN IMMEDIATE");
      reader.exec("COMMIT");
      setTimeout(() => writer.exec("ROLLBACK"), 30);
    }, 30);
    expect(await swept).toBe(true);
    expect(statSync(`${path}-wal`).size).toBe(0);
    expect(marksIn(path)).toBe(0);
    reader.close();
    writer.close();
  });
});
