// Is everything that was answered on disk, whenever the server is killed?
import { join } from "node:path";
import { compare } from "./compare.ts";
import { type Drill, Faults } from "./drill.ts";
import { oraclesReports, reportFaults, reportsOf } from "./reports.ts";
import { between, chanceFor } from "./seed.ts";
import { copyStore, openStore } from "./store.ts";
import { startVictim } from "./victim.ts";
import { Answers, CLOCK, Writer } from "./writer.ts";

const WRITERS = 16;
/** After how many kills the reports are compared as well. They are also compared at the end. */
const REPORTS_EVERY = 20;

export const kill9: Drill = {
  name: "kill9",
  promise: "What was answered is on disk, through kill -9",
  rounds: { full: 200, quick: 12 },
  async run({ seed, rounds, folder }) {
    const chance = chanceFor(seed, "kill9");
    const answers = new Answers();
    const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(seed, String(index), answers));
    const database = join(folder, "regulars.db");
    const faults = new Faults();
    const starts: number[] = [];
    let lost = 0;
    let doubled = 0;

    /** Opens a copy, so that the next start finds the files as the kill left them. */
    async function look(withReports: boolean): Promise<unknown[]> {
      const copy = copyStore(database, join(folder, "copy"));
      const found = compare(copy, answers);
      lost += found.lost;
      doubled += found.doubled;
      faults.addAll(found.faults);
      if (!withReports) return [];
      const { asStored, anew } = await reportsOf(copy);
      faults.addAll(reportFaults(anew, asStored, "computed anew, a report differs"));
      return asStored;
    }

    for (let round = 1; round <= rounds; round += 1) {
      const startedAt = performance.now();
      const victim = await startVictim({ folder, env: { CLOCK } });
      starts.push(performance.now() - startedAt);
      const work = Promise.all(writers.map((writer) => writer.run(victim, () => false)));
      await Bun.sleep(between(chance, 20, 320));
      await victim.kill();
      await work;
      await look(round % REPORTS_EVERY === 0);
      if (faults.count > 0) break;
    }

    // A last server answers what is still open, so that both sides know everything.
    const victim = await startVictim({ folder, env: { CLOCK } });
    await Promise.all(writers.map((writer) => writer.settle(victim)));
    faults.unless((await victim.stop()) === 0, "the last server did not end with 0");
    const reports = await look(true);
    faults.addAll(reportFaults(oraclesReports(answers), reports, "the oracle wants another report"));
    faults.addAll(answers.odd.map((odd) => `an odd answer: ${odd}`));
    faults.unless(answers.open.size === 0, `${answers.open.size} requests were never answered`);

    return {
      figures: {
        kills: starts.length,
        requests: answers.requests,
        entries: answers.entries.size,
        customers: answers.names.size,
        erased: answers.erased.size,
        lost,
        doubled,
        "found when one is taken out": control(copyStore(database, join(folder, "control")), answers, faults),
        "slowest start ms": Math.round(Math.max(...starts)),
      },
      faults: faults.list,
    };
  },
};

/** Proves that the comparison can fail: one entry is removed, and one customer is changed. */
function control(path: string, answers: Answers, faults: Faults): number {
  const store = openStore(path);
  store.exec(`PRAGMA foreign_keys = OFF; DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)`);
  store.close();
  const { lost } = compare(path, answers);
  faults.unless(lost === 1, `control: one entry was taken out, ${lost} were missed`);
  return lost;
}
