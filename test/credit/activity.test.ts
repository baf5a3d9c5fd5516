// Does an activity that is written and read in steps come out as one that is written and read at once?
import { expect, test } from "bun:test";
import { type Activity, decodeActivity, decodeInSteps, emptyActivity, encodeActivity, encodeInSteps } from "../../src/credit/activity.ts";
import { chanceFor } from "../drill/seed.ts";

function randomActivity(seed: number): Activity {
  const chance = chanceFor(seed);
  const activity = emptyActivity();
  const rows = chance.pick(60);
  for (let row = 0, at = 1000; row < rows; row += 1, at += chance.pick(3) * 700) {
    if (chance.pick(10) < 4) {
      activity.sales.push({ at, netMinor: chance.pick(1_000_000), touchesUpTo: activity.touchedAt.length });
      continue;
    }
    activity.touchedAt.push(at);
    activity.isClick.push(chance.pick(2) === 0);
    for (const own of activity.keys) own.push(chance.pick(300));
  }
  return activity;
}

/** What a generator gives in the end, and how often it yields. */
function runs<T>(work: Generator<void, T>): { result: T; yields: number } {
  for (let yields = 0; ; yields += 1) {
    const step = work.next();
    if (step.done) return { result: step.value, yields };
  }
}

test("an activity in steps of any length is the same, byte for byte", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const activity = randomActivity(seed);
    const bytes = encodeActivity(activity);
    for (const most of [1, 2, 7, 1000]) {
      const encoded = runs(encodeInSteps(activity, most));
      expect([seed, most, Buffer.compare(encoded.result, bytes)]).toEqual([seed, most, 0]);
      const decoded = runs(decodeInSteps(bytes, most));
      expect([seed, most, decoded.result]).toEqual([seed, most, decodeActivity(bytes)]);
      const rows = activity.touchedAt.length + activity.sales.length;
      expect(decoded.yields).toBe(Math.floor(rows / most));
      expect(encoded.yields).toBeGreaterThanOrEqual(Math.floor(Math.max(activity.touchedAt.length, activity.sales.length) / most));
    }
  }
});
