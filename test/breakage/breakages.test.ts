// Does what each breakage breaks still stand in the code, once? That a test notices is shown by the slow tests.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BREAKAGES } from "./breakages.ts";

const ROOT = resolve(import.meta.dir, "../..");

test.each(BREAKAGES.map((each) => [each.what, each] as const))("%s", (_, { file, find, replace, tests }) => {
  expect(readFileSync(join(ROOT, file), "utf8").split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
  expect(tests.filter((argument) => argument.startsWith("test/") && !existsSync(join(ROOT, argument)))).toEqual([]);
});
