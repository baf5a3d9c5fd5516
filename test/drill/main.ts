// Does the server keep its promises? `bun run drill [names] [--rounds N] [--seed N] [--quick]` (`--requests N` is the same as `--rounds N`): one line for each, exit code 1 if one is broken.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DRILLS } from "./all.ts";
import type { Drill, Outcome } from "./drill.ts";

const MOST_MINUTES = 20;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    requests: { type: "string" },
    seed: { type: "string" },
    quick: { type: "boolean" },
    keep: { type: "boolean" },
  },
});
/** The size that was asked for, if any. */
const asked = values.rounds ?? values.requests;
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const unknown = positionals.filter((name) => !DRILLS.some((drill) => drill.name === name));
if (unknown.length > 0 || !Number.isSafeInteger(seed) || (asked !== undefined && !(Number(asked) >= 1))) {
  console.error(
    `Usage: bun run drill [names] [--rounds N] [--seed N] [--quick] [--keep]\nDrills: ${DRILLS.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}

/** A drill that hangs must not keep the others from finishing within the hour. */
async function tooLong(): Promise<Outcome> {
  await Bun.sleep(MOST_MINUTES * 60_000);
  return { figures: {}, faults: [`not done after ${MOST_MINUTES} minutes`] };
}

async function runDrill(drill: Drill, folder: string): Promise<Outcome> {
  const missing = Object.entries(drill.needs ?? {}).filter(([program]) => Bun.which(program) === null);
  if (missing.length > 0)
    return { figures: {}, faults: missing.map(([program, name]) => `${program} is missing: apt-get install ${name}`) };
  const rounds = Number(asked ?? (values.quick ? drill.rounds.quick : drill.rounds.full));
  try {
    // Whoever asks for a size knows that it takes its time.
    return await (asked === undefined
      ? Promise.race([drill.run({ seed, rounds, folder }), tooLong()])
      : drill.run({ seed, rounds, folder }));
  } catch (error) {
    return { figures: {}, faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  }
}

console.log(`seed ${seed}`);
const base = mkdtempSync(join(process.env.DRILL_DIR ?? tmpdir(), "regulars-drill-"));
let broken = 0;
for (const drill of DRILLS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const folder = join(base, drill.name);
  mkdirSync(folder);
  const startedAt = performance.now();
  const { figures, faults } = await runDrill(drill, folder);
  const told = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  const seconds = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  console.log(`${faults.length === 0 ? "pass" : "FAIL"}  ${drill.name.padEnd(12)} ${drill.promise}: ${[...told, seconds].join(", ")}`);
  for (const fault of faults) console.log(`        ${fault}`);
  if (faults.length > 0) broken += 1;
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
if (values.keep) console.log(`kept in ${base}`);
else rmSync(base, { recursive: true, force: true });
process.exit(broken > 0 ? 1 : 0);
