// How does a test have two machines in one process? A primary in memory, and a standby in a file that began with a copy of it.
import { join } from "node:path";
import { fetchCopy, installCopy } from "../../src/app/standby.ts";
import type { RowsPage } from "../../src/feed/routes.ts";
import type { Config } from "../../src/host/config.ts";
import { openApply } from "../../src/standby/apply.ts";
import { openPrimary, type Primary } from "../../src/standby/primary.ts";
import { sale } from "../feed/reading.ts";
import { ADMIN_KEY, openWorld, type World, type WorldOptions } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

export const PRIMARY = "http://primary.local";

export const primaryOf = (world: World): Primary => openPrimary(PRIMARY, ADMIN_KEY, (request) => world.app.handle(request));

export interface Pair {
  readonly primary: World;
  readonly standby: World;
  /** Reads what is new, `limit` changes at a time, until nothing is. Gives how many pages there were. */
  keepUp(limit?: number): Promise<number>;
  close(): Promise<void>;
}

/** Begins a standby of a world. `options` are those of the standby, which has the primary's time. */
export async function openStandbyOf(primary: World, options: WorldOptions = {}): Promise<Pair> {
  const databasePath = join(temporaryFolder(), "standby.db");
  const config: Config = { ...primary.workspace.config, ...options.config, databasePath };
  installCopy(databasePath, await fetchCopy(config, primaryOf(primary), "standby-1", new AbortController().signal));
  const standby = openWorld({ ...options, now: primary.clock.now(), config });
  standby.workspace.database.sqlite.pragma("synchronous = OFF"); // nobody pulls the plug here
  const apply = openApply(standby.workspace);
  return {
    primary,
    standby,
    async keepUp(limit = 1000) {
      standby.clock.set(primary.clock.now());
      for (let pages = 0; ; pages++) {
        const following = standby.workspace.standby.following();
        if (following === undefined) throw new Error("It is no standby.");
        const { body, status, text } = await primary.request<RowsPage>(
          "GET",
          `/changes/rows?after=${following.seq}&limit=${limit}&follower=${following.name}`,
        );
        if (status !== 200) throw new Error(`${status} ${text}`);
        if (body.data.next === following.seq && following.isWhole) return pages;
        standby.workspace.standby.keep(apply(body.data, following).following);
      }
    },
    close: async () => {
      await standby.close();
      await primary.close();
    },
  };
}

/** A primary with one sale, and its standby. */
export async function openPair(config: WorldOptions = {}): Promise<Pair> {
  const primary = openWorld(config);
  await (config.config?.followAck ? undefined : primary.request("POST", "/events", sale("o-1"))); // it would wait for the standby
  return openStandbyOf(primary, { ...config, config: { ...config.config, followAck: false } });
}
