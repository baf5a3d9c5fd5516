// Is the server right on any log, in any order, however often entries come? The oracle is the judge (definitions §1).
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { chanceOf, printed, rearrange, smallest, tell } from "./oracle/arrange.ts";
import { count } from "./oracle/features.ts";
import { faultsOf, type Manner } from "./oracle/judge.ts";
import { everything } from "./oracle/questions.ts";
import { type RandomLog, randomLog, type Segment } from "./oracle/random-log.ts";

const RUNS = Number(process.env.LAW_RUNS ?? 12);
const SEED = Number(process.env.LAW_SEED ?? 1);
const REFUSED = /^(click|lead|sale|custom|refund) [A-Z]/;

setDefaultTimeout(60_000 + RUNS * 10_000);
console.log(`laws: LAW_RUNS=${RUNS} LAW_SEED=${SEED}`);
const logs = fc.sample(randomLog, { numRuns: RUNS, seed: SEED });

/** Fails with the smallest log that still goes wrong. */
async function prove(log: RandomLog, segments: readonly Segment[], mannerOf: () => Manner): Promise<void> {
  if ((await faultsOf(log.timezone, segments, mannerOf())).length === 0) return;
  const least = await smallest(segments, async (fewer) => (await faultsOf(log.timezone, fewer, mannerOf())).length > 0);
  const faults = await faultsOf(log.timezone, least, mannerOf());
  throw new Error(`LAW_SEED=${SEED}\n${printed(log.timezone, least)}\n${faults.slice(0, 4).join("\n")}`);
}

describe("for random logs", () => {
  test("every feature is mixed in", () => {
    const features = count({ timezone: "UTC", segments: [] });
    for (const log of fc.sample(randomLog, { numRuns: Math.max(RUNS, 100), seed: SEED })) count(log, features);
    console.log(
      Object.entries(features)
        .map(([feature, times]) => `${feature} ${times}`)
        .join(", "),
    );
    expect(Object.entries(features).filter(([, times]) => times === 0)).toEqual([]);
  });

  test("order and replay do not matter to the oracle", () => {
    logs.forEach((log, index) => {
      const { world, accepted } = tell(log.timezone, log.segments);
      const again = tell(log.timezone, rearrange(accepted, chanceOf(SEED + index)));
      expect([...again.outcomes.keys()].filter((what) => REFUSED.test(what))).toEqual([]);
      expect(everything(again.world)).toEqual(everything(world));
    });
  });

  test("the server answers as the oracle does", async () => {
    for (const log of logs) await prove(log, log.segments, () => ({}));
  });

  test("the server answers as the oracle does whatever the order, the batches and the replays", async () => {
    for (const [index, log] of logs.entries()) {
      const segments = rearrange(tell(log.timezone, log.segments).accepted, chanceOf(SEED + index));
      await prove(log, segments, () => ({ batches: chanceOf(SEED + index) }));
    }
  });

  test("the server answers as the oracle does when statuses come before their entries", async () => {
    for (const [index, log] of logs.slice(0, Math.ceil(RUNS / 2)).entries()) {
      const segments = rearrange(tell(log.timezone, log.segments).accepted, chanceOf(SEED + index));
      await prove(log, segments, () => ({ early: true }));
    }
  });

  test("the server answers as the oracle does after every step", async () => {
    for (const log of logs.slice(0, Math.ceil(RUNS / 6))) await prove(log, log.segments, () => ({ asking: true }));
  });

  test("the server answers as the oracle does when it forgets all that is derived", async () => {
    for (const log of logs.slice(0, Math.ceil(RUNS / 3))) await prove(log, log.segments, () => ({ rebuilding: true }));
  });
});
