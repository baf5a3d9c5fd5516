// How does an agent on this machine ask, without a server and a key? Over standard input and output.
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { defineCommand } from "citty";
import { SCOPES } from "../access/keyring.ts";
import { createApp, toAgentOptions } from "../app/app.ts";
import { openAgentServer } from "../mcp/server.ts";
import { strict } from "./strict.ts";
import { withWorkspace } from "./workspace.ts";

export const mcpCommand = defineCommand({
  meta: {
    name: "mcp",
    description:
      "Answer an agent on this machine over standard input and output (MCP). It reads the database at DATABASE_PATH, and works beside a server",
  },
  args: { pii: { type: "boolean", description: "Show names, emails and everything else that says who somebody is", default: false } },
  plugins: [strict],
  run: ({ args }) =>
    withWorkspace(async (workspace) => {
      const app = createApp(workspace);
      const key = { id: "mcp", scopes: new Set<string>(SCOPES) };
      const server = openAgentServer({ key, seesPeople: args.pii }, toAgentOptions(workspace, app.endpoints));
      const closed = new Promise<void>((resolve) => {
        server.onclose = resolve;
        process.stdin.once("end", resolve).once("close", resolve);
        process.once("SIGINT", resolve).once("SIGTERM", resolve);
      });
      await server.connect(new StdioServerTransport());
      await closed;
      await server.close();
      app.close();
    }),
});
