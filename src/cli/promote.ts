// How does a standby become the primary? The running one is told by a signal; a stopped one is changed in its file.
import { hostname } from "node:os";
import { defineCommand } from "citty";
import { findHolderOf } from "../../db/lock.ts";
import { promoteWorkspace, stateOf } from "../app/standby.ts";
import { assembleWorkspace } from "../app/workspace.ts";
import { silentLog } from "../host/log.ts";
import { Failure } from "./failure.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

/** How long the running standby may take. */
const MOST_MS = 10_000;
const LOOK_MS = 20;

export const promoteCommand = defineCommand({
  meta: {
    name: "promote",
    description:
      "Make the standby at DATABASE_PATH the primary, whether it is running or not. Make sure first that the former primary is stopped",
  },
  plugins: [strict],
  async run() {
    const config = readSettings();
    const path = config.databasePath;
    if (path === ":memory:" || stateOf(path) !== "standby")
      throw new Failure(`The database ${path} is no standby, so nothing was changed.`);
    const holder = findHolderOf(path);
    if (holder === undefined) {
      const workspace = assembleWorkspace(config, { log: silentLog(), alone: true });
      try {
        promoteWorkspace(workspace);
      } finally {
        await workspace.close();
      }
      console.error(`${path} is the primary now. Start it with \`regulars\`.`);
      return;
    }
    if (holder.host !== hostname())
      throw new Failure(`The standby runs on ${holder.host} (process ${holder.pid}): run this command there.`);
    process.kill(holder.pid, "SIGUSR2");
    for (const until = performance.now() + MOST_MS; stateOf(path) === "standby"; await Bun.sleep(LOOK_MS))
      if (performance.now() > until) throw new Failure(`Process ${holder.pid} has not become the primary: its log says why.`);
    console.error(`${path} is the primary now. Process ${holder.pid} goes on and takes writes.`);
  },
});
