// Do agents get on with the binary: over HTTP by the official conformance suite, and over standard input and output by the official client?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { binary, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const CONFORMANCE = "@modelcontextprotocol/conformance@0.1.16";
/** The scenarios for a server that has tools alone. */
const SCENARIOS = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"];

const directory = temporaryFolder();
let program = "";
let running: Running | undefined;
let withKey: ReturnType<typeof Bun.serve> | undefined;

beforeAll(async () => {
  program = await binary();
  running = await start([program], directory);
  await running.call("POST", "/events", { type: "sale", orderId: "o-1", externalId: "user_42", email: "ann@example.com", value: 99.99 });
  // The suite sends no key. What it sends goes on with one, and is the same otherwise.
  withKey = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const headers = new Headers(request.headers);
      headers.set("authorization", `Bearer ${running?.key}`);
      return fetch(`${running?.url}${new URL(request.url).pathname}`, { method: request.method, headers, body: await request.text() });
    },
  });
});
afterAll(async () => {
  withKey?.stop(true);
  await running?.stop();
});

describe("the conformance suite of the protocol", () => {
  for (const scenario of SCENARIOS)
    test(scenario, async () => {
      const url = `http://localhost:${withKey?.port}/mcp`;
      const suite = [process.execPath, "x", "--bun", CONFORMANCE, "server", "--url", url, "--scenario", scenario];
      const { code, out, err } = await run(suite, directory, { HOME: directory });
      expect([code, code === 0 ? "" : out + err]).toEqual([0, ""]);
      expect(out).toMatch(/Passed: (\d+)\/\1, 0 failed, 0 warnings/);
    }, 300_000);
});

test("regulars mcp answers beside the server, over standard input and output", async () => {
  const client = new Client({ name: "test", version: "1" });
  const env = { DATABASE_PATH: `${directory}/data/regulars.db` };
  await client.connect(new StdioClientTransport({ command: program, args: ["mcp"], env, cwd: directory }));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain("get_cohorts");
  const { structuredContent } = await client.callTool({ name: "list_customers", arguments: {} });
  expect(structuredContent).toMatchObject({ data: [{ externalId: null, email: null, ltv: 99.99 }], pagination: { total: 1 } });
  await client.close();
});
