// Is ClickHouse filled anew after an older backup was restored, whose next changes have the numbers of lost ones?
import { expect, test } from "bun:test";
import { join } from "node:path";
import { restore } from "../../../src/app/restore.ts";
import { openWorkspace } from "../../../src/app/workspace.ts";
import { readConfig } from "../../../src/host/config.ts";
import { silentLog } from "../../../src/host/log.ts";
import { openEvents } from "../../../src/intake/events.ts";
import { backUpBeside } from "../../../src/ops/backup/make-backup.ts";
import { openShipping } from "../../../src/report/clickhouse/shipping.ts";
import { openFake } from "../../clickhouse/fake.ts";
import { newDatabasePath, temporaryFolder } from "../../temporary-folder.ts";
import { settled } from "./shop.ts";

test("a restored backup begins a new filling, without the customers of the lost history", async () => {
  const fake = openFake();
  const path = newDatabasePath();
  const config = { ...readConfig({ DATABASE_PATH: path }), analyticsUrl: fake.target };
  const sale = (externalId: string) => ({
    type: "sale" as const,
    orderId: externalId,
    externalId,
    value: 10,
    timestamp: "2026-01-05T12:00:00Z",
  });

  /** Records a sale of each, and sends everything. Gives the numbers of the customers that reports would read. */
  async function tell(...names: string[]): Promise<number[]> {
    const workspace = await openWorkspace(config, { alone: true, log: silentLog() });
    openEvents(workspace).many(names.map(sale));
    await workspace.ledger.catchUp();
    const shipping = openShipping(workspace, { target: fake.target, clickhouse: fake.connect(), hasFallback: false });
    shipping.start();
    await settled(shipping);
    const base = await shipping.read(async (_, lowest) => lowest);
    await shipping.close();
    await workspace.close();
    return [...fake.rows(base).keys()];
  }

  expect(await tell("a", "b")).toEqual([1, 2]);
  const backup = join(temporaryFolder(), "backup.db");
  await backUpBeside(path, backup);
  expect(await tell("c", "d")).toEqual([1, 2, 3, 4]);
  for (const name of ["e", "f"]) {
    await restore(config, backup);
    expect(await tell()).toEqual([1, 2]);
    expect(await tell(name)).toEqual([1, 2, 3]);
  }
  fake.stop();
});
