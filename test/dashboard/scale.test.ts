// Where do charts put values and bars?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { openScale, openSlots } from "../../src/dashboard/page/scale.ts";

const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true });
/** Of ends that are nearer to each other than this, a double cannot tell the places between. */
const NEAREST = 1e-6; // of the larger one
const isFar = (one: number, other: number) => other - one > Math.max(1e-3, NEAREST * Math.max(Math.abs(one), Math.abs(other)));
const ends = fc.tuple(finite, finite).filter(([one, other]) => isFar(one, other));

test("a scale leads from end to end, straight, and upside down if asked", () => {
  fc.assert(
    fc.property(ends, fc.double({ min: 0, max: 1, noNaN: true }), ([least, most], share) => {
      const up = openScale([least, most], [200, 10]);
      expect(up(least)).toBeCloseTo(200, 6);
      expect(up(most)).toBeCloseTo(10, 6);
      expect(up(least + share * (most - least))).toBeCloseTo(200 - share * 190, 3);
    }),
  );
});

test("rounded ends hold all values and are ticks", () => {
  fc.assert(
    fc.property(ends, ([least, most]) => {
      const scale = openScale([least, most], [0, 100], 4);
      expect(scale(least)).toBeGreaterThanOrEqual(-1e-6);
      expect(scale(most)).toBeLessThanOrEqual(100 + 1e-6);
      const ticks = scale.ticks(4);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(scale(ticks[0] ?? Number.NaN)).toBeCloseTo(0, 6);
      expect(scale(ticks.at(-1) ?? Number.NaN)).toBeCloseTo(100, 6);
    }),
  );
  expect(openScale([0, 97], [0, 100], 4).ticks(4)).toEqual([0, 20, 40, 60, 80, 100]);
});

test("bars lie side by side within their chart, and as far from its ends", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1100 }), fc.integer({ min: 100, max: 2000 }), (count, width) => {
      const { step, width: bar, left } = openSlots(count, [52, 52 + width], 0.4);
      expect(left(1) - left(0)).toBeCloseTo(step, 6);
      expect(bar).toBeLessThan(step);
      expect(left(0)).toBeGreaterThanOrEqual(52);
      expect(left(0) - 52).toBeCloseTo(52 + width - (left(count - 1) + bar), 6);
    }),
  );
});
