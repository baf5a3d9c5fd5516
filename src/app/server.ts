// How does the app start and stop listening on the network?
import { createApp } from "./app.ts";
import type { Workspace } from "./workspace.ts";

/** How long requests in progress may take when the server stops. */
const GRACE_MS = 4000;
/** How long it may take until a request that has arrived is read. */
const ARRIVED_MS = 100;
/** Bodies over 5 MiB are answered 413 before they are read (and Bun throws away what comes); only absurd ones are cut off by Bun itself. */
const MAX_RECEIVED_BYTES = 2 ** 30;
/** Idle seconds after which a connection is closed. A request may not take as long, so it always gets its answer. */
const IDLE_SECONDS = 60;

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Answers the requests in progress, then closes everything, including the database. Calling it again does nothing. */
  stop(): Promise<void>;
}

/** Starts answering on the configured host and port. Throws an Error that says why it cannot. */
export function serve(workspace: Workspace): RunningServer {
  const { config, log } = workspace;
  const app = createApp(workspace, { connectionOf: (request) => server.requestIP(request)?.address });
  const server: Bun.Server<undefined> = Bun.serve({
    port: config.port,
    hostname: config.host,
    maxRequestBodySize: MAX_RECEIVED_BYTES,
    idleTimeout: IDLE_SECONDS,
    development: false,
    reusePort: false, // with development: false, Bun shares the port with whoever listens there already
    fetch: app.fetch,
    error: () =>
      Response.json({ success: false, error: { code: "INTERNAL_ERROR", message: "Something went wrong on our side." } }, { status: 500 }),
  });
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    const deadline = performance.now() + GRACE_MS;
    // Requests that have arrived but were not read yet are answered normally. Later ones get 503 with `Connection: close`.
    await Bun.sleep(ARRIVED_MS);
    app.close();
    for (
      let quietSince = performance.now();
      performance.now() < deadline && performance.now() < quietSince + ARRIVED_MS;
      await Bun.sleep(5)
    )
      if (server.pendingRequests > 0) quietSince = performance.now();
    await server.stop(true);
    await workspace.close();
    log.info({ message: "stopped" });
    await log.flush();
  }

  return {
    url: server.url.href.replace(/\/$/, ""),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
