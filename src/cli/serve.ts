// How does the server start, what does it print, and how does it stop?
import { resolve } from "node:path";
import { defineCommand } from "citty";
import { ensureKey } from "../access/api-key.ts";
import { type RunningServer, serve } from "../app/server.ts";
import { openWorkspace, type Workspace } from "../app/workspace.ts";
import type { Config } from "../host/config.ts";
import { VERSION } from "../host/version.ts";
import { Failure } from "./failure.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

/** How long a request waits for a write of another process before it is retried later. All other requests wait meanwhile. */
export const MOST_WAIT_MS = 3;

export const serveCommand = defineCommand({
  meta: { name: "serve", description: "Start the server. This is the default command. Ctrl-C stops the server" },
  plugins: [strict],
  async run() {
    const config = readSettings();
    const workspace = await openWorkspace(config, { alone: true, derives: "soon", writes: true });
    const stop = stopSignal(); // before the greeting says that the server is running
    const server = listen(workspace);
    const firstKey = ensureKey(workspace, config.adminKey);
    workspace.database.waitAtMost(MOST_WAIT_MS);
    console.log(greeting(config, server, firstKey));
    workspace.imports.resume();
    workspace.backups.start();
    workspace.shipping?.start();
    const failure = await Promise.race([stop, workspace.database.failedSync]);
    if (failure) exitAfterFailedSync();
    await server.stop();
  },
});

/** Starts listening. Throws a Failure with a remedy if the port or the address is not available. */
export function listen(workspace: Workspace): RunningServer {
  const { host, port } = workspace.config;
  try {
    return serve(workspace);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE") throw new Failure(`Port ${port} is in use: stop the other program, or set PORT to another one.`);
    if (code === "EACCES") throw new Failure(`This user may not listen on port ${port}: set PORT to 1024 or higher.`);
    throw new Failure(`The server cannot listen at ${host}: set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses of this machine.`);
  }
}

/** What is printed at the start. */
export function greeting({ databasePath, basePath = "", dashboard }: Config, { url }: RunningServer, firstKey: string | undefined): string {
  // A server that listens on all addresses is reached at the loopback address.
  const base = url.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]") + basePath;
  const lines = [
    `regulars ${VERSION}`,
    `  Data  ${databasePath === ":memory:" ? "in memory: lost when the server stops" : resolve(databasePath)}`,
  ];
  // The key is behind the #, so no browser sends it in the URL, and the page takes it out of the address.
  if (dashboard) lines.push(`  Open  ${base}/${firstKey ? `#key=${encodeURIComponent(firstKey)}` : ""}`);
  lines.push(`  Docs  ${base}/docs`);
  if (firstKey) lines.push(`  Key   ${firstKey}`, "        This key has every scope. It is shown only once: save it.");
  lines.push(
    "  Try   " +
      `curl -X POST ${base}/events -H 'Authorization: Bearer ${firstKey ?? "<key>"}' -H 'Content-Type: application/json' ` +
      `-d '{"type":"sale","orderId":"ORD-1","externalId":"user_42","value":99.99}'`,
    "  Ctrl-C stops the server.",
  );
  return lines.join("\n");
}

/** Ends at once: what is on the disk is unknown until the next start. */
export function exitAfterFailedSync(): never {
  console.error("The disk failed to save a write, so the server has stopped. Check the disk, then start the server again.");
  process.exit(1);
}

/** A second signal within this time is the same Ctrl-C: the terminal sends it to this process and to a script runner, which passes it on. */
const ECHO_MS = 1000;

/** Resolves at the first SIGINT or SIGTERM. A later one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((done) => {
    let firstAt: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => {
        firstAt ??= performance.now();
        if (performance.now() - firstAt > ECHO_MS) process.exit(130);
        done();
      });
  });
}
