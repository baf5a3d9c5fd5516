// Which server is compared? A whole one in memory, with the clock of the world. It reassigns entries one at a time, which is the slowest way.
import { silentLog } from "../../src/host/log.ts";
import { ADMIN_KEY, openWorld } from "../harness.ts";
import type { Server } from "./through-api.ts";

/** Opens a server without snapshots. `catchUp` derives everything that is due; `rebuild` recomputes everything derived. */
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
