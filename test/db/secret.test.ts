// Is a secret made once, kept beside the database for its owner alone, and missed when it is gone?
import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { openDatabase } from "../../db/database.ts";
import { secretOf } from "../../db/secret.ts";
import { Unusable } from "../../db/unusable.ts";
import { newDatabasePath } from "../temporary-folder.ts";

/** A hash of a text, and what the secret's state was before. */
function hashOf(path: string, text = "ann@example.com"): { state: string; hash: string } {
  const database = openDatabase(path);
  const state = database.secret.state();
  const hash = database.secret.hash(text);
  database.close();
  return { state, hash };
}

describe("the secret", () => {
  test("is made by the first hash, and is the same at every later start", () => {
    const path = newDatabasePath();
    openDatabase(path).close();
    expect(existsSync(secretOf(path))).toBe(false);
    const first = hashOf(path);
    expect(first.state).toBe("unused");
    expect(hashOf(path)).toEqual({ state: "kept", hash: first.hash });
    expect(hashOf(path, "bob@example.com").hash).not.toBe(first.hash);
    expect(statSync(secretOf(path)).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path)).filter((name) => /\.secret\./.test(name))).toEqual([]);
  });

  test("is another one for another database, and in no copy of it", () => {
    const [path, copy] = [newDatabasePath(), newDatabasePath()];
    const { hash } = hashOf(path);
    const database = openDatabase(path);
    database.sqlite.prepare("VACUUM INTO ?").run(`${path}.copy`);
    database.close();
    mkdirSync(dirname(copy));
    copyFileSync(`${path}.copy`, copy);
    const copied = hashOf(copy);
    expect(copied.state).toBe("lost");
    expect(copied.hash).not.toBe(hash);
  });

  test("that is lost is missed once, and a new one is kept from then on", () => {
    const path = newDatabasePath();
    const { hash } = hashOf(path);
    rmSync(secretOf(path));
    const next = hashOf(path);
    expect([next.state, next.hash === hash]).toEqual(["lost", false]);
    expect(hashOf(path)).toEqual({ state: "kept", hash: next.hash });
  });

  test("that is no secret is refused with what to do", () => {
    const path = newDatabasePath();
    hashOf(path);
    writeFileSync(secretOf(path), "something else");
    const database = openDatabase(path);
    expect(() => database.secret.hash("x")).toThrow(Unusable);
    expect(() => database.secret.hash("x")).toThrow(/does not hold the secret of this database: put back the file/);
    database.close();
  });
});
