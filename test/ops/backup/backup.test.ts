// Is a backup complete, checked, for its owner alone, and never written over anything?

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectReader } from "../../../db/connection.ts";
import { type BackUp, backUpElsewhere, backUpGivingWay } from "../../../src/ops/backup/back-up-elsewhere.ts";
import { backUpBeside } from "../../../src/ops/backup/make-backup.ts";
import { FROM_SOURCE, run } from "../../program.ts";
import { newDatabasePath, temporaryFolder } from "../../temporary-folder.ts";
import { dump, openShop, record } from "./shop.ts";

describe("a backup beside a server", () => {
  test("has every row, is one file for its owner alone, and leaves nothing else behind", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 300);
    const file = join(dirname(path), "copy.db");
    const { rows } = await backUpBeside(path, file);
    expect(rows).toMatchObject({ entry: 300, customer: 300 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
    const copy = await openShop(file);
    expect(dump(copy)).toEqual(dump(shop));
    copy.close();
    await shop.close();
  });

  test("overwrites nothing", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 1);
    const file = join(dirname(path), "precious.txt");
    await Bun.write(file, "precious");
    await expect(backUpBeside(path, file)).rejects.toThrow(/^The file .*precious.txt already exists: /);
    await expect(backUpBeside(path, path)).rejects.toThrow(/already/);
    await expect(backUpBeside(path, join(dirname(path), "nowhere", "copy.db"))).rejects.toThrow(
      /^The folder .*nowhere does not exist: create it, or name a file in another folder\.$/,
    );
    expect(readFileSync(file, "utf8")).toBe("precious");
    await shop.close();
  });

  test("makes no database where there is none", async () => {
    const path = newDatabasePath();
    await expect(backUpBeside(path, `${path}.copy`)).rejects.toThrow(/^There is no database /);
    expect(existsSync(path)).toBe(false);
  });

  test("is made, checked and refused from the command line", async () => {
    const folder = temporaryFolder();
    await run([...FROM_SOURCE, "keys", "create", "--scope", "links:read"], folder);
    const made = await run([...FROM_SOURCE, "backup", "copy.db"], folder);
    expect(made).toMatchObject({ code: 0, out: "", err: expect.stringMatching(/^Backed up 0 customers and 0 entries to copy.db in /) });
    const { code, out } = await run([...FROM_SOURCE, "backup", "--check", "copy.db"], folder);
    expect([code, JSON.parse(out).rows.api_key]).toEqual([0, 1]);
    const again = await run([...FROM_SOURCE, "backup", "copy.db"], folder);
    expect([again.code, again.err]).toEqual([1, "The file copy.db already exists: name a new file; a backup never overwrites one.\n"]);
    truncateSync(`${folder}/copy.db`, 8192);
    const damaged = await run([...FROM_SOURCE, "backup", "--check", "copy.db"], folder);
    expect([damaged.code, damaged.out, damaged.err.split("\n").length]).toEqual([1, "", 2]);
  });
});

describe("a backup of a server", () => {
  test("under writes lacks nothing that was acknowledged before it began", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 3000);
    const file = join(dirname(path), "copy.db");
    let written = 3000;
    let isDone = false;
    const writer = (async () => {
      while (!isDone) {
        await record(shop, written + 1, written + 20);
        written += 20;
        await new Promise(setImmediate); // lets the backup go on
      }
    })();
    const contents = await backUpBeside(path, file);
    isDone = true;
    await writer;
    expect(written).toBeGreaterThan(3000); // while it copied
    expect(contents.rows.entry).toBeGreaterThanOrEqual(3000);
    expect(contents.rows.entry).toBeLessThanOrEqual(written);
    const copied = await openShop(file);
    const kept = new Set(dump(shop).filter((row) => row.startsWith("entry")));
    expect(dump(copied).filter((row) => row.startsWith("entry") && !kept.has(row))).toEqual([]);
    copied.close();
    await shop.close();
  });

  test("leaves nothing behind when it fails, or when the server stops", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 500);
    const file = join(dirname(path), "copy.db");
    const make = (signal: AbortSignal) => backUpGivingWay(shop.workspace.database, [path, file], backUpElsewhere, signal);
    const copies = () => readdirSync(dirname(path)).filter((name) => name.startsWith("copy"));
    await expect(make(AbortSignal.abort())).rejects.toThrow();
    expect(copies()).toEqual([]);
    await Bun.write(`${file}.part`, "somebody's");
    await expect(make(new AbortController().signal)).rejects.toThrow(/already exists/);
    expect(copies()).toEqual(["copy.db.part"]);
    expect((await shop.request("GET", "/readyz")).status).toBe(200);
    await shop.close();
  });

  test("gives way to an erasure that waits for it, and is made anew afterwards", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 50);
    const file = join(dirname(path), "copy.db");
    let begun = 0;
    const erased = Promise.withResolvers<void>();
    const backUp: BackUp = async (from, to, signal) => {
      begun += 1;
      if (begun > 1) return await backUpBeside(from, to);
      const reader = connectReader(from);
      reader.exec("BEGIN");
      reader.prepare("SELECT count(*) FROM entry").get();
      void shop.request("DELETE", "/customers/ext_user_3").then(({ status }) => erased.resolve(void expect(status).toBe(200)));
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      reader.close();
      throw new Error("ended");
    };
    const { rows } = await backUpGivingWay(shop.workspace.database, [path, file], backUp, new AbortController().signal);
    await erased.promise;
    expect([begun, rows.entry, readFileSync(file).includes("user_3@example.com")]).toEqual([2, 50, false]);
    await shop.close();
  });
});
