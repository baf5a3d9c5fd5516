// How does the server start and stop?
import { createApp } from "./app.ts";
import type { Workspace } from "./workspace.ts";

/** How long the server waits for requests in progress when it stops. */
const GRACE_MS = 4000;
/** How long it may take until a request that has arrived is read, and how long none may be in progress before the server stops. */
const ARRIVED_MS = 100;
/** The app answers 413 to bodies over 5 MiB without reading them. Beyond this much larger limit, Bun itself cuts the connection. */
const MAX_RECEIVED_BYTES = 2 ** 30;
/** After this many idle seconds, Bun closes a connection. It is longer than the deadline of a request, so every request gets its answer. */
const IDLE_SECONDS = 60;

const BACKUP = /\/backup(?:\?|$)/;

export interface RunningServer {
  /** The URL, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Answers the requests in progress, then closes everything, including the database. Calling it again does nothing. */
  stop(): Promise<void>;
}

/** Starts to listen on the configured host and port. Throws an Error if it cannot, for example because the port is taken. */
export function serve(workspace: Workspace): RunningServer {
  const { config, log } = workspace;
  const app = createApp(workspace, { connectionOf: (request) => server.requestIP(request)?.address });
  const server: Bun.Server<undefined> = Bun.serve({
    port: config.port,
    hostname: config.host,
    maxRequestBodySize: MAX_RECEIVED_BYTES,
    idleTimeout: IDLE_SECONDS,
    development: false,
    reusePort: false, // otherwise, Bun shares the port with another server that listens there
    fetch(request) {
      if (BACKUP.test(request.url)) server.timeout(request, 0); // a copy of a large database is long in the making
      return app.fetch(request);
    },
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
