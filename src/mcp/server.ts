// How does an agent ask? Over the Model Context Protocol, whose server is the official SDK's. Each tool calls its endpoint.
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, type CallToolResult, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Key } from "../access/keyring.ts";
import { VERSION } from "../host/version.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { invoke } from "../http/invoke.ts";
import { withoutPersonal } from "../http/without-personal.ts";
import { ApiError } from "../value/error.ts";
import { readingNote } from "./reading-note.ts";
import { answerSchema, pathParameters, type Tool, toolsOf } from "./tool.ts";

export interface AgentOptions {
  /** Every endpoint of the API; those with a tool are offered. */
  readonly endpoints: readonly Endpoint[];
  readonly revenueTracking: boolean;
  /** The workspace's currency and time zone, and its clock in milliseconds. */
  readonly currency: string;
  readonly timezone: string;
  readonly now: () => number;
}

/** Who asks, and whether names and emails are in the answers. */
export interface Agent {
  readonly key: Key;
  readonly seesPeople: boolean;
}

const INSTRUCTIONS =
  "Read-only analytics of a business: who its customers are, where those who pay come from, and what they become worth. Figures follow fixed definitions; pass explain=true to a report to see its rules. Each answer says its range, currency and time zone, and what in it is unfinished: never quote an unfinished month as a whole one.";

/** An error of the contract as the agent reads it: the code, what is wrong, and each bad field. */
function toErrorResult(error: ApiError): CallToolResult {
  const details = (error.details ?? []).map(({ path, message }) => `${path} ${message}`.trim());
  return { isError: true, content: [{ type: "text", text: [`${error.code}: ${error.message}`, details.join("; ")].join(" ").trim() }] };
}

async function callTool(
  tool: Tool,
  input: Readonly<Record<string, unknown>>,
  agent: Agent,
  options: AgentOptions,
): Promise<CallToolResult> {
  const inPath = pathParameters(tool.endpoint.path);
  const params = Object.fromEntries(inPath.map((name) => [name, String(input[name] ?? "")]));
  const query = Object.fromEntries(Object.entries(input).filter(([name, value]) => !inPath.includes(name) && value !== null));
  const { body, headers = {} } = await invoke(tool.endpoint, { params, query, key: agent.key }, options);
  const shown = agent.seesPeople ? body : withoutPersonal(answerSchema(tool.endpoint), body);
  const { currency, timezone, now } = options;
  const behind = Object.entries(headers).find(([name]) => name.toLowerCase() === "x-behind")?.[1];
  const note = readingNote(shown, behind, { currency, timezone, now: now() });
  return {
    structuredContent: shown as Record<string, unknown>,
    content: [
      { type: "text", text: note },
      { type: "text", text: JSON.stringify(shown) },
    ],
  };
}

/** Makes a server for one agent. Connect it to a transport. */
export function openAgentServer(agent: Agent, options: AgentOptions): Server {
  const tools = new Map(toolsOf(options.endpoints, agent.key).map((tool) => [tool.name, tool]));
  const server = new Server(
    { name: "regulars", title: "regulars", version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [...tools.values()].map(({ name, endpoint, description, inputSchema, outputSchema }) => ({
      name,
      title: endpoint.summary,
      description,
      inputSchema,
      outputSchema,
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: input = {} } }) => {
    const tool = tools.get(name);
    if (!tool) return toErrorResult(new ApiError("NOT_FOUND", `There is no tool ${name}, or the key lacks its scope.`));
    try {
      return await callTool(tool, input, agent, options);
    } catch (error) {
      if (error instanceof ApiError) return toErrorResult(error);
      throw error;
    }
  });
  return server;
}
