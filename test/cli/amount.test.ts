// Do amounts read like English?
import { expect, test } from "bun:test";
import { toAmount } from "../../src/cli/amount.ts";

test.each([
  [0, "customer", "0 customers"],
  [1, "customer", "1 customer"],
  [2, "customer", "2 customers"],
  [1, "entry", "1 entry"],
  [2500, "entry", "2500 entries"],
] as const)("%d × %s is %s", (count, one, words) => expect(toAmount(count, one)).toBe(words));
