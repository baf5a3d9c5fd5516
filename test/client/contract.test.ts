// Has the contract changed? Whoever means it to runs `bun run contract`, and the change is seen in the commit.
import { expect, test } from "bun:test";
import { DOCUMENT, readDocument } from "./contract.ts";

test("the OpenAPI document is the one that is kept; `bun run contract` takes a change over", async () => {
  const kept = JSON.parse(await Bun.file(DOCUMENT).text()) as Record<string, unknown>;
  expect(JSON.parse(await readDocument())).toEqual(kept);
});
