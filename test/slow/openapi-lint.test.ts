// Does the OpenAPI document that the server serves pass an independent linter?

import { afterAll, beforeAll, expect, test } from "bun:test";
import { FROM_SOURCE, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const REDOCLY = "@redocly/cli@2.77.0";
const directory = temporaryFolder();
let running: Running | undefined;
beforeAll(async () => {
  running = await start(FROM_SOURCE, directory);
});
afterAll(() => running?.stop());

test("the served OpenAPI document has no lint error", async () => {
  await Bun.write(`${directory}/openapi.json`, await (await fetch(`${running?.url}/docs/json`)).text());
  const settings = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", HOME: directory, CI: "1" };
  const { code, out, err } = await run(["npx", "-y", REDOCLY, "lint", "openapi.json", "--format=stylish"], directory, settings);
  expect(out + err).toContain("openapi.json");
  expect([code, code === 0 ? "" : out + err]).toEqual([0, ""]);
}, 300_000);
