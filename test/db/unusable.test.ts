// Does the remedy fit the cause? Each way in which a backup or a folder cannot be used, with what the message must advise.
import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { checkCopy } from "../../db/backup.ts";
import { connect } from "../../db/connection.ts";
import { toUnusable, toUnwritable, Unusable } from "../../db/unusable.ts";
import { restore } from "../../src/app/restore.ts";
import { readConfig } from "../../src/host/config.ts";
import { newDatabasePath } from "../temporary-folder.ts";
import { makeDatabase } from "./damaged-starts.ts";

const FOREIGN = "name a file that `regulars backup` wrote";
const DAMAGED = "use another backup";

/** What is done to a good backup, and the remedy. */
const BACKUPS: readonly [cause: string, spoil: (path: string) => void, remedy: string][] = [
  ["a missing file", (path) => rmSync(path), "check the path"],
  ["a text file", (path) => writeFileSync(path, "id,name\n".repeat(100)), FOREIGN],
  ["an empty file", (path) => writeFileSync(path, ""), FOREIGN],
  [
    "a directory",
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    FOREIGN,
  ],
  [
    "a device",
    (path) => {
      rmSync(path);
      symlinkSync("/dev/null", path);
    },
    FOREIGN,
  ],
  [
    "another program's database",
    (path) => {
      rmSync(path);
      const sqlite = connect(path);
      sqlite.exec("CREATE TABLE song (title TEXT)");
      sqlite.close();
    },
    FOREIGN,
  ],
  ["half a backup", (path) => truncateSync(path, 8192), DAMAGED],
  ["a live database", (path) => writeFileSync(`${path}-wal`, "frames"), "make a backup of it with `regulars backup FILE`, and use that"],
];

describe("a backup that cannot be used", () => {
  test.each(BACKUPS)("because it is %s comes with the remedy, in a check and in a restore", async (_, spoil, remedy) => {
    const file = newDatabasePath();
    makeDatabase(file);
    spoil(file);
    expect(() => checkCopy(file)).toThrow(Unusable);
    expect(() => checkCopy(file)).toThrow(`: ${remedy}.`);
    expect(() => checkCopy(file)).not.toThrow("DATABASE_PATH");
    const refused = await restore(readConfig({ DATABASE_PATH: `${dirname(newDatabasePath())}/new/regulars.db` }), file).catch(
      (error: unknown) => error,
    );
    expect(String(refused)).toStartWith("Unusable: Nothing was changed. ");
    expect(String(refused)).toEndWith(`: ${remedy}.`);
  });

  test("of a newer version says which version to run", async () => {
    const file = newDatabasePath();
    makeDatabase(file);
    const sqlite = connect(file);
    sqlite.exec("INSERT INTO migration VALUES ('0999_future', 'x')");
    sqlite.close();
    await expect(restore(readConfig({ DATABASE_PATH: newDatabasePath() }), file)).rejects.toThrow(
      /0999_future\): run that version or a newer one\.$/,
    );
  });
});

describe("a folder that takes no file", () => {
  const elsewhere = "name a file in another folder";
  test.each([
    ["ENOENT", "The folder /backups does not exist: create it, or name a file in another folder."],
    ["ENOTDIR", "The folder /backups does not exist: a part of its path is a file: name a file in another folder."],
    ["EEXIST", "The folder /backups does not exist: there is a file of that name: name a file in another folder."],
    ["EACCES", "The folder /backups cannot be written by this user: change its owner or permissions, or name a file in another folder."],
    ["EPERM", "The folder /backups cannot be written by this user: change its owner or permissions, or name a file in another folder."],
    ["EROFS", "The folder /backups is on a read-only file system: mount it for writing, or name a file in another folder."],
    ["ENOSPC", "The folder /backups is on a full disk: free some space, or name a file in another folder."],
    ["EMFILE", "The folder /backups cannot be written (EMFILE): name a file in another folder."],
  ])("because of %s comes with the remedy", (code, message) => {
    expect(toUnwritable("/backups", Object.assign(new Error(code), { code }), elsewhere).message).toBe(message);
  });
});

test.each([
  ["SQLITE_CANTOPEN", "database", "check the permissions"],
  ["SQLITE_CANTOPEN_ISDIR", "backup", "check the permissions"],
  ["SQLITE_NOTADB", "database", "set DATABASE_PATH to another file"],
  ["SQLITE_NOTADB", "backup", FOREIGN],
  ["SQLITE_CORRUPT_INDEX", "database", "restore a backup"],
  ["SQLITE_CORRUPT", "backup", DAMAGED],
  ["SQLITE_READONLY", "database", "check the permissions"],
  ["SQLITE_FULL", "database", "free some space"],
  ["SQLITE_IOERR_READ", "backup", "check the disk"],
] as const)("SQLite's %s on a %s advises: %s", (code, role, remedy) => {
  const told = toUnusable(Object.assign(new Error(code), { code }), "/data/shop.db", role);
  expect(String(told)).toContain(`${role} /data/shop.db`);
  expect(String(told)).toContain(`: ${remedy}`);
});
