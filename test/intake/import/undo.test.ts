// Is everything as if an import had never been, once it is undone?
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { type Batches, compareAnswers, type Item, openBatches, randomBatches } from "./batches.ts";

const RUNS = Number(process.env.UNDO_RUNS ?? 2);
const SEED = Number(process.env.FC_SEED ?? 1);
setDefaultTimeout(120_000 + RUNS * 60_000);
console.log(`undo: UNDO_RUNS=${RUNS} FC_SEED=${SEED}`);
const drawn = fc.sample(randomBatches, { numRuns: RUNS, seed: SEED });

/** Tells all items, undoes imports, and compares with a world that never had them. Gives the differences. */
async function faultsOf({ timezone, items }: Batches, undone: readonly number[], late: readonly Item[] = []): Promise<string[]> {
  const all = openBatches(timezone);
  const others = openBatches(timezone);
  try {
    for (const item of items) {
      await all.tell(item);
      await others.tell(item, (way) => !undone.includes(way));
    }
    for (const id of undone) await all.undo(id);
    for (const item of late) {
      await all.tell(item);
      await others.tell(item);
    }
    const wanted = await others.answers();
    const got = compareAnswers(wanted, await all.answers());
    if (got.length > 0) return got;
    return (await all.verify()).map((fault) => `verify: ${JSON.stringify(fault)}`);
  } finally {
    await all.world.close();
    await others.world.close();
  }
}

/** Fails with the smallest list of items that still goes wrong. */
async function prove(batches: Batches, undone: readonly number[], late: readonly Item[] = []): Promise<void> {
  if ((await faultsOf(batches, undone, late)).length === 0) return;
  let { items } = batches;
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < items.length; ) {
      const fewer = items.toSpliced(from, size);
      if ((await faultsOf({ ...batches, items: fewer }, undone, late).catch(() => [])).length > 0) items = fewer;
      else from += size;
    }
  const faults = await faultsOf({ ...batches, items }, undone, late);
  throw new Error(
    [`FC_SEED=${SEED} undone ${undone.join()}`, ...items.map((item) => JSON.stringify(item)), ...faults.slice(0, 5)].join("\n"),
  );
}

describe("for random batches", () => {
  test("an import that is undone has never been", async () => {
    for (const batches of drawn) await prove(batches, [1]);
  });
  test("two imports can be undone in both orders", async () => {
    for (const [index, batches] of drawn.entries()) await prove(batches, index % 2 === 0 ? [1, 2] : [2, 1]);
  });
  test("what comes after an undo finds everything as if the import had never been", async () => {
    for (const batches of drawn) {
      const half = Math.floor(batches.items.length / 2);
      const late = batches.items.slice(half).map((item) => ({ ...item, ways: [0] }));
      await prove({ ...batches, items: batches.items.slice(0, half) }, [1], late);
    }
  });
});

test("nothing of an import is undone twice", async () => {
  const batches = openBatches("UTC");
  await batches.undo(1);
  await expect(batches.undo(1)).rejects.toThrow("undone already");
  await batches.world.close();
});
