// Do agents read the same answers as everybody, without anybody's name, and with what is unfinished said?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createKey } from "../../src/access/api-key.ts";
import type { Scope } from "../../src/access/keyring.ts";
import { openWorld } from "../harness.ts";
import { openAgent, type TestAgent, textOf } from "./agent.ts";

const world = openWorld({ now: "2026-03-15T12:00:00Z" });
afterAll(() => world.close());

const ANN = { externalId: "user-ann-7731", email: "ann.secret@example.com", name: "Ann Secret" };
const ALIAS = "stripe:cus_5521";
const PERSONAL = [...Object.values(ANN), ALIAS, "https://shop.example/?token=t-991", "blue-eyes", "https://faces.example/ann.png"];

let agent: TestAgent;
beforeAll(async () => {
  await world.request("POST", "/customers", {
    ...ANN,
    aliases: [ALIAS],
    avatar: "https://faces.example/ann.png",
    metadata: { note: "blue-eyes" },
  });
  await world.request("POST", "/events", [
    {
      type: "click",
      clickId: "c-1",
      source: "google",
      campaign: "spring",
      url: "https://shop.example/?token=t-991",
      timestamp: "2026-01-05T10:00:00Z",
    },
    { type: "lead", eventId: "l-1", clickId: "c-1", ...ANN, timestamp: "2026-01-06T10:00:00Z", metadata: { note: "blue-eyes" } },
    { type: "sale", orderId: "o-1", externalId: ANN.externalId, value: 100, timestamp: "2026-01-10T10:00:00Z" },
    { type: "sale", orderId: "o-2", externalId: ANN.externalId, value: 40, timestamp: "2026-03-10T10:00:00Z" },
    { type: "sale", orderId: "o-3", externalId: ANN.externalId, value: 9, currency: "EUR", timestamp: "2026-02-10T10:00:00Z" },
  ]);
  agent = await openAgent(world);
});

/** Each tool with an input that shows a lot, and the path that asks the same. */
const id = encodeURIComponent(ANN.externalId);
const QUESTIONS: readonly [tool: string, input: Record<string, unknown>, path: string][] = [
  ["list_customers", { sortBy: "ltv", limit: 5 }, "/customers?sortBy=ltv&limit=5"],
  ["count_customers", { search: "ann" }, "/customers/count?search=ann"],
  ["get_customer", { id: `ext_${ANN.externalId}` }, `/customers/ext_${id}`],
  ["get_journey", { id: `ext_${ANN.externalId}`, limit: 10 }, `/customers/ext_${id}/journey?limit=10`],
  ["get_customer_attribution", { id: `ext_${ANN.externalId}`, model: "linear" }, `/customers/ext_${id}/attribution?model=linear`],
  ["get_cohorts", { group_by: "month", explain: true }, "/customers/cohorts?group_by=month&explain=true"],
  ["get_ltv_curves", { months: 3 }, "/customers/ltv-cohorts?months=3"],
  ["get_revenue", { group_by: "month" }, "/customers/revenue?group_by=month"],
  ["get_attribution", { group_by: "source" }, "/customers/attribution?group_by=source"],
];

describe("the tools", () => {
  test("are every endpoint that reads customers and reports", async () => {
    const { tools } = await agent.client.listTools();
    const own = world.app.endpoints.flatMap(({ tool }) => (tool === undefined ? [] : [tool]));
    expect(tools.map(({ name }) => name).sort()).toEqual(own.sort());
    const READ = ["links:read", "analytics:read"];
    // What is made to be taken along, and the lists of an operator, are none of an agent.
    const left = world.app.endpoints.filter(
      ({ method, admission, tool, foreign }) => method === "GET" && READ.includes(String(admission)) && !tool && !foreign,
    );
    expect(left.map(({ path }) => path).sort()).toEqual(["/customers/:id/export", "/imports", "/imports/:id", "/refunds/pending"]);
    for (const [tool] of QUESTIONS) expect(own).toContain(tool);
    expect(QUESTIONS).toHaveLength(own.length);
  });

  test("explain themselves and change nothing", async () => {
    const { tools } = await agent.client.listTools();
    for (const { description, inputSchema, outputSchema, annotations } of tools) {
      expect(String(description).length).toBeGreaterThan(10);
      expect([inputSchema.type, outputSchema?.type, annotations?.readOnlyHint]).toEqual(["object", "object", true]);
    }
  });

  test("are those of the key's scopes", async () => {
    const names = async (scopes: readonly Scope[]) => {
      const { client } = await openAgent(world, { key: createKey(world.workspace, { scopes }) });
      return (await client.listTools()).tools.map(({ name }) => name);
    };
    expect(await names(["metrics:read"])).toEqual([]);
    const reports = await names(["analytics:read"]);
    expect(reports).toContain("get_ltv_curves");
    expect(reports).not.toContain("list_customers");
    const refused = await (await openAgent(world, { key: createKey(world.workspace, { scopes: ["analytics:read"] }) })).call(
      "list_customers",
    );
    expect([refused.isError, textOf(refused)]).toEqual([true, "NOT_FOUND: There is no tool list_customers, or the key lacks its scope."]);
  });
});

