// How does a test run a drill? In its small size, in its own folder, with a seed that a failure prints.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Drill } from "./drill.ts";

/** The programs that a drill needs and that are missing here. */
export function missingFor({ needs = {} }: Drill): string[] {
  return Object.keys(needs).filter((program) => Bun.which(program) === null);
}

/** Runs a drill. Throws if its promise was broken, with the faults. */
export async function keep(drill: Drill, rounds: number = drill.rounds.quick): Promise<void> {
  const folder = mkdtempSync(join(process.env.DRILL_DIR ?? tmpdir(), `regulars-${drill.name}-`));
  const seed = Number(process.env.DRILL_SEED ?? 1);
  try {
    const { faults } = await drill.run({ seed, rounds, folder });
    if (faults.length > 0) throw new Error(`bun run drill ${drill.name} --rounds ${rounds} --seed ${seed}:\n${faults.join("\n")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
