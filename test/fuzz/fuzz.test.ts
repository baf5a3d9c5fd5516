// A few hundred requests generated from the OpenAPI document. FUZZ_RUNS sets the number, FUZZ_SEED repeats a run.
import { expect, test } from "bun:test";
import { fuzz, shareOfSuccess } from "./fuzz.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 600);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** With at least so many requests, every documented status must occur. */
const ENOUGH = 50_000;

test(`${RUNS} requests of seed ${SEED} break nothing, and each answer is as documented`, async () => {
  const found = await fuzz(RUNS, SEED);
  expect(found.faults).toEqual([]);
  expect(shareOfSuccess(found)).toBeGreaterThan(0.3);
  if (RUNS >= ENOUGH) expect(found.unseen).toEqual([]);
}, 3_600_000);
