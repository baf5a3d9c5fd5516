// Which rules keep what one caller does from delaying the others? Each is an edit that a test must notice.
import type { Breakage } from "./breakage.ts";

export const LOAD_BREAKAGES: readonly Breakage[] = [
  {
    section: undefined,
    what: "a backup makes erasures wait until it is done",
    file: "src/ops/backup/back-up-elsewhere.ts",
    find: "if (begun <= MOST_BEGUN_ANEW && database.isSweepHeldUp())",
    replace: "if (begun > 99)",
    tests: ["test/ops/backup/backup.test.ts", "-t", "gives way"],
  },
];
