// Promise: the numbers are right in any order, with replays and with late entries. Random logs in two processes, judged by the oracle.
import { join } from "node:path";
import type { Seen } from "../oracle/many.ts";
import { type Drill, Faults } from "./drill.ts";

const PROCESSES = 2;
const SCRIPT = join(import.meta.dir, "../oracle/many.ts");

/** The result of one process, from its last line. It prints its progress on standard error. */
async function see(seed: number, logs: number): Promise<Seen> {
  const child = Bun.spawn([process.execPath, SCRIPT, String(seed), String(logs)], { stdout: "pipe", stderr: "inherit" });
  let last: Seen = { logs: 0, small: 0, entries: 0, features: {}, faults: ["no portion was finished"] };
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) last = JSON.parse(line) as Seen;
    if (process.stderr.isTTY) process.stderr.write(`\r${last.logs} of ${logs} logs from seed ${seed} `);
  }
  return last;
}

export const laws: Drill = {
  name: "laws",
  promise: "the numbers are right whatever the order, repetition or lateness of what comes in",
  rounds: { full: 20_000, quick: 100 },
  async run({ seed, rounds }) {
    const share = Math.ceil(rounds / PROCESSES);
    const all = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => see(seed + index * 1_000_000, share)));
    const faults = new Faults();
    const features: Record<string, number> = {};
    for (const seen of all) {
      faults.addAll(seen.faults);
      for (const [feature, times] of Object.entries(seen.features)) features[feature] = (features[feature] ?? 0) + times;
    }
    for (const [feature, times] of Object.entries(features)) faults.unless(times > 0, `no log has the feature ${feature}`);
    const sum = (of: (seen: Seen) => number) => all.reduce((total, seen) => total + of(seen), 0);
    faults.unless(sum(({ logs }) => logs) >= rounds, "not all logs were judged");
    return {
      figures: {
        logs: sum(({ logs }) => logs),
        "smaller logs": sum(({ small }) => small),
        entries: sum(({ entries }) => entries),
        ...features,
      },
      faults: faults.list,
    };
  },
};
