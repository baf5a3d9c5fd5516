// How does a standby start, begin anew, become the primary, and stop?
import { randomBytes } from "node:crypto";
import { defineCommand } from "citty";
import { type Copy, fetchCopy, finishPromotion, installCopy, moveTo, promoteWorkspace, removeBegun, stateOf } from "../app/standby.ts";
import { openWorkspace, type Workspace } from "../app/workspace.ts";
import type { Config } from "../host/config.ts";
import { type Ended, follow } from "../standby/follow.ts";
import { openPrimary, type Primary, toPrimaryUrl } from "../standby/primary.ts";
import { Failure } from "./failure.ts";
import { exitAfterFailedSync, greeting, listen, MOST_WAIT_MS, stopSignal } from "./serve.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

/** The pause before another try to get a copy. */
const RETRY_MS = 5000;

export const followCommand = defineCommand({
  meta: {
    name: "follow",
    description:
      "Start a standby of another server: a second database, a moment behind, which answers reads. `regulars promote` makes it the primary. Ctrl-C stops it",
  },
  args: {
    primary: { type: "positional", description: "The address of the primary, such as https://stats.example.com", required: true },
    key: { type: "string", description: "A key of the primary with the scope backup:read; or set FOLLOW_KEY" },
    discard: { type: "boolean", description: "Delete the database that is there, and begin anew with a copy of the primary" },
  },
  plugins: [strict],
  async run({ args }) {
    const config: Config = { ...readSettings(), followAck: false };
    const primary = toPrimary(args.primary, args.key ?? process.env.FOLLOW_KEY);
    await ensureStandby(config, primary, args.discard === true);
    const asked = { stop: stopSignal(), promotion: promotionSignal() };
    for (let isDone = false; !isDone; ) isDone = await runStandby(config, primary, asked);
  },
});

interface Asked {
  readonly stop: Promise<void>;
  readonly promotion: Promise<"promote">;
}

function toPrimary(address: string, key: string | undefined): Primary {
  if (!key) throw new Failure("The key is missing: give --key, or set FOLLOW_KEY to a key of the primary with the scope backup:read.", 2);
  try {
    return openPrimary(toPrimaryUrl(address), key);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}

const newName = () => `standby-${randomBytes(4).toString("hex")}`;

/** Gets a copy of the primary, unless the database is a standby already. Throws a Failure, and leaves the file, if it is a database of its own. */
async function ensureStandby(config: Config, primary: Primary, discards: boolean): Promise<void> {
  const path = config.databasePath;
  if (path === ":memory:") throw new Failure("DATABASE_PATH is :memory:, and a standby needs a file.", 2);
  const state = stateOf(path);
  if (state === "standby" && !discards) return removeBegun(path);
  if (state === "own" && !discards)
    throw new Failure(
      `The database ${path} is no standby and may have what ${primary.url} has not, so it was left as it is: set DATABASE_PATH to a new file, or give --discard to delete it and begin anew.`,
    );
  let copy: Copy;
  try {
    copy = await fetchCopy(config, primary, newName(), new AbortController().signal);
  } catch (error) {
    throw new Failure(`${primary.url} gave no copy of its database: ${error instanceof Error ? error.message : "unknown"}`);
  }
  installCopy(path, copy);
}

/** Resolves at SIGUSR2. */
function promotionSignal(): Promise<"promote"> {
  return new Promise((resolve) => process.on("SIGUSR2", () => resolve("promote")));
}

/** Gets another copy, however long the primary is away. Undefined: it was told to stop. */
async function fetchAnew({ config, log }: Workspace, primary: Primary, signal: AbortSignal): Promise<Copy | undefined> {
  while (!signal.aborted)
    try {
      return await fetchCopy(config, primary, newName(), signal);
    } catch (error) {
      if (signal.aborted) break;
      log.warn({ message: "the primary gave no copy of its database", error: error instanceof Error ? error.message : "unknown" });
      await Bun.sleep(RETRY_MS);
    }
  return undefined;
}

/** Serves and follows until it is stopped, as the primary if it is promoted meanwhile. Gives false if it has to be opened again, with a new copy. */
async function runStandby(config: Config, primary: Primary, { stop, promotion }: Asked): Promise<boolean> {
  const workspace = await openWorkspace(config, { alone: true, derives: "soon" });
  const { database, standby, log } = workspace;
  const before = standby.following();
  if (before !== undefined && before.primary !== primary.url) moveTo(workspace, before, primary.url);
  const server = listen(workspace);
  database.waitAtMost(MOST_WAIT_MS);
  console.log(greeting(config, server, undefined));
  workspace.backups.start();
  workspace.shipping?.start(); // once it is promoted
  const ending = new AbortController();
  const isStopped = stop.then(() => "stop" as const);
  const failedSync = database.failedSync.then(exitAfterFailedSync);
  const followed = follow({ context: workspace, standby, primary, signal: ending.signal });

  async function beginAnew(ended: Ended): Promise<Copy | undefined> {
    if (ended.why !== "begin anew") return undefined;
    log.warn({ message: "this standby begins anew with a copy of the primary", because: ended.because });
    return fetchAnew(workspace, primary, ending.signal);
  }

  try {
    const renewed = followed.then(beginAnew);
    const first = await Promise.race([isStopped, promotion, renewed, failedSync]);
    ending.abort();
    if (typeof first === "object") {
      await server.stop();
      installCopy(config.databasePath, first);
      return false;
    }
    await renewed;
    if (first === "promote") {
      promoteWorkspace(workspace);
      void finishPromotion(workspace);
      await Promise.race([isStopped, failedSync]);
    }
    await server.stop();
    return true;
  } catch (error) {
    ending.abort();
    await server.stop();
    throw error;
  }
}
