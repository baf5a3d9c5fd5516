// How does a test run a drill? Small, in a folder of its own, with a seed that a failure names.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Drill } from "./drill.ts";

/** The programs that a drill needs and this machine lacks. */
export function missingFor({ needs = {} }: Drill): string[] {
  return Object.keys(needs).filter((program) => Bun.which(program) === null);
}

/** Runs a drill; throws in what its promise was not kept. */
export async function keep(drill: Drill, rounds: number = drill.rounds.quick): Promise<void> {
  const folder = mkdtempSync(join(process.env.DRILL_DIR ?? tmpdir(), `regulars-${drill.name}-`));
  const seed = Number(process.env.DRILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
  try {
    const { faults } = await drill.run({ seed, rounds, folder });
    if (faults.length > 0) throw new Error(`bun run drill ${drill.name} --rounds ${rounds} --seed ${seed}:\n${faults.join("\n")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
