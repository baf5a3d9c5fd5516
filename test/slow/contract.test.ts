// Are the types that clients generate from the OpenAPI document those that the typed client is tested with?

import { expect, test } from "bun:test";
import { DOCUMENT, TYPES, writeTypes } from "../client/contract.ts";
import { temporaryFolder } from "../temporary-folder.ts";

test("openapi-typescript makes the kept types of the kept document", async () => {
  const file = `${temporaryFolder()}/api.d.ts`;
  await writeTypes(DOCUMENT, file);
  expect(await Bun.file(file).text()).toBe(await Bun.file(TYPES).text());
}, 300_000);
