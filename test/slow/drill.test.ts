// Are the promises kept that need programs of the system, or more time than a test has? `bun run drill` tries the same much harder.
import { describe, test } from "bun:test";
import { DRILLS } from "../drill/all.ts";
import { keep, missingFor } from "../drill/keep.ts";

/** With NO_SKIP, a drill whose program is missing fails instead of being passed over. */
const NEEDED = process.env.NO_SKIP !== undefined;
/** Run as quick tests already. */
const QUICK = ["kill9", "erasure", "guessing", "sameness", "standby", "fuzz"];

describe("a few rounds of the drill", () => {
  for (const drill of DRILLS.filter(({ name }) => !QUICK.includes(name))) {
    const isRoot = drill.name !== "disk-full" || process.getuid?.() === 0; // it mounts a small disk
    test.skipIf(!NEEDED && (missingFor(drill).length > 0 || !isRoot))(`${drill.name}: ${drill.promise}`, () => keep(drill), 300_000);
  }
});
