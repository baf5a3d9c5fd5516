// Does the server answer? One question over HTTP, for container health checks and scripts.
import { defineCommand } from "citty";
import type { Config } from "../host/config.ts";
import { Failure } from "./failure.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

const PATIENCE_MS = 3000;

/** Where a server with these settings is found from this machine: one that listens everywhere, on the loopback address. */
export function toLocalUrl({ host, port }: Pick<Config, "host" | "port">): string {
  const loopback = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${loopback.includes(":") ? `[${loopback}]` : loopback}:${port}`;
}

/** What `/healthz` says; undefined: nobody answers. */
export async function askHealth(config: Pick<Config, "host" | "port">): Promise<number | undefined> {
  try {
    const response = await fetch(`${toLocalUrl(config)}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "manual" });
    return response.status;
  } catch {
    return undefined;
  }
}

export const healthCommand = defineCommand({
  meta: { name: "health", description: "Ask the server at HOST and PORT whether it is up: exit code 0 if it is, 1 if not" },
  plugins: [strict],
  async run() {
    const config = readSettings();
    if (config.port === 0) throw new Failure("PORT is 0, which is any free port: set PORT to the one that the server printed.", 2);
    const status = await askHealth(config);
    if (status === undefined)
      throw new Failure(`No server answers at ${toLocalUrl(config)}: start it, or set HOST and PORT to where it is.`);
    if (status !== 200) throw new Failure(`The server at ${toLocalUrl(config)} answers ${status}: see its log.`);
    console.log("ok");
  },
});
