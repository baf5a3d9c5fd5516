// How much memory does a server take under load, and does it stay flat?
import { readFileSync } from "node:fs";
import { feed } from "./feed.ts";
import { ensureDatabase } from "./load.ts";
import { judge, type Line, median } from "./measure.ts";
import { AUTHORIZED, copyDatabase, removeDatabase, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { cohortsPath, curvesPath } from "./reports.ts";
import type { Size } from "./size.ts";
import { toWire } from "./world.ts";
import { customersScript, wrk } from "./wrk.ts";

const SECONDS = 60;
const SAMPLE_MS = 500;

/** The resident set of a process in MB (proc(5), VmRSS). */
function residentMb(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

/** Reads customers at full speed, and beside them reports, journeys and lists, while entries arrive. */
export async function measureMemory(size: Size, progress: Progress): Promise<Line[]> {
  const copy = copyDatabase(await ensureDatabase(size, progress), "ours.db");
  const server = await startOurs(copy, { SNAPSHOT_TTL: "1" });
  const samples: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  const going = () => performance.now() < until;
  const get = (path: string) => fetch(server.url + path, { headers: AUTHORIZED }).then((response) => response.arrayBuffer());

  async function sample(): Promise<void> {
    while (going()) {
      samples.push(residentMb(server.pid));
      progress("memory under load", SECONDS * 1000 - (until - performance.now()), SECONDS * 1000);
      await Bun.sleep(SAMPLE_MS);
    }
  }
  async function read(): Promise<void> {
    for (let round = 0; going(); round++) {
      for (const grouping of ["week", "month", "source", "campaign"]) await get(cohortsPath(grouping));
      await get(curvesPath("elapsed"));
      await get("/customers/ext_with_10000/journey?limit=1000");
      await get("/customers/ext_with_10000/attribution?model=linear");
      await get(`/customers?limit=100&page=${1 + round}`);
    }
  }
  async function write(): Promise<void> {
    const facts = feed(size, 0, 10_000_000);
    const headers = { ...AUTHORIZED, "content-type": "application/json" };
    while (going()) {
      const body = JSON.stringify(Array.from({ length: 100 }, () => toWire(facts.next().value, size.customers)));
      await fetch(`${server.url}/events`, { method: "POST", headers, body }).then((response) => response.arrayBuffer());
    }
  }
  const load = wrk(server.url, { connections: 16, seconds: SECONDS, script: customersScript(size.customers) });
  await Promise.all([load, sample(), read(), write()]);
  await server.stop();
  removeDatabase(copy);

  const third = Math.floor(samples.length / 3);
  const about = { part: "memory", unit: "MB" } as const;
  const flat = { ours: median(samples.slice(-third)), peer: median(samples.slice(third, 2 * third)) };
  return [
    judge(
      { ...about, what: `resident set under load for ${SECONDS} s, at most` },
      { ours: Math.max(...samples) },
      { of: "ours", most: 256 },
    ),
    judge({ ...about, what: "the same, last third", against: "middle third" }, flat, { of: "share", most: 1.1 }),
  ];
}
