// What does the feed of changes cost a single write? The same sales go to a workspace that tells them and to one whose triggers were dropped, in turn,
// by the CPU time of the thread that stores and derives them, since a disk takes as long for both. Two workspaces without any difference can differ by
// 5 %, by where their pages and statements lie in memory, so several of each kind take turns. Whatever else runs on the machine only adds, so the lower
// quartile counts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { STEPS, type Step } from "../../src/ledger/pipeline.ts";
import { judge, type Line, quantile } from "./measure.ts";
import type { Progress } from "./progress.ts";
import type { Size } from "./size.ts";

const CUSTOMERS = 10_000;
const PAIRS = 4; // of shops
const SALES_A_TURN = 100;
const TURNS = 40;
const BEGINS_AT = Date.UTC(2026, 0, 1);

/** Opens a workspace with customers. Unless `isTold`, nothing is told: its triggers and the step of the pipeline are left out. */
async function openShop(isTold: boolean) {
  const folder = mkdtempSync(join(tmpdir(), "regulars-changes-"));
  const steps = STEPS as Step[];
  const place = steps.findIndex(({ name }) => name === "tell-customers");
  const left = isTold ? [] : steps.splice(place, 1);
  const config = readConfig({ DATABASE_PATH: join(folder, "regulars.db"), ADMIN_KEY: "admin-key-for-benches" });
  const workspace = await openWorkspace(config, { alone: true, log: silentLog() }).finally(() => steps.splice(place, 0, ...left));
  const { sqlite } = workspace.database;
  const triggers = sqlite.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'tell\\_%' ESCAPE '\\'");
  if (!isTold) for (const name of triggers.pluck().all()) sqlite.exec(`DROP TRIGGER ${name}`);
  const events = openEvents(workspace);
  let number = 0;
  const sale = () => {
    number += 1;
    const timestamp = new Date(BEGINS_AT + number * 1000).toISOString();
    return { type: "sale", orderId: `o-${number}`, externalId: `c-${(number * 7919) % CUSTOMERS}`, value: 10 + (number % 90), timestamp };
  };
  while (number < CUSTOMERS) {
    events.many(Array.from({ length: 500 }, sale));
    await workspace.ledger.catchUp();
  }
  return {
    /** CPU milliseconds of one sale, with all that is derived. */
    async sell() {
      const before = process.threadCpuUsage();
      for (let sold = 0; sold < SALES_A_TURN; sold += 1) await events.one(sale());
      await workspace.ledger.catchUp();
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000 / SALES_A_TURN;
    },
    async close() {
      await workspace.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function measureChanges(_: Size, progress: Progress): Promise<Line[]> {
  progress("single sales, told and untold");
  const shops: { shop: Awaited<ReturnType<typeof openShop>>; costs: number[] }[] = [];
  const costs: Record<"told" | "untold", number[]> = { told: [], untold: [] };
  for (let pair = 0; pair < PAIRS; pair += 1)
    for (const kind of ["told", "untold"] as const) shops.push({ shop: await openShop(kind === "told"), costs: costs[kind] });
  for (const { shop } of shops) await shop.sell(); // does not count
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const each of shops) each.costs.push(await each.shop.sell());
    shops.reverse();
  }
  for (const { shop } of shops) await shop.close();
  const figures = { ours: quantile(costs.told, 0.25), peer: quantile(costs.untold, 0.25) };
  const about = { part: "changes", what: "a single sale, CPU", unit: "ms", against: "without the feed" } as const;
  return [judge(about, figures, { of: "share", most: 1.05 })];
}
