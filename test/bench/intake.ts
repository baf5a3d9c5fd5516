// How many entries per second are stored durably: one per request, in arrays, and from a file? Until stored, and until everything is derived.
import { rmSync } from "node:fs";
import { openEvents } from "../../src/intake/events.ts";
import { ARRAY, bodiesOf, chunks, postAll, untilDerived } from "./arrays.ts";
import { openBareIntake } from "./bare-intake.ts";
import { bulkLine } from "./bulk.ts";
import { feed } from "./feed.ts";
import { heavyLine } from "./heavy.ts";
import { ensureDatabase, openBench } from "./load.ts";
import { alternate, judge, type Line, median, timed } from "./measure.ts";
import { copyDatabase, removeDatabase, runOurs, startBare, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { benchPath, type Size } from "./size.ts";
import { toWire } from "./world.ts";
import { salesScript, wrk } from "./wrk.ts";

const CONNECTIONS = 32;
const SECONDS = 3;
const PEER = "bare inserts, same tables";

const perSecond = (entries: number, ms: number) => (entries / ms) * 1000;

async function singleLine(path: string, size: Size): Promise<Line> {
  const [a, b] = [copyDatabase(path, "ours.db"), copyDatabase(path, "peer.db")];
  const [ours, bare] = [await startOurs(a), await startBare("insert", { DATABASE_PATH: b })];
  let run = 0;
  const load = async (url: string) => {
    const rate = await wrk(`${url}/events`, { connections: CONNECTIONS, seconds: SECONDS, script: salesScript(size.customers, ++run) });
    // The figure includes what is still to be derived of these sales.
    const leftMs = url === ours.url ? await timed(() => untilDerived(url)) : 0;
    return (rate * SECONDS) / (SECONDS + leftMs / 1000);
  };
  const figures = await alternate(
    4,
    () => load(ours.url),
    () => load(bare.url),
  );
  await ours.stop();
  await bare.stop();
  const what = "POST /events, one sale a request, 32 connections, durable, until derived";
  return judge({ part: "intake", what, unit: "/s", against: "bare Bun.serve, one insert" }, figures, { of: "share", least: 1 });
}

async function arrayLines(path: string, size: Size): Promise<Line[]> {
  const [a, b] = [copyDatabase(path, "ours.db"), copyDatabase(path, "peer.db")];
  const [ours, peer] = [await startOurs(a), openBareIntake(b, size.customers)];
  const entries = 20 * ARRAY;
  const derived: number[] = [];
  let [from, peerFrom] = [0, 0];
  const figures = await alternate(
    5,
    async () => {
      const bodies = bodiesOf(size, from, entries);
      from += entries;
      const startedAt = performance.now();
      await postAll(ours.url, bodies);
      const acceptedMs = performance.now() - startedAt;
      await untilDerived(ours.url);
      derived.push(perSecond(entries, performance.now() - startedAt));
      return perSecond(entries, acceptedMs);
    },
    async () => {
      const arrays = [...chunks(feed(size, peerFrom, entries))].map(peer.toRows);
      peerFrom += entries;
      return perSecond(entries, await timed(() => arrays.forEach(peer.store)));
    },
  );
  await ours.stop();
  peer.close();
  return pair("POST /events, arrays of 1,000", { accepted: figures.ours, derived: median(derived.slice(1)), peer: figures.peer }, 0.5);
}

/** `least` is the target until derived. */
function pair(what: string, { accepted, derived, peer }: { accepted: number; derived: number; peer: number }, least: number): Line[] {
  const about = { part: "intake", unit: "/s", against: PEER } as const;
  return [
    judge({ ...about, what: `${what}, accepted` }, { ours: accepted, peer }, { of: "share", least: 0.35 }),
    judge({ ...about, what: `${what}, until derived` }, { ours: derived, peer }, { of: "share", least }),
  ];
}

async function importLines(path: string, size: Size, progress: Progress): Promise<Line[]> {
  const entries = Math.min(1_000_000, size.entries);
  const file = benchPath("import.ndjson");
  const writer = Bun.file(file).writer();
  for (const chunk of chunks(feed(size, 0, entries))) {
    writer.write(`${chunk.map((fact) => JSON.stringify(toWire(fact, size.customers))).join("\n")}\n`);
    await writer.flush();
  }
  await writer.end();

  progress("import, stored only");
  const stored = openBench(copyDatabase(path, "ours.db"));
  const events = openEvents(stored);
  const acceptedMs = await timed(async () => {
    for (const chunk of linesOf(await Bun.file(file).text())) events.many(chunk.map((text) => JSON.parse(text)));
  });
  await stored.close();

  progress("import, the peer");
  const peer = openBareIntake(copyDatabase(path, "peer.db"), size.customers);
  const arrays = [...chunks(feed(size, 0, entries))].map(peer.toRows);
  const peerMs = await timed(() => arrays.forEach(peer.store));
  peer.close();

  progress("import, until derived");
  const copy = copyDatabase(path, "ours.db");
  const derivedMs = await timed(async () => {
    if ((await runOurs(copy, ["import", file])) !== 0) throw new Error("the import failed");
  });
  rmSync(file);
  const name = `import of ${entries.toLocaleString("en")} entries`;
  const rates = { accepted: perSecond(entries, acceptedMs), derived: perSecond(entries, derivedMs), peer: perSecond(entries, peerMs) };
  return pair(name, rates, 0.6);
}

function* linesOf(text: string): Generator<string[]> {
  const lines = text.trimEnd().split("\n");
  for (let from = 0; from < lines.length; from += ARRAY) yield lines.slice(from, from + ARRAY);
}

export async function measureIntake(size: Size, progress: Progress): Promise<Line[]> {
  const path = await ensureDatabase(size, progress);
  const lines: Line[] = [];
  try {
    progress("single sales");
    lines.push(await singleLine(path, size));
    progress("arrays");
    lines.push(...(await arrayLines(path, size)));
    progress("import");
    lines.push(...(await importLines(path, size, progress)));
    lines.push(await bulkLine(size, progress));
    progress("a customer with 100,000 sales");
    lines.push(await heavyLine(path, progress));
  } finally {
    for (const name of ["ours.db", "peer.db"]) removeDatabase(benchPath(name));
  }
  return lines;
}
