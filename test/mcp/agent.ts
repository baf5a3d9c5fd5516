// An agent for tests: the official client, whose requests go through the app as in production.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { ADMIN_KEY, type World } from "../harness.ts";

export interface TestAgent {
  readonly client: Client;
  /** Calls a tool, whose answer the client checks against its schema. */
  call(name: string, input?: Record<string, unknown>): Promise<CallToolResult>;
}

/** Connects an agent. `query` is that of the URL; `key` its API key. */
export async function openAgent(world: World, { query = "", key = ADMIN_KEY }: { query?: string; key?: string } = {}): Promise<TestAgent> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL(`http://localhost/mcp${query}`), {
    requestInit: { headers: { authorization: `Bearer ${key}`, host: "localhost" } },
    fetch: (url, init) => world.app.handle(new Request(String(url), init)),
  });
  // The SDK's own types of its transport disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  await client.listTools();
  return { client, call: async (name, input = {}) => (await client.callTool({ name, arguments: input })) as CallToolResult };
}

/** The text of an answer. */
export const textOf = ({ content }: CallToolResult): string => content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
