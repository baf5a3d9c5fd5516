// Is an import in bulk there wholly or not at all, whenever it is killed, and does the next one make the same database?
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { connectReader } from "../../db/connection.ts";
import { openWorld, toWire } from "../bench/world.ts";
import { FROM_SOURCE } from "../program.ts";
import { type Drill, Faults } from "./drill.ts";
import { chanceFor } from "./seed.ts";
import { CLOCK } from "./writer.ts";

/** More lines than it takes for an import in bulk. */
const WORLD = openWorld({ name: "drill", customers: 2000, entries: 20_500 });
/** The tables whose rows are made of the file alone. */
const TABLES = ["entry", "claim", "customer", "customer_cell", "cohort_day", "cohort_key_day", "ltv_cell", "revenue_day", "stale"];

/** Imports the file into the database of a folder, and kills it after so many milliseconds. Gives how long it took, and whether it ended by itself. */
async function importFile(folder: string, file: string, killAfterMs?: number): Promise<{ ms: number; isWhole: boolean }> {
  const startedAt = performance.now();
  const env = { PATH: process.env.PATH ?? "", DATABASE_PATH: join(folder, "regulars.db"), CLOCK };
  const child = Bun.spawn([...FROM_SOURCE, "import", file], { cwd: folder, env, stdout: "ignore", stderr: "ignore" });
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const code = await child.exited;
  clearTimeout(timer);
  return { ms: performance.now() - startedAt, isWhole: code === 0 };
}

/** The number of entries of a folder's database, and the hash of all that was made of them. */
function stateOf(folder: string): { entries: number; hash: string } {
  const sqlite = connectReader(join(folder, "regulars.db"));
  try {
    const hasher = new Bun.CryptoHasher("sha256");
    for (const table of TABLES)
      for (const row of sqlite.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).raw().iterate()) hasher.update(JSON.stringify(row));
    const entries = Number(sqlite.prepare("SELECT count(*) FROM entry").pluck().get());
    return { entries, hash: hasher.digest("hex") };
  } finally {
    sqlite.close();
  }
}

export const bulk: Drill = {
  name: "bulk",
  promise: "Import in bulk: all or nothing, and the same when it runs again",
  rounds: { full: 20, quick: 2 },
  async run({ seed, rounds, folder: base }) {
    const chance = chanceFor(seed, "bulk");
    const faults = new Faults();
    const figures = { rounds, entries: WORLD.entries, "kills before the end": 0, "copies left by a kill": 0 };
    const file = join(base, "history.ndjson");
    await Bun.write(file, [...WORLD.facts()].map((fact) => `${JSON.stringify(toWire(fact, WORLD.size.customers))}\n`).join(""));
    const undisturbed = join(base, "undisturbed");
    mkdirSync(undisturbed);
    const { ms } = await importFile(undisturbed, file);
    const wanted = stateOf(undisturbed);
    faults.unless(wanted.entries === WORLD.entries, `undisturbed, it made ${wanted.entries} entries`);
    for (let round = 1; round <= rounds; round += 1) {
      const folder = join(base, String(round));
      mkdirSync(folder);
      const killed = await importFile(folder, file, 200 + chance.pick(Math.ceil(ms)));
      const names = readdirSync(folder);
      const entries = names.includes("regulars.db.made") ? stateOf(folder).entries : 0;
      faults.unless(entries === 0 || entries === WORLD.entries, `round ${round}: killed, it left ${entries} entries`);
      if (!killed.isWhole) figures["kills before the end"] += 1;
      if (names.includes("regulars.db.loading")) figures["copies left by a kill"] += 1;
      const { isWhole } = await importFile(folder, file);
      faults.unless(isWhole, `round ${round}: the next import failed`);
      faults.unless(stateOf(folder).hash === wanted.hash, `round ${round}: the next import made another database`);
      const left = readdirSync(folder).filter((name) => name.includes("loading"));
      faults.unless(left.length === 0, `round ${round}: left are ${left.join(", ")}`);
    }
    return { figures, faults: faults.list };
  },
};