describe("an answer", () => {
  for (const [tool, input, path] of QUESTIONS) {
    test(`of ${tool} with pii is the API's`, async () => {
      const answer = await (await openAgent(world, { query: "?pii=true" })).call(tool, input);
      const { computedAt: _, ...own } = dataOf(answer.structuredContent);
      const { computedAt: __, ...api } = dataOf((await world.request("GET", path)).body);
      expect(own).toEqual(api);
      expect(JSON.parse(answer.content.at(-1)?.type === "text" ? textOf({ ...answer, content: answer.content.slice(-1) }) : "")).toEqual(
        answer.structuredContent,
      );
    });

    test(`of ${tool} without pii names nobody, and is the same otherwise`, async () => {
      const answer = await agent.call(tool, input);
      const text = JSON.stringify(answer);
      for (const value of PERSONAL) expect(text).not.toContain(value);
      expect(answer.isError).toBeFalsy();
      expect(Object.keys(dataOf(answer.structuredContent))).toEqual(Object.keys(dataOf((await world.request("GET", path)).body)));
    });
  }

  test("says its range, currency and zone, and what is unfinished", async () => {
    const curves = textOf(await agent.call("get_ltv_curves", { months: 3 }));
    expect(curves).toContain("Acquisition months: the 3 up to 2026-03.");
    expect(curves).toContain("Money is in USD, in major units. Days, weeks and months are those of UTC.");
    expect(curves).toContain("Unfinished cells, which are still growing: 2026-01 period 2, 2026-02 period 1, 2026-03 period 0.");
    expect(curves).toContain("Not in any figure, for lack of an exchange rate: sales 1 in EUR.");
    const cohorts = textOf(await agent.call("get_cohorts", { group_by: "month", start: "2026-01-01", end: "2026-01-31" }));
    expect(cohorts).toContain("Range: from 2026-01-01T00:00:00.000Z to before 2026-02-01T00:00:00.000Z.");
    expect(cohorts).not.toContain("Not over yet");
    await world.request("POST", "/events", { type: "lead", eventId: "l-2", externalId: "bob", timestamp: "2026-03-14T00:00:00Z" });
    expect(textOf(await agent.call("get_cohorts", { group_by: "month" }))).toContain(
      "Not over yet, so not comparable with whole ones: 2026-03.",
    );
    expect(textOf(await agent.call("list_customers", { limit: 1 }))).toContain("2 in all, page 1 of 2.");
  });

  test("of a bad question names every bad field", async () => {
    const { isError, content } = await agent.call("get_cohorts", { group_by: "year", start: "yesterday" });
    const text = textOf({ content });
    expect(isError).toBe(true);
    expect(text).toStartWith("VALIDATION_ERROR: The input is not valid.");
    for (const field of ["group_by must", "start must"]) expect(text).toContain(field);
    expect(textOf(await agent.call("get_customer", { id: "ext_nobody" }))).toStartWith("NOT_FOUND:");
  });
});

const dataOf = (body: unknown): Record<string, unknown> => {
  const { data } = body as { data: Record<string, unknown> };
  return data;
};

describe("who may ask", () => {
  const BODY = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const ask = (headers: Record<string, string> = {}, path = "/mcp", body: unknown = BODY) =>
    world.request("POST", path, body, { accept: "application/json, text/event-stream", host: "127.0.0.1:3000", ...headers });

  test("this server's own names, and no page of another name", async () => {
    expect((await ask()).status).toBe(200);
    expect((await ask({ host: "localhost" })).status).toBe(200);
    expect((await ask({ host: "[::1]:3000", origin: "http://localhost:6274" })).status).toBe(200);
    for (const headers of [
      { host: "evil.example" },
      { origin: "http://evil.example" },
      { origin: "null" },
      { host: "localhost.evil.example" },
    ]) {
      const { status, body } = await ask(headers);
      expect([status, body.error?.code]).toEqual([403, "FORBIDDEN"]);
      expect(body.error?.message).toContain("MCP_HOSTS");
    }
    const named = openWorld({ config: { mcpHosts: ["stats.example.com"] } });
    const headers = { accept: "application/json, text/event-stream", host: "stats.example.com", origin: "https://stats.example.com" };
    expect((await named.request("POST", "/mcp", BODY, headers)).status).toBe(200);
    named.close();
  });

  test("pii needs links:read", async () => {
    const key = createKey(world.workspace, { scopes: ["analytics:read"] });
    const { status, body } = await ask({ authorization: `Bearer ${key}` }, "/mcp?pii=true");
    expect([status, body.error?.message]).toEqual([403, "The API key lacks the scope links:read, which pii=true needs."]);
  });

  test("keys of pages and addresses never", async () => {
    for (const options of [{ origins: ["https://shop.example"] }, { isForConversions: true }]) {
      const key = createKey(world.workspace, options);
      expect((await ask({ authorization: `Bearer ${key}`, origin: "https://shop.example" })).status).toBe(403);
    }
  });

  test("what is not of the protocol is refused in the words of the contract", async () => {
    expect((await ask({}, "/mcp", "{")).body.error?.code).toBe("VALIDATION_ERROR");
    expect((await ask({ accept: "text/plain" })).body.error?.details).toMatchObject([{ path: "Accept" }]);
    expect((await ask({ "content-type": "text/plain" })).body.error?.code).toBe("UNSUPPORTED_MEDIA_TYPE");
    expect((await ask({}, "/mcp", "x".repeat(70_000))).status).toBe(413);
    expect((await world.request("GET", "/mcp")).status).toBe(405);
  });
});
