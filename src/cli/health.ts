// Does the server answer? One HTTP request, for container health checks and scripts.
import { defineCommand } from "citty";
import type { Config } from "../host/config.ts";
import { Failure } from "./failure.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

const PATIENCE_MS = 3000;

/** The URL of a server with these settings, from this machine. If it listens on all addresses, this is the loopback address. */
export function toLocalUrl({ host, port }: Pick<Config, "host" | "port">): string {
  const loopback = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${loopback.includes(":") ? `[${loopback}]` : loopback}:${port}`;
}

/** The HTTP status of `/healthz`; undefined if no server answers. */
export async function askHealth(config: Pick<Config, "host" | "port">): Promise<number | undefined> {
  try {
    const response = await fetch(`${toLocalUrl(config)}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "manual" });
    return response.status;
  } catch {
    return undefined;
  }
}

export const healthCommand = defineCommand({
  meta: { name: "health", description: "Check that the server at HOST and PORT is up. The exit code is 0 if it is, and 1 if not" },
  plugins: [strict],
  async run() {
    const config = readSettings();
    if (config.port === 0) throw new Failure("PORT is 0, which means any free port: set PORT to the one that the server printed.", 2);
    const status = await askHealth(config);
    if (status === undefined)
      throw new Failure(`No server answers at ${toLocalUrl(config)}: start it, or set HOST and PORT to its address.`);
    if (status !== 200) throw new Failure(`The server at ${toLocalUrl(config)} answers ${status}: read its log.`);
    console.log("ok");
  },
});
