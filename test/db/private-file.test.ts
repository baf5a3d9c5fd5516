// Is every file that the program makes for this user alone, and does none of them go through a link that somebody else put there?
import { expect, test } from "bun:test";
import { chmodSync, existsSync, lstatSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { connect } from "../../db/connection.ts";
import { openDatabase } from "../../db/database.ts";
import { openAppended, openNewFile } from "../../db/private-file.ts";
import { openSecret, secretOf } from "../../db/secret.ts";
import { FROM_SOURCE, run } from "../program.ts";
import { newDatabasePath, temporaryFolder } from "../temporary-folder.ts";

const SALE = '{"type":"sale","orderId":"o","externalId":"ann","value":10}\n';
const program = (directory: string, args: readonly string[], DATABASE_PATH = "regulars.db", input = "") =>
  run([...FROM_SOURCE, ...args], directory, { DATABASE_PATH }, input);

test("all files of a workspace, its backups and its rejects are this user's alone, whatever the backup's permissions were", async () => {
  const directory = temporaryFolder();
  await program(directory, ["import", "-"], undefined, `${SALE}{"type":"lead","externalId":"ann"}\nnot json\n`);
  await program(directory, ["backup", "copy.db"]);
  chmodSync(join(directory, "copy.db"), 0o644);
  for (let times = 0; times < 2; times++) expect((await program(directory, ["restore", "copy.db"])).code).toBe(0);
  chmodSync(join(directory, "copy.db"), 0o600);
  const names = readdirSync(directory);
  for (const ending of ["", ".made", ".lock", ".secret"]) expect(names).toContain(`regulars.db${ending}`);
  expect(names.filter((name) => name.includes("before-restore"))).toHaveLength(2);
  expect(names).toContain("stdin.rejected.ndjson");
  expect(names.filter((name) => (statSync(join(directory, name)).mode & 0o077) !== 0)).toEqual([]);
}, 60_000);

test("import replaces a link at the name of its file of rejects, and makes the file anew", async () => {
  const directory = temporaryFolder();
  const elsewhere = join(temporaryFolder(), "elsewhere");
  const rejects = join(directory, "stdin.rejected.ndjson");
  symlinkSync(elsewhere, rejects);
  expect((await program(directory, ["import", "-"], undefined, "{not json\n")).code).toBe(1);
  expect([existsSync(elsewhere), lstatSync(rejects).isFile(), lstatSync(rejects).mode & 0o777]).toEqual([false, true, 0o600]);
});

test.each(["", ".made", ".lock"])("no database is made through a dangling link at its name%s", async (ending) => {
  const path = newDatabasePath();
  await mkdir(dirname(path));
  const elsewhere = join(temporaryFolder(), "elsewhere");
  symlinkSync(elsewhere, path + ending);
  expect(() => openDatabase(path, {}, { alone: true })).toThrow("is a symbolic link");
  expect(existsSync(elsewhere)).toBe(false);
});

test("a new file is made nowhere but under its own name", () => {
  const directory = temporaryFolder();
  symlinkSync(join(directory, "elsewhere"), join(directory, "link"));
  writeFileSync(join(directory, "there"), "somebody's");
  for (const name of ["link", "there"]) expect(() => openNewFile(join(directory, name))).toThrow("EEXIST");
  expect(() => openAppended(join(directory, "link"))).toThrow("EEXIST");
  expect(existsSync(join(directory, "elsewhere"))).toBe(false);
});

test("the secret is not written through a link at a name that somebody can guess", () => {
  const path = join(temporaryFolder(), "regulars.db");
  const elsewhere = join(temporaryFolder(), "elsewhere");
  symlinkSync(elsewhere, `${secretOf(path)}.${process.pid}`);
  const sqlite = connect(":memory:");
  sqlite.exec("CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT)");
  openSecret(sqlite, path).hash("text");
  sqlite.close();
  expect([existsSync(elsewhere), statSync(secretOf(path)).mode & 0o777]).toEqual([false, 0o600]);
});

test("a database is used through a link to one", async () => {
  const directory = temporaryFolder();
  await program(directory, ["import", "-"], "real.db", SALE);
  symlinkSync(join(directory, "real.db"), join(directory, "linked.db"));
  expect((await program(directory, ["export", "entries"], "linked.db")).out).toContain('"orderId":"o"');
});

test.each(["copy.db", "copy.db.part", "copy.db.part-journal"])("a backup leaves a %s that is there as it was", async (name) => {
  const directory = temporaryFolder();
  await program(directory, ["import", "-"], undefined, SALE);
  writeFileSync(join(directory, name), "somebody's");
  const { code, err } = await program(directory, ["backup", "copy.db"]);
  expect([code, err]).toEqual([1, expect.stringContaining(`The file ${name} already exists`)]);
  expect(await Bun.file(join(directory, name)).text()).toBe("somebody's");
  expect(readdirSync(directory).filter((each) => each.startsWith("copy"))).toEqual([name]);
});
