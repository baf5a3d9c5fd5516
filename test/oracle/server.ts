// Which server is compared? A whole one in memory, with the clock of the world. It reassigns entries one at a time, which is the slowest way.
import { ENTRY_TYPES, type EntryType } from "../../db/schema.ts";
import type { Workspace } from "../../src/app/workspace.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openStatuses } from "../../src/intake/status.ts";
import { openWorkspaceLines } from "../../src/intake/workspace-line.ts";
import type { SaidStatus } from "../../src/ledger/status.ts";
import { ADMIN_KEY, openWorld, type WorldOptions } from "../harness.ts";
import type { Outcome } from "./operation.ts";
import type { Server } from "./through-api.ts";

/** The conversion or refund that a status is said of. */
interface Subject {
  readonly type: EntryType;
  readonly key: string;
}

/** Opens a server without snapshots. `say` says a status as the adapter of a provider does, before its entry or after. `catchUp` derives everything that is due; `rebuild` recomputes everything derived. */
export function openServer(
  settings: { timezone: string; currency: string; attributionWindowDays: number; now: number },
  more: Pick<WorldOptions, "config" | "openShipping"> = {},
): Server &
  Disposable & {
    readonly workspace: Workspace;
    rebuild(): Promise<void>;
    catchUp(): Promise<void>;
    say(subject: Subject, status: string, at: number): void;
  } {
  const { now, ...config } = settings;
  const errors: unknown[] = [];
  const log = { ...silentLog(), error: (fields: object) => void errors.push(fields) };
  const {
    app,
    clock,
    close,
    workspace: context,
  } = openWorld({ ...more, config: { ...config, snapshotTtl: 0, ...more.config }, now, log, checkAnswers: false, reassignAtOnce: 1 });
  const statuses = openStatuses(context);
  const lines = openWorkspaceLines(context, openEvents(context));
  let requests = 0;
  return {
    workspace: context,
    key: ADMIN_KEY,
    async handle(request) {
      const again = request.clone() as Request; // bun-types gives undici's
      if (++requests % 5 === 0) context.ledger.credit.fold(); // answers are the same whether figures are in the totals or only noted
      let response = await app.handle(request);
      if (response.status === 503 || response.headers.has("x-behind")) {
        await context.ledger.catchUp(); // entries were changing hands, or a busy machine answered before all was derived
        response = await app.handle(again);
      }
      if (response.status >= 500) console.error(request.method, request.url, ...errors.splice(0));
      return response;
    },
    setNow: clock.set,
    recordTotal(sent) {
      const [result] = lines.many([{ ...sent, accepted: true }]);
      if (!result) throw new Error("no result");
      return "error" in result ? (result.error.code as Outcome) : result.duplicate ? "duplicate" : "accepted";
    },
    catchUp: () => context.ledger.catchUp(),
    say: ({ type, key }, status, at) =>
      void context.ledger.write(() => statuses.say({ type: ENTRY_TYPES.indexOf(type), key }, status as SaidStatus, at)),
    rebuild: () => context.ledger.rebuild(),
    [Symbol.dispose]: close,
  };
}
