// Are backups made when they are due, are the oldest let go, and is a failed one told?

import { describe, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkCopy } from "../../../db/backup.ts";
import type { Fields } from "../../../src/host/log.ts";
import { backUpBeside } from "../../../src/ops/backup/make-backup.ts";
import { openBackups } from "../../../src/ops/backup/schedule.ts";
import { openWorld, type World } from "../../harness.ts";
import { newDatabasePath } from "../../temporary-folder.ts";
import { waitUntil } from "../../wait-until.ts";
import { openShop } from "./shop.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-02-01T10:00:00Z");

/** The backups of a world, every 24 hours, by a clock that a test sets; made here, not by another process. */
function scheduled(world: World, folder: string) {
  const clock = { at: START };
  const lines: Fields[] = [];
  const keep = (fields: Fields) => void lines.push(fields);
  const log = { debug: keep, info: keep, warn: keep, error: keep, flush: () => Promise.resolve() };
  const config = { ...world.workspace.config, backupEvery: 24 * HOUR, backupKeep: 2, backupDir: folder };
  const open = () => openBackups({ config, database: world.workspace.database, log, clock: () => clock.at, backUp: backUpBeside });
  return { clock, lines, open };
}

describe("scheduled backups", () => {
  test("are made when due, also after a restart, and the newest are kept", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 20);
    const folder = join(dirname(path), "backups");
    const { clock, lines, open } = scheduled(shop, folder);
    const files = () => readdirSync(folder).sort();
    for (const hours of [0, 24, 47, 48]) {
      clock.at = START + hours * HOUR;
      const backups = open(); // a restart each time
      const before = lines.length;
      backups.start();
      if (hours !== 47) await waitUntil("a backup is logged", () => lines.length > before, { seen: () => lines });
      await backups.stop();
    }
    expect(files()).toEqual(["regulars-20260202T100000Z.db", "regulars-20260203T100000Z.db"]);
    expect(lines.map(({ message }) => message)).toEqual(["backup made", "backup made", "backup made"]);
    expect(checkCopy(join(folder, files()[0] ?? "")).rows.entry).toBe(20);
    await shop.close();
  });

  test("that fail are in the status and the log, without anything personal, and are made again later", async () => {
    const path = newDatabasePath();
    const shop = await openShop(path, 1);
    const folder = join(dirname(path), "taken");
    writeFileSync(folder, "a file where the folder should be");
    const { lines, open } = scheduled(shop, folder);
    const backups = open();
    expect(backups.status()).toEqual({ status: "waiting", newestAt: undefined });
    await backups.run();
    expect(backups.status()).toEqual({ status: "failed", newestAt: undefined });
    expect(lines).toMatchObject([{ message: "backup failed", error: expect.stringContaining("EEXIST") }]);
    Bun.spawnSync(["rm", folder]);
    await backups.run();
    expect(backups.status()).toEqual({ status: "ok", newestAt: START });
    await backups.stop();
    await shop.close();
  });

  test("show in /readyz, which stays 200: the server is ready all the same", async () => {
    const path = newDatabasePath();
    const folder = `${dirname(path)}.taken`;
    writeFileSync(folder, "");
    const world = openWorld({ config: { databasePath: path, backupEvery: HOUR, backupDir: folder } });
    const readyz = async () => (await world.request<object>("GET", "/readyz")).body.data;
    expect(await readyz()).toEqual({ status: "ok", backup: { status: "waiting", newestAt: null } });
    await world.workspace.backups.run();
    expect(await readyz()).toEqual({ status: "ok", backup: { status: "failed", newestAt: null } });
    await world.workspace.backups.stop();
    await world.close();
  });

  test("are made by another process of this program", async () => {
    const path = newDatabasePath();
    const world = openWorld({ config: { databasePath: path, backupEvery: HOUR } });
    await world.workspace.backups.run();
    expect(world.workspace.backups.status()).toMatchObject({ status: "ok" });
    expect(readdirSync(join(dirname(path), "backups"))).toHaveLength(1);
    await world.close();
  });

  test("are not shown where there are none", async () => {
    const world = openWorld();
    expect((await world.request("GET", "/readyz")).body.data).toEqual({ status: "ok" });
    await world.close();
  });
});
