// Are the first keys the same as if all were sorted, and do others get their turn while very many are looked at?
import { expect, test } from "bun:test";
import { findFirst } from "../../../src/report/attribution/ranked.ts";
import type { KeyTally } from "../../../src/report/attribution/tally.ts";

const KEYS = Array.from({ length: 2500 }, (_, index) => ({ key: `k-${(index * 7919) % 2500}`, netMinor: index % 5 }));
const toTally = (netMinor: number): KeyTally => ({ touches: 1, clicks: 1, earned: [{ customers: 1, sales: 1, netMinor }] });
const tallies = new Map(KEYS.map(({ key, netMinor }) => [key, toTally(netMinor)]));

test.each([1, 7, 600, 2500, 5000])("of very many keys, the first %d are found", async (most) => {
  const sorted = KEYS.toSorted((a, b) => b.netMinor - a.netMinor || (a.key < b.key ? -1 : 1)).map(({ key }) => key);
  expect((await findFirst(tallies, most)).map(([key]) => key)).toEqual(sorted.slice(0, most));
});

test("others get their turn meanwhile", async () => {
  let isAnswered = false;
  setTimeout(() => {
    isAnswered = true;
  }, 0);
  await findFirst(tallies, 10);
  expect(isAnswered).toBe(true);
});
