// A few hundred requests out of the OpenAPI document; with FUZZ_RUNS as many as wanted, and with FUZZ_SEED those of another seed.
import { expect, test } from "bun:test";
import { fuzz, shareOfSuccess } from "./fuzz.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 600);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** From so many requests on, every documented status is to be seen. */
const ENOUGH = 50_000;

test(`${RUNS} requests of seed ${SEED} break nothing, and each answer is as documented`, async () => {
  const found = await fuzz(RUNS, SEED);
  expect(found.faults).toEqual([]);
  expect(shareOfSuccess(found)).toBeGreaterThan(0.3);
  if (RUNS >= ENOUGH) expect(found.unseen).toEqual([]);
}, 3_600_000);
