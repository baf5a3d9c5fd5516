// Is a request delayed by a long task: an export, an import, a backup, a rebuild?
import { rmSync } from "node:fs";
import { feed } from "./feed.ts";
import { ensureDatabase } from "./load.ts";
import { judge, type Line, quantile, type Target } from "./measure.ts";
import { openProbe } from "./probe.ts";
import { AUTHORIZED, copyDatabase, removeDatabase, runOurs, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { benchPath, type Size } from "./size.ts";
import { share, toWire } from "./world.ts";
import { salesScript, wrk } from "./wrk.ts";

const STREAM_SECONDS = 10;
const STREAM_CONNECTIONS = 8;
/** Some hundred sales arrive per second meanwhile, which is tens of millions a day. */
const STREAM_PAUSE_MS = 10;
const IDLE_MS = 5000;
/** A task that ends sooner is repeated, so that there is enough to measure. */
const LEAST_MS = 3000;
/** A task that takes longer is stopped, as enough has been measured. */
const MOST_MS = 40_000;

/** The streams of sales, one sale per request. Each gives its number of sales per second. */
function streams(url: string, size: Size): [string, () => Promise<number>, Target][] {
  const headers = { ...AUTHORIZED, "content-type": "application/json" };
  async function paced(): Promise<number> {
    const [startedAt, until] = [Date.now(), performance.now() + STREAM_SECONDS * 1000];
    let sent = 0;
    const send = async () => {
      while (performance.now() < until) {
        const customer = Math.floor(size.customers * share(sent, 61));
        const body = JSON.stringify({ type: "sale", orderId: `paced-${startedAt}-${sent++}`, externalId: `user_${customer}`, value: 5 });
        await fetch(`${url}/events`, { method: "POST", headers, body }).then((response) => response.arrayBuffer());
        await Bun.sleep(STREAM_PAUSE_MS);
      }
    };
    await Promise.all(Array.from({ length: STREAM_CONNECTIONS }, send));
    return sent / STREAM_SECONDS;
  }
  return [
    ["sales that come in all the time", paced, { of: "ours", most: 25 }],
    [
      "sales that come in as fast as they are taken",
      () => wrk(`${url}/events`, { connections: 16, seconds: STREAM_SECONDS, script: salesScript(size.customers, 1) }),
      { of: "none" },
    ],
  ];
}

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
    for (const [what, stream, target] of streams(server.url, size)) {
      progress(`requests beside ${what}`);
      const probe = openProbe(server.url, size.customers);
      const perSecond = await stream();
      const { times, refused } = await probe.stop();
      const note = `longest ${Math.max(...times).toFixed(0)} ms, ${perSecond.toFixed(0)} sales a second`;
      const named = { ...about, what: `GET /customers/:id beside ${what}, p99`, against: "idle", note, wrong: refused > 0 };
      lines.push(judge(named, { ours: quantile(times, 0.99), peer: idleMs }, target));
    }
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
