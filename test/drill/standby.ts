// Is nothing lost when the primary is killed and its standby is promoted? After each promotion the two machines change places.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { compare, marksIn } from "./compare.ts";
import { type Drill, Faults } from "./drill.ts";
import { oraclesReports, reportFaults, reportsOf } from "./reports.ts";
import { between, type Chance, chanceFor } from "./seed.ts";
import { copyStore, openStore } from "./store.ts";
import { ADMIN_KEY, PROGRAM, runCommand, startVictim, type Victim } from "./victim.ts";
import { Answers, CLOCK, markOf, Writer } from "./writer.ts";

const WRITERS = 8;
/** How often the standby is killed with its primary, so that a stopped one is promoted. */
const BOTH_EVERY = 5;
const READY_MS = 60_000;

/** Starts a standby, which deletes what is in its folder, and waits until the primary answers writes. */
export async function startStandby(folder: string, primary: Victim, env: Readonly<Record<string, string>> = {}): Promise<Victim> {
  const command = [...PROGRAM, "follow", primary.url, "--discard"];
  const standby = await startVictim({ folder, env: { CLOCK, FOLLOW_KEY: ADMIN_KEY, ...env }, command });
  for (const until = performance.now() + READY_MS; performance.now() < until; await Bun.sleep(20)) {
    const { status } = await primary.ask("PUT", "/rates", { currency: "EUR", date: "2020-01-01", rate: "1.1" });
    if (status < 300) return standby;
  }
  throw new Error("The standby has not followed.");
}

/** Sends SIGUSR2, and waits until writes are answered. Gives the milliseconds. */
async function promoteRunning(standby: Victim): Promise<number> {
  const startedAt = performance.now();
  process.kill(standby.pid, "SIGUSR2");
  for (const until = startedAt + READY_MS; performance.now() < until; await Bun.sleep(5)) {
    const { status } = await standby.ask("PUT", "/rates", { currency: "EUR", date: "2020-01-01", rate: "1.1" });
    if (status < 300) return performance.now() - startedAt;
  }
  throw new Error("The standby was not promoted.");
}

/** The entries of a database that were told up to a change. */
function entriesUpTo(path: string, seq: number): Set<string> {
  const store = openStore(path);
  try {
    const told = "SELECT type || ' ' || key FROM entry WHERE id IN (SELECT id FROM change WHERE type = 0 AND seq <= ?)";
    return new Set(store.prepare<[number], string>(told).pluck().all(seq));
  } finally {
    store.close();
  }
}

/** How far the standby had come when it was promoted: the last number before the leap. */
function receivedBy(path: string): number {
  const store = openStore(path);
  try {
    const leap = `SELECT before FROM (SELECT seq, lag(seq) OVER (ORDER BY seq) AS before FROM change) WHERE seq - before = ${2 ** 32} ORDER BY seq DESC LIMIT 1`;
    return store.prepare<[], number>(leap).pluck().get() ?? 0;
  } finally {
    store.close();
  }
}

/** Everything that the standby had received is there: the entries of the killed primary up to that change. */
function receivedFaults(killed: string, promoted: string): { received: number; faults: string[] } {
  const upTo = receivedBy(promoted);
  const entries = [...entriesUpTo(killed, upTo)];
  const there = entriesUpTo(promoted, Number.MAX_SAFE_INTEGER);
  const missing = entries.filter((entry) => !there.has(entry));
  return { received: entries.length, faults: missing.slice(0, 3).map((entry) => `received up to ${upTo}, but not there: ${entry}`) };
}

/** Names are derived, and a standby that was killed may not have derived the last ones. What it has received is in its log. */
async function deriveAll(path: string): Promise<void> {
  const context = assembleWorkspace(readConfig({ DATABASE_PATH: path, CLOCK }), { log: silentLog() });
  await context.ledger.catchUp();
  await context.close();
}

