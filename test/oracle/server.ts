// Which server is asked? A whole one in memory, its clock set by the world that is told. Entries change hands one by one, the slowest way.
import { silentLog } from "../../src/host/log.ts";
import { ADMIN_KEY, openWorld } from "../harness.ts";
import type { Server } from "./through-api.ts";

/** Opens a server with snapshots switched off; `catchUp` derives what is due with all patience, `rebuild` throws everything derived away and computes it anew. */
export function openServer(settings: {
  timezone: string;
  currency: string;
  attributionWindowDays: number;
  now: number;
}): Server & Disposable & { rebuild(): Promise<void>; catchUp(): Promise<void> } {
  const { now, ...config } = settings;
  const errors: unknown[] = [];
  const log = { ...silentLog(), error: (fields: object) => void errors.push(fields) };
  const {
    app,
    clock,
    close,
    workspace: context,
  } = openWorld({ config: { ...config, snapshotTtl: 0 }, now, log, checkAnswers: false, reassignAtOnce: 1 });
  return {
    key: ADMIN_KEY,
    async handle(request) {
      const again = request.clone() as Request; // bun-types gives undici's
      let response = await app.handle(request);
      if (response.status === 503) {
        await context.ledger.catchUp(); // entries were changing hands
        response = await app.handle(again);
      }
      if (response.status >= 500) console.error(request.method, request.url, ...errors.splice(0));
      return response;
    },
    setNow: clock.set,
    catchUp: () => context.ledger.catchUp(),
    rebuild: () => context.ledger.rebuild(),
    [Symbol.dispose]: close,
  };
}
