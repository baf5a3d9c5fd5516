// Does an import say for which reasons lines were rejected?
import { expect, test } from "bun:test";
import { openReasons } from "../../../src/intake/import/reasons.ts";

const invalid = (path: string, message: string) => ({
  code: "VALIDATION_ERROR",
  message: "The input is not valid.",
  details: [{ path, message }],
});

test("counts the same fields as one reason, the most frequent first, with an example", () => {
  const reasons = openReasons();
  expect(reasons.toLines()).toEqual([]);
  reasons.add(3, { code: "VALIDATION_ERROR", message: "The line is not valid JSON." });
  for (let line = 10; line < 22; line++) reasons.add(line, invalid("value", `must have at most 2 decimals, not ${line}.001`));
  reasons.add(30, {
    code: "CONFLICT",
    message: "It differs.",
    details: ["value", "currency"].map((path) => ({ path, message: "differs" })),
  });
  reasons.add(31, {
    code: "CONFLICT",
    message: "It differs.",
    details: ["currency", "value"].map((path) => ({ path, message: "differs" })),
  });
  reasons.add(40, invalid("", "must be an object"));
  expect(reasons.toLines()).toEqual([
    "  12 × VALIDATION_ERROR, value: must have at most 2 decimals, not 10.001 (first in line 10)",
    "   2 × CONFLICT, currency, value: differs (first in line 30)",
    "   1 × VALIDATION_ERROR: The line is not valid JSON. (first in line 3)",
    "   1 × VALIDATION_ERROR, (the line): must be an object (first in line 40)",
  ]);
});

test("stays short whatever is rejected, and counts every line", () => {
  const reasons = openReasons();
  for (let line = 1; line <= 3000; line++) reasons.add(line, invalid(`metadata.k${line}`, "is too long"));
  const lines = reasons.toLines();
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe("  2990 × for other reasons");
});
