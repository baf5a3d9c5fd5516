// Does a request wait for a long task: an export, an import, a backup, a rebuild?
import { rmSync } from "node:fs";
import { feed } from "./feed.ts";
import { ensureDatabase } from "./load.ts";
import { judge, type Line, quantile } from "./measure.ts";
import { openProbe } from "./probe.ts";
import { copyDatabase, removeDatabase, runOurs, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { benchPath, type Size } from "./size.ts";
import { toWire } from "./world.ts";
import { salesScript, wrk } from "./wrk.ts";

const IDLE_MS = 5000;
/** A task that is done sooner is done again, so that there is something to see. */
const LEAST_MS = 3000;
/** One that takes longer is cut off: what was seen till then is enough. */
const MOST_MS = 40_000;

export async function measureBusy(size: Size, progress: Progress): Promise<Line[]> {
  const copy = copyDatabase(await ensureDatabase(size, progress), "ours.db");
  const file = benchPath("busy.ndjson");
  const backup = benchPath("busy-backup.db");
  const entries = Math.min(200_000, size.entries / 5);
  await Bun.write(
    file,
    [...feed(size, 0, entries)].map((fact) => `${JSON.stringify(toWire(fact, size.customers))}\n`),
  );
  const tasks: Readonly<Record<string, readonly string[]>> = {
    "an export of entries": ["export", "entries", "--format", "ndjson"],
    "an export of customers": ["export", "customers", "--format", "csv"],
    "an import": ["import", file],
    "a backup": ["backup", backup],
    "a rebuild": ["rebuild"],
  };
  const server = await startOurs(copy);
  const lines: Line[] = [];
  const about = { part: "busy", unit: "ms" } as const;
  try {
    const idle = openProbe(server.url, size.customers);
    await Bun.sleep(IDLE_MS);
    const idleMs = quantile((await idle.stop()).times, 0.99);
    progress("requests beside sales that come in");
    const beside = openProbe(server.url, size.customers);
    const perSecond = await wrk(`${server.url}/events`, {
      connections: 16,
      seconds: 10,
      script: salesScript(size.customers, `busy-${Date.now()}`),
    });
    const sales = await beside.stop();
    const stream = { ...about, what: "GET /customers/:id beside sales that come in as fast as they are taken, p99", against: "idle" };
    const taken = `longest ${Math.max(...sales.times).toFixed(0)} ms, ${perSecond.toFixed(0)} sales a second`;
    const figures = { ours: quantile(sales.times, 0.99), peer: idleMs };
    lines.push(judge({ ...stream, note: taken, wrong: sales.refused > 0 }, figures, { of: "ours", most: 25 }));
    for (const [what, args] of Object.entries(tasks)) {
      progress(`requests beside ${what}`);
      const probe = openProbe(server.url, size.customers);
      const until = performance.now() + LEAST_MS;
      let code: number | undefined = 0;
      do {
        rmSync(backup, { force: true });
        code = await runOurs(copy, args, MOST_MS);
      } while (code === 0 && performance.now() < until);
      const { times, refused } = await probe.stop();
      const failed = code !== 0 && code !== undefined;
      const longest = `longest ${Math.max(...times).toFixed(0)} ms, ${refused} of ${times.length} refused`;
      const note = failed ? `the task ended with ${code}` : longest;
      const wrong = failed || refused > 0;
      const named = { ...about, what: `GET /customers/:id beside ${what}, p99`, against: "idle", note, wrong };
      lines.push(judge(named, { ours: quantile(times, 0.99), peer: idleMs }, { of: "ours", most: 25 }));
    }
  } finally {
    await server.stop();
    for (const path of [copy, backup]) removeDatabase(path);
    rmSync(file, { force: true });
  }
  return lines;
}