/** Without FOLLOW_ACK, what a standby that stands still has not received is lost with the primary: else the drill could find nothing. */
async function control(base: string, seed: number): Promise<number> {
  const [first, second] = ["control-a", "control-b"].map((name) => join(base, name)) as [string, string];
  for (const folder of [first, second]) mkdirSync(folder);
  const primary = await startVictim({ folder: first, env: { CLOCK } });
  const standby = await startStandby(second, primary);
  process.kill(standby.pid, "SIGSTOP");
  const answers = new Answers();
  const writer = new Writer(seed, "control", answers);
  await writer.run(primary, () => answers.entries.size > 20);
  await primary.kill();
  process.kill(standby.pid, "SIGCONT");
  await promoteRunning(standby);
  await standby.stop();
  const copy = copyStore(join(second, "regulars.db"), join(base, "control-copy"));
  await deriveAll(copy);
  return compare(copy, answers).lost;
}

async function round(chance: Chance, writers: readonly Writer[], [first, second]: readonly [string, string], isLast: boolean) {
  const primary = await startVictim({ folder: first, env: { CLOCK, FOLLOW_ACK: "1" } });
  const standby = await startStandby(second, primary);
  const work = Promise.all(writers.map((writer) => writer.run(primary, () => false)));
  await Bun.sleep(between(chance, 50, 800));
  await primary.kill();
  await work;
  if (!isLast) {
    const milliseconds = await promoteRunning(standby);
    return { milliseconds, code: await standby.stop() };
  }
  await standby.kill();
  const { code, err } = await runCommand(["promote"], second, { CLOCK });
  if (code !== 0) throw new Error(`promote ends with ${code}: ${err}`);
  return { milliseconds: 0, code: 0 };
}

export const standby: Drill = {
  name: "standby",
  promise: "A promoted standby has all that it had received, and with FOLLOW_ACK=1 all that was answered",
  rounds: { full: 50, quick: 3 },
  async run({ seed, rounds, folder: base }) {
    const chance = chanceFor(seed, "standby");
    const answers = new Answers();
    const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(seed, String(index), answers));
    const faults = new Faults();
    const promotions: number[] = [];
    let [first, second] = ["a", "b"].map((name) => join(base, name)) as [string, string];
    for (const folder of [first, second]) mkdirSync(folder);
    let lost = 0;
    let doubled = 0;
    let received = 0;
    let kills = 0;
    for (; kills < rounds && faults.count === 0; kills++) {
      const { milliseconds, code } = await round(chance, writers, [first, second], kills % BOTH_EVERY === BOTH_EVERY - 1);
      faults.unless(code === 0, `the promoted server ended with ${code}`);
      if (milliseconds > 0) promotions.push(milliseconds);
      const copies = [first, second].map((folder, place) => copyStore(join(folder, "regulars.db"), join(base, `copy-${place}`)));
      const [killed = "", promoted = ""] = copies;
      const left = marksIn([promoted, `${promoted}-wal`].filter(existsSync), [...answers.erased].map(markOf));
      faults.unless(left.length === 0, `the files of the standby still hold ${left.length} erased people, as ${left[0]}`);
      await deriveAll(promoted);
      const found = compare(promoted, answers);
      lost += found.lost;
      doubled += found.doubled;
      faults.addAll(found.faults);
      const kept = receivedFaults(killed, promoted);
      received += kept.received;
      faults.addAll(kept.faults);
      [first, second] = [second, first];
    }

    // A last server answers what is still open, so that both sides know everything.
    const last = await startVictim({ folder: first, env: { CLOCK } });
    await Promise.all(writers.map((writer) => writer.settle(last)));
    faults.unless((await last.stop()) === 0, "the last server did not end with 0");
    const { asStored, anew } = await reportsOf(copyStore(join(first, "regulars.db"), join(base, "copy-last")));
    faults.addAll(reportFaults(anew, asStored, "computed anew, a report differs"));
    faults.addAll(reportFaults(oraclesReports(answers), asStored, "the oracle wants another report"));
    faults.addAll(answers.odd.map((odd) => `an odd answer: ${odd}`));
    const lostWithout = await control(base, seed);
    faults.unless(lostWithout > 0, "control: without FOLLOW_ACK a standby that stood still has lost nothing");
    return {
      figures: {
        kills,
        requests: answers.requests,
        entries: answers.entries.size,
        erased: answers.erased.size,
        lost,
        doubled,
        "entries compared with the killed primary": received,
        "slowest promotion ms": Math.round(Math.max(0, ...promotions)),
        "control: lost without FOLLOW_ACK": lostWithout,
      },
      faults: faults.list,
    };
  },
};
