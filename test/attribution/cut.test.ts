// Is the cut where sorting puts it?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { cutBetween } from "../../src/attribution/cut.ts";

test("a cut falls between the same two numbers as in sorted ones, equal ones among them", () => {
  const numbers = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 3 })), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(numbers, fc.nat(), (all, some) => {
      const above = 1 + (some % (all.length - 1));
      const sorted = Float64Array.from(all).sort();
      const { last, next } = cutBetween(Float64Array.from(all), above);
      expect(last === sorted[all.length - above] && next === sorted[all.length - above - 1]).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
