// Is a damaged start reported in one line, without pretending that nothing happened?
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DAMAGED_STARTS, makeDatabase } from "../db/damaged-starts.ts";
import { type Drill, Faults } from "./drill.ts";
import { runCommand } from "./victim.ts";

/** A file's bytes, or what there is instead. */
function look(path: string): string {
  if (!existsSync(path)) return "nothing";
  return statSync(path).isFile() ? Bun.hash(readFileSync(path)).toString() : "no file";
}

export const starts: Drill = {
  name: "starts",
  promise: "A damaged start is said, not papered over",
  rounds: { full: DAMAGED_STARTS.length, quick: 5 },
  async run({ rounds, folder: base }) {
    const faults = new Faults();
    let clear = 0;
    const cases = DAMAGED_STARTS.slice(0, rounds);
    for (const [index, { name, spoil, says }] of cases.entries()) {
      const folder = join(base, String(index));
      mkdirSync(folder);
      const path = join(folder, "data", "regulars.db");
      makeDatabase(path);
      spoil(path);
      const before = look(path);
      const { code, out, err } = await runCommand(["serve"], folder, { DATABASE_PATH: path });
      const isClear = code === 1 && out === "" && says.test(err) && /^[^\n]+: [^\n]+\.\n$/.test(err);
      if (isClear) clear += 1;
      else faults.add(`${name}: exit code ${code}, ${JSON.stringify(out + err)}`);
      faults.unless(look(path) === before, `${name}: the file was changed`);
    }
    // The control: without the damage, the same command line starts.
    const good = join(base, "good");
    mkdirSync(good);
    makeDatabase(join(good, "regulars.db"));
    const { code, err } = await runCommand(["keys", "list"], good);
    faults.unless(code === 0, `control: a good database is refused: ${err}`);
    return { figures: { "damaged starts": cases.length, clear }, faults: faults.list };
  },
};
