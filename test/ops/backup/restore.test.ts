// Does a backup come back row for row, with the former database kept, and nobody who was erased since?

import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { connect } from "../../../db/connection.ts";
import { openDatabase } from "../../../db/database.ts";
import { restore } from "../../../src/app/restore.ts";
import { openWorkspace } from "../../../src/app/workspace.ts";
import { readConfig } from "../../../src/host/config.ts";
import { silentLog } from "../../../src/host/log.ts";
import { backUpBeside } from "../../../src/ops/backup/make-backup.ts";
import { DAMAGED_STARTS, makeDatabase } from "../../db/damaged-starts.ts";
import { newDatabasePath } from "../../temporary-folder.ts";
import { dump, openShop, record, reports } from "./shop.ts";

const configOf = (path: string) => readConfig({ DATABASE_PATH: path });
const beside = (path: string) => readdirSync(dirname(path)).sort();

describe("restore", () => {
  test("brings back every row and report, and keeps the former database", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 200);
    const file = join(dirname(path), "copy.db");
    await backUpBeside(path, file);
    const [rows, figures] = [dump(shop), await reports(shop)];
    await record(shop, 201, 250);
    const later = dump(shop);
    await shop.close();

    const { keptAt, erased } = await restore(configOf(path), file);
    expect([erased, keptAt]).toEqual([0, expect.stringContaining(".before-restore-20")]);
    const restored = await openShop(path);
    expect([dump(restored), await reports(restored)]).toEqual([rows, figures]);
    await restored.close();
    const former = await openShop(keptAt ?? "");
    expect(dump(former)).toEqual(later);
    former.close();
  });

  test("brings a backup to a place without a database", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 20);
    const file = join(dirname(path), "copy.db");
    await backUpBeside(path, file);
    const rows = dump(shop);
    await shop.close();
    const elsewhere = newDatabasePath();
    expect(await restore(configOf(elsewhere), file)).toMatchObject({ keptAt: undefined, rows: { entry: 20 } });
    const restored = await openShop(elsewhere);
    expect(dump(restored)).toEqual(rows);
    await restored.close();
    expect(existsSync(`${elsewhere}.made`)).toBe(true);
  });

  test.each(
    DAMAGED_STARTS.filter(({ name }) =>
      /garbage|half|text|device|missing|newer|edited|foreign|somebody added|list|no bytes where|no file/.test(name),
    ),
  )("refuses $name as a backup, and changes nothing", async ({ spoil }) => {
    const path = newDatabasePath();
    makeDatabase(path, 3);
    const backup = newDatabasePath();
    makeDatabase(backup);
    spoil(backup);
    const before = [readFileSync(path, "hex"), beside(path)];
    const refused = await restore(configOf(path), backup).catch((error: unknown) => error);
    expect(String(refused)).toMatch(/^Unusable: Nothing was changed\. [^\n]+: [^\n]+\.$/);
    expect([readFileSync(path, "hex"), beside(path).filter((name) => !name.endsWith(".lock"))]).toEqual(before);
  });

  test.each(DAMAGED_STARTS.filter(({ name }) => /garbage|half|no bytes where|no file|foreign database$|newer/.test(name)))(
    "goes over $name, and keeps it",
    async ({ name, spoil }) => {
      const path = newDatabasePath();
      makeDatabase(path, 30);
      const file = join(dirname(path), "copy.db");
      await backUpBeside(path, file);
      spoil(path);
      const isThere = existsSync(path) && readFileSync(path).length > 0;
      const { keptAt } = await restore(configOf(path), file);
      expect([name, keptAt !== undefined]).toEqual([name, isThere]);
      const database = openDatabase(path, {}, { alone: true });
      expect(database.sqlite.prepare("SELECT count(*) FROM customer").pluck().get()).toBe(30);
      database.close();
    },
  );

  test("refuses while a server runs, and while another command works", async () => {
    const path = newDatabasePath();
    makeDatabase(path, 3);
    const file = join(dirname(path), "copy.db");
    await backUpBeside(path, file);
    const server = openDatabase(path, {}, { alone: true });
    await expect(restore(configOf(path), file)).rejects.toThrow(/in use by another server \(process /);
    server.close();
    const command = openDatabase(path);
    await expect(restore(configOf(path), file)).rejects.toThrow(/in use by another command/);
    command.close();
    expect(beside(path)).toEqual(["copy.db", "regulars.db", "regulars.db.lock", "regulars.db.made"]);
    await restore(configOf(path), file);
  });

  test("refuses what is no backup: nothing, a directory, a database at work", async () => {
    const path = newDatabasePath();
    makeDatabase(path, 3);
    const other = newDatabasePath();
    const atWork = openDatabase(other);
    for (const file of [`${path}.nowhere`, dirname(path), other])
      await expect(restore(configOf(path), file)).rejects.toThrow(/^Nothing was changed\. /);
    atWork.close();
  });
});

