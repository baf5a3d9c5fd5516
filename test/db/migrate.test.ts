// Is a database of the old version or of the new one at every moment, and never between?

import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SqlFunctions } from "../../db/connection.ts";
import { openDatabase } from "../../db/database.ts";
import { MIGRATIONS, type Migration } from "../../db/migrate.ts";
import { Unusable } from "../../db/unusable.ts";
import { newDatabasePath } from "../temporary-folder.ts";
import { makeDatabase } from "./damaged-starts.ts";
import { NEXT, STATEMENTS, toNext, versionOf } from "./next-version.ts";

const FOLDER = `${import.meta.dir}/../../db/migrations`;
function open(path: string, migrations: readonly Migration[], functions: SqlFunctions = {}) {
  return openDatabase(path, functions, { alone: true, migrations });
}

describe("the list of migrations", () => {
  test("is that of the folder, in order", async () => {
    const names = readdirSync(FOLDER).sort();
    expect(MIGRATIONS.map(({ name }) => `${name}.sql`)).toEqual(names);
    for (const { name, sql } of MIGRATIONS) expect(sql).toBe(await Bun.file(join(FOLDER, `${name}.sql`)).text());
  });
});

describe("a migration", () => {
  test("runs, and keeps a copy of the version before, which opens by itself", () => {
    const path = newDatabasePath();
    makeDatabase(path, 10);
    const database = open(path, NEXT);
    expect(versionOf(database.sqlite)).toBe("new");
    expect(database.sqlite.pragma("foreign_keys", { simple: true })).toBe(1);
    database.close();
    const kept = `${path}.at-${MIGRATIONS.at(-1)?.name}`;
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    const old = open(kept, MIGRATIONS);
    expect([versionOf(old.sqlite), old.sqlite.prepare("SELECT count(*) FROM customer").pluck().get()]).toEqual(["old", 10]);
    old.close();
  });

  test("of a new database keeps no copy", () => {
    const path = newDatabasePath();
    open(path, NEXT).close();
    expect(readdirSync(dirname(path)).sort()).toEqual(["regulars.db", "regulars.db.lock", "regulars.db.made"]);
  });

  test.each(STATEMENTS.map((_, position) => position))("that fails at statement %d leaves the old version whole", (position) => {
    const path = newDatabasePath();
    makeDatabase(path, 10);
    const failing = toNext(STATEMENTS.with(position, `${STATEMENTS[position]} INSERT INTO nowhere VALUES (1);`));
    expect(() => open(path, failing)).toThrow(Unusable);
    expect(() => open(path, failing)).toThrow(
      /^The database .* cannot be migrated to this version \(900\d_\w+: no such table: nowhere\) and was not changed: .*\.$/,
    );
    const old = open(path, MIGRATIONS);
    expect([versionOf(old.sqlite), old.sqlite.pragma("integrity_check", { simple: true })]).toEqual(["old", "ok"]);
    old.close();
    open(path, NEXT).close();
  });

  test("that leaves rows leading to nothing is taken back", () => {
    const path = newDatabasePath();
    makeDatabase(path, 1);
    const dangling = [...MIGRATIONS, { name: "9001_dangling", sql: "INSERT INTO external_id VALUES ('nobody', 77)" }];
    expect(() => open(path, dangling)).toThrow(/rows refer to rows that do not exist/);
    open(path, MIGRATIONS).close();
  });

  test("killed after any statement, before and after it is stored, leaves old or new", () => {
    const path = newDatabasePath();
    makeDatabase(path, 10);
    const images: string[] = [];
    // The files as a kill at this moment leaves them. Copied by another process: closing a file of ours lets go of SQLite's locks.
    const image = () => {
      const folder = join(dirname(path), `image-${images.length}`);
      mkdirSync(folder);
      for (const ending of ["", "-wal"])
        if (existsSync(path + ending)) Bun.spawnSync(["cp", path + ending, `${folder}/regulars.db${ending}`]);
      images.push(`${folder}/regulars.db`);
      return null;
    };
    const watched = toNext(STATEMENTS.map((sql) => `${sql} SELECT image();`));
    const database = open(path, watched, { image });
    image();
    database.close();
    image();
    const versions = images.map((each) => {
      const sqlite = open(each, watched, { image: () => null }); // goes on to the new version
      const after = versionOf(sqlite.sqlite);
      sqlite.close();
      return [existsSync(`${each}.at-${MIGRATIONS.at(-1)?.name}`) ? "old" : "new", after];
    });
    expect(versions).toEqual([...STATEMENTS.map(() => ["old", "new"]), ["new", "new"], ["new", "new"]]);
  });
});
