// Do running totals of refunds come to the same steps in any order?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Step, stepsWith } from "../../../src/intake/webhooks/refunded-total.ts";

/** What counts after totals came in this order. */
function play(totals: readonly { to: number; at: number }[]): Step[] {
  let counted: Step[] = [];
  const all: Step[] = [];
  for (const total of totals) {
    const { added, split } = stepsWith(counted, total);
    all.push(...added);
    counted = [...counted.filter((step) => !split.includes(step)), ...added];
  }
  // Rejected steps stay in the database, where the next total finds them too.
  const late = stepsWith(all, totals[0] ?? { to: 1, at: 0 });
  expect(late.added).toEqual([]);
  return counted.sort((one, other) => one.to - other.to);
}

test("in any order and repeated, the same steps count, and they add up to the largest total", () => {
  const totals = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(totals, fc.infiniteStream(fc.nat()), (amounts, random) => {
      const told = amounts.map((to) => ({ to, at: to * 10 }));
      const inOrder = play([...told].sort((one, other) => one.to - other.to));
      const shuffled = [...told, ...told].map((total) => ({ total, by: random.next().value })).sort((one, other) => one.by - other.by);
      const mixed = play(shuffled.map(({ total }) => total));
      expect(mixed).toEqual(inOrder);
      expect(mixed.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(Math.max(...amounts));
    }),
  );
});
