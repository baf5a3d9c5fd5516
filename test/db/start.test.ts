// Does a start say what is wrong with its database, in one line, and never make an empty one in its place?

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { connect, setUp } from "../../db/connection.ts";
import { openDatabase } from "../../db/database.ts";
import { Unusable } from "../../db/unusable.ts";
import { FROM_SOURCE, run } from "../program.ts";
import { newDatabasePath, temporaryFolder } from "../temporary-folder.ts";
import { DAMAGED_STARTS, makeDatabase } from "./damaged-starts.ts";

/** A file's bytes, or what there is instead. */
function look(path: string): string {
  if (!existsSync(path)) return "nothing";
  const stats = statSync(path);
  return stats.isFile() ? readFileSync(path).toString("base64") : `directory: ${stats.isDirectory()}`;
}

describe("a damaged start", () => {
  test("is known in more than 20 ways", () => expect(DAMAGED_STARTS.length).toBeGreaterThanOrEqual(20));

  test.each(DAMAGED_STARTS.map((each) => [each.name, each] as const))(
    "of %s is refused in one line, and nothing is changed",
    (_, { spoil, says, onlyServers }) => {
      const path = newDatabasePath();
      makeDatabase(path);
      spoil(path);
      const before = look(path);
      for (const alone of [true, false]) {
        if (!alone && onlyServers) continue;
        let thrown: unknown;
        try {
          openDatabase(path, {}, { alone }).close();
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(Unusable);
        const { message } = thrown as Unusable;
        expect(message).toMatch(says);
        expect(message).toMatch(/^[^\n]+: [^\n]+\.$/);
      }
      expect(look(path)).toBe(before);
    },
  );

  test.each(["a garbage header", "no bytes where data was", "a foreign database"])("of %s ends the program with 1", async (name) => {
    const folder = temporaryFolder();
    const path = `${folder}/data/regulars.db`;
    makeDatabase(path, 1);
    const damaged = DAMAGED_STARTS.find((each) => each.name === name);
    damaged?.spoil(path);
    for (const command of [["serve"], ["keys", "list"]]) {
      const { code, out, err } = await run([...FROM_SOURCE, ...command], folder);
      expect([code, out, err.trim().split("\n").length]).toEqual([1, "", 1]);
      expect(err).toMatch(damaged?.says ?? /never/);
    }
  });
});

describe("a start", () => {
  test("makes the folder and the file for this user alone", () => {
    const path = newDatabasePath();
    openDatabase(path).close();
    expect([statSync(dirname(path)).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(existsSync(`${path}.made`)).toBe(true);
  });

  test("takes an empty file for a new database where no data was", () => {
    const path = `${newDatabasePath()}-empty`;
    openDatabase(path).close();
    const fresh = `${path}2`;
    writeFileSync(fresh, "");
    const database = openDatabase(fresh);
    expect(database.sqlite.prepare("SELECT count(*) FROM customer").pluck().get()).toBe(0);
    database.close();
  });

  test("after a kill finds what was in the journal", () => {
    const path = newDatabasePath();
    makeDatabase(path, 3);
    const database = openDatabase(path);
    database.sqlite.exec("UPDATE customer SET name = 'in the journal'");
    const image = `${dirname(path)}/image.db`;
    for (const ending of ["", "-wal"]) Bun.spawnSync(["cp", path + ending, image + ending]);
    database.close();
    const again = openDatabase(image, {}, { alone: true });
    expect(again.sqlite.prepare("SELECT count(*) FROM customer WHERE name = 'in the journal'").pluck().get()).toBe(3);
    again.close();
  });

  test("refuses a connection whose settings do not take", () => {
    const temporary = connect(""); // which can have no WAL
    expect(() => setUp(temporary, {})).toThrow(/journal_mode is delete/);
    temporary.close();
  });

  test("sets what durability and erasure need", () => {
    const path = newDatabasePath();
    const { sqlite, close } = openDatabase(path);
    const read = (name: string) => sqlite.pragma(name, { simple: true });
    expect(["journal_mode", "synchronous", "secure_delete", "foreign_keys", "trusted_schema", "temp_store"].map(read)).toEqual([
      "wal",
      2,
      1,
      1,
      0,
      2,
    ]);
    close();
  });
});
