// Has a cell one of seven classes, a deeper one for a larger value?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { CLASSES, heatScale } from "../../src/dashboard/page/heat.ts";

test("classes go from zero to the largest value", () => {
  const heat = heatScale([14, 7, null, 0]);
  expect([0, 1.99, 2, 7, 13.9, 14, -3].map(heat)).toEqual([0, 0, 1, 3, 6, 6, 0]);
});

test("without a value above zero all are in the lowest", () => {
  expect([heatScale([])(0), heatScale([0, -5, null])(-5)]).toEqual([0, 0]);
});

test("a larger value is never in a lower class", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -100, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
      const heat = heatScale(values);
      const classes = values.toSorted((a, b) => a - b).map(heat);
      expect(classes).toEqual(classes.toSorted((a, b) => a - b));
      expect(classes.every((each) => Number.isInteger(each) && each >= 0 && each < CLASSES)).toBe(true);
    }),
  );
});