describe("the erased", () => {
  /** A shop whose backup has user_3 and user_5, who were erased afterwards. */
  async function afterErasure() {
    const path = newDatabasePath();
    const shop = await openShop(path, 10);
    const file = join(dirname(path), "copy.db");
    await backUpBeside(path, file);
    for (const id of ["ext_user_3", "ext_user_5"]) expect((await shop.request("DELETE", `/customers/${id}`)).status).toBe(200);
    return { path, shop, file };
  }

  test("stay erased when a backup from before is restored, without a byte, and no figure changes", async () => {
    const { path, shop, file } = await afterErasure();
    const figures = await reports(shop);
    const rows = dump(shop);
    await shop.close();
    expect(readFileSync(file).includes("user_3@example.com")).toBe(true);
    expect(await restore(configOf(path), file)).toMatchObject({ erased: 2 });
    expect(readFileSync(path).includes("user_3@example.com")).toBe(false);
    const restored = await openShop(path);
    expect((await restored.request("GET", "/customers/ext_user_3")).status).toBe(404);
    expect(await reports(restored)).toBe(figures);
    expect(dump(restored).map(withoutTimes)).toEqual(rows.map(withoutTimes));
    await restored.close();
  });

  test("are not erased, with 503, while the list cannot be written", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 2);
    symlinkSync("/dev/full", `${path}.erased`);
    expect((await shop.request("DELETE", "/customers/ext_user_1")).status).toBe(503);
    expect((await shop.request("GET", "/customers/ext_user_1")).status).toBe(200);
    unlinkSync(`${path}.erased`);
    expect((await shop.request("DELETE", "/customers/ext_user_1")).status).toBe(200);
    await shop.close();
  });

  test("are not erased, with an error that says why, while the list leads nowhere", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 1);
    symlinkSync(`${path}.nowhere`, `${path}.erased`);
    const reply = await shop.request("DELETE", "/customers/ext_user_1");
    expect([reply.status, reply.body.error?.message]).toEqual([
      503,
      expect.stringMatching(/^The list of erased customers .* cannot be written/),
    ]);
    expect((await shop.request("GET", "/customers/ext_user_1")).status).toBe(200);
    expect(existsSync(`${path}.nowhere`)).toBe(false);
    unlinkSync(`${path}.erased`);
    expect((await shop.request("DELETE", "/customers/ext_user_1")).status).toBe(200);
    await shop.close();
  });

  test("are named in the list by history, row and time alone", async () => {
    const { path, shop } = await afterErasure();
    await shop.close();
    expect(readFileSync(`${path}.erased`, "utf8")).toMatch(/^([0-9a-f-]{36} \d+ \d+\n){2}$/);
  });

  test("stay erased when the file of a backup is put in place by hand", async () => {
    const { path, shop, file } = await afterErasure();
    await shop.close();
    copyFileSync(file, path);
    const context = await openWorkspace(configOf(path), { log: silentLog() });
    expect(context.database.sqlite.prepare("SELECT count(*) FROM customer WHERE deleted_at IS NOT NULL").pluck().get()).toBe(2);
    await context.close();
  });

  test("do not take with them those who got their row numbers after a restore", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 10);
    const [early, late] = ["early.db", "late.db"].map((name) => join(dirname(path), name)) as [string, string];
    await backUpBeside(path, early);
    await record(shop, 11, 11);
    await shop.request("DELETE", "/customers/ext_user_11");
    await shop.close();
    await restore(configOf(path), early);

    const second = await openShop(path);
    await record(second, 12, 12); // takes the row of user_11, who is in no history of this database
    await second.request("DELETE", "/customers/ext_user_1");
    await backUpBeside(path, late);
    await second.close();
    expect(await restore(configOf(path), late)).toMatchObject({ erased: 0 });
    const third = await openShop(path);
    expect((await third.request("GET", "/customers/ext_user_12")).status).toBe(200);
    await third.close();
    // In the first history, user_1 is the same person.
    expect(await restore(configOf(path), early)).toMatchObject({ erased: 1 });
  });

  test("stay erased when a crash cut the list's last line off", async () => {
    const { path, shop, file } = await afterErasure();
    const list = `${path}.erased`;
    truncateSync(list, readFileSync(list).length - 30); // the erasure of user_5 was not acknowledged then
    await shop.request("DELETE", "/customers/ext_user_7");
    await shop.close();
    expect(await restore(configOf(path), file)).toMatchObject({ erased: 2 });
    const sqlite = connect(path);
    const erased = sqlite.prepare("SELECT id FROM customer WHERE deleted_at IS NOT NULL").pluck().all();
    sqlite.close();
    expect(erased).toEqual([3, 7]);
    expect(basename(path)).toBe("regulars.db");
  });
});

function withoutTimes(row: string): string {
  return row.replaceAll(/"(updated_at|deleted_at)":\d+/g, "");
}
