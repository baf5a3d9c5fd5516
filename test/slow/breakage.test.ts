// Would the tests notice if a rule of the definitions were broken?
import { expect, test } from "bun:test";
import { BREAKAGES } from "../breakage/breakages.ts";
import { run } from "../breakage/main.ts";

test("every section of the definitions has a breakage, and there are five more", () => {
  const sections = new Set(BREAKAGES.flatMap(({ section }) => (section === undefined ? [] : [section])));
  expect([...sections].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(BREAKAGES.length).toBeGreaterThanOrEqual(sections.size + 5);
});

test("each breakage makes a test fail", async () => {
  const lines: string[] = [];
  await run((line) => lines.push(line), true); // .ci/run has just run all tests
  console.log(lines.join("\n"));
  expect(lines.filter((line) => !line.startsWith("noticed"))).toEqual([]);
}, 1_500_000);
