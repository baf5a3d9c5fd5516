// POST /mcp: agents ask over the Model Context Protocol (streamable HTTP, without sessions).
import { Type } from "@sinclair/typebox";
import { type Asked, type Endpoint, endpoint } from "../http/endpoint.ts";
import { Flag } from "../http/wire.ts";
import { ApiError, invalid } from "../value/error.ts";
import { requireOwnHost } from "./host.ts";
import type { AgentOptions } from "./server.ts";

export interface AgentEndpointOptions extends AgentOptions {
  /** Host names besides loopback under which agents reach the server. */
  readonly hosts: readonly string[];
}

const MAX_BYTES = 64 * 1024;
/** The headers that the transport reads. */
const READ = ["accept", "content-type", "mcp-protocol-version"];
const URL_OF_REQUEST = "http://localhost/mcp"; // only its path is looked at

function headersOf(asked: Asked): Headers {
  const sent = READ.map((name): [string, string | null] => [name, asked.header(name)]);
  return new Headers(sent.filter((pair): pair is [string, string] => pair[1] !== null));
}

/** What the transport says of a request that it does not take, as an error of the contract. */
async function toAnswer(response: Response): Promise<Response> {
  if (response.ok) return response;
  const { error } = (await response.json()) as { error?: { message?: string } };
  const message = error?.message ?? "The request is not one of the Model Context Protocol.";
  if (response.status === 415) throw new ApiError("UNSUPPORTED_MEDIA_TYPE", message);
  if (response.status === 413) throw new ApiError("PAYLOAD_TOO_LARGE", message);
  throw invalid([{ path: response.status === 406 ? "Accept" : "", message }], message);
}

/**
 * The endpoint of agents. Its tools are the reports, lists and customers that the key may read. Answers leave out names, emails and everything
 * else that says who somebody is, unless `pii=true`, which needs the scope `links:read`. `Host` and `Origin` must name this server. The SDK is loaded with the first request,
 * so that a server without agents starts as fast as before.
 */
export function agentEndpoints(options: AgentEndpointOptions): Endpoint[] {
  return [
    endpoint({
      method: "POST",
      path: "/mcp",
      admission: "key",
      hidden: true, // its own protocol describes it: tools/list
      tag: "Agents",
      summary: "Ask as an agent (MCP)",
      query: Type.Object({
        pii: Type.Optional(Flag({ default: false, description: "Show names, emails, ids of yours, addresses of pages and metadata." })),
      }),
      body: "bytes",
      maxBytes: MAX_BYTES,
      answers: { 200: Type.Unknown(), 202: Type.Unknown() },
      worksWhenFull: true,
      onlyReads: true,
      async handle({ query: { pii = false }, body, key, asked }) {
        if (!key) throw new ApiError("FORBIDDEN", "Agents ask with a key, or with regulars mcp.");
        requireOwnHost(asked, options.hosts);
        if (pii && !key.scopes.has("links:read"))
          throw new ApiError("FORBIDDEN", "The API key lacks the scope links:read, which pii=true needs.");
        const [{ openAgentServer }, { WebStandardStreamableHTTPServerTransport }] = await Promise.all([
          import("./server.ts"),
          import("@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"),
        ]);
        const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true, maxRequestBodySize: MAX_BYTES });
        const server = openAgentServer({ key, seesPeople: pii }, options);
        try {
          await server.connect(transport);
          return await toAnswer(
            await transport.handleRequest(new Request(URL_OF_REQUEST, { method: "POST", headers: headersOf(asked), body })),
          );
        } finally {
          void server.close();
        }
      },
    }),
  ];
}
