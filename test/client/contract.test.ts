// Has the contract changed? Whoever means it to runs `bun run contract`, and the change is seen in the commit.
import { expect, test } from "bun:test";
import { DOCUMENT, OBJECTS, readDocument, readObjects } from "./contract.ts";

test("what the migrations create is what the start reads; `bun run contract` writes it anew", async () => {
  expect(await Bun.file(OBJECTS).text()).toBe(readObjects());
});

test("the OpenAPI document is the one that is kept; `bun run contract` takes a change over", async () => {
  const kept = JSON.parse(await Bun.file(DOCUMENT).text()) as Record<string, unknown>;
  expect(JSON.parse(await readDocument())).toEqual(kept);
});
