// Are migrations complete or absent, whenever the process is killed?
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { MIGRATIONS } from "../../db/migrate.ts";
import { makeDatabase } from "../db/damaged-starts.ts";
import { versionOf } from "../db/next-version.ts";
import { type Drill, Faults } from "./drill.ts";
import { between, chanceFor } from "./seed.ts";
import { integrityOf, openStore } from "./store.ts";
import { spawnLogged } from "./victim.ts";

const CUSTOMERS = 20_000;
const COMMAND = [process.execPath, join(import.meta.dir, "migrating.ts")];

export const migrate: Drill = {
  name: "migrate",
  promise: "Migrations are whole or absent",
  rounds: { full: 60, quick: 5 },
  async run({ seed, rounds, folder: base }) {
    const chance = chanceFor(seed, "migrate");
    const faults = new Faults();
    const figures = { kills: rounds, "left old": 0, "left new": 0, between: 0, "copies kept": 0 };
    const pattern = join(base, "pattern", "regulars.db");
    makeDatabase(pattern, CUSTOMERS);
    const prepare = (name: string) => {
      const folder = join(base, name);
      mkdirSync(folder);
      copyFileSync(pattern, join(folder, "regulars.db"));
      return folder;
    };
    // How long it takes without a kill. Kills come at any moment of this time.
    const startedAt = performance.now();
    const undisturbed = spawnLogged(COMMAND, prepare("whole"), {});
    faults.unless((await undisturbed.exited) === 0, "the migration fails");
    const wholeMs = performance.now() - startedAt;
    for (let round = 1; round <= rounds; round += 1) {
      const folder = prepare(String(round));
      const path = join(folder, "regulars.db");
      const child = spawnLogged(COMMAND, folder, {});
      await Bun.sleep(between(chance, 0, Math.ceil(wholeMs * 1.1)));
      child.kill("SIGKILL");
      await child.exited;
      const store = openStore(path);
      const version = versionOf(store);
      figures[version === "between" ? "between" : version === "old" ? "left old" : "left new"] += 1;
      faults.unless(version !== "between", `killed after ${round}: between the versions`);
      faults.unless(integrityOf(store) === "ok", `killed: ${integrityOf(store)}`);
      const count = store.prepare("SELECT count(*) FROM customer").pluck().get();
      faults.unless(count === CUSTOMERS, `killed: ${count} customers of ${CUSTOMERS}`);
      store.close();
      const kept = `${path}.at-${MIGRATIONS.at(-1)?.name}`;
      if (existsSync(kept)) {
        figures["copies kept"] += 1;
        const copy = openStore(kept);
        faults.unless(versionOf(copy) === "old" && integrityOf(copy) === "ok", "the copy that is kept is not the old version, whole");
        copy.close();
      } else faults.unless(version === "old", "migrated without a copy kept");
      const again = spawnLogged(COMMAND, folder, {});
      faults.unless((await again.exited) === 0, "the next start does not go on");
    }
    return { figures, faults: faults.list };
  },
};
