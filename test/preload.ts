// What happens once around a whole test run? `bunfig.toml` loads this file before the first test file.
import { afterAll } from "bun:test";
import fc from "fast-check";
import { removeTemporaryFolders } from "./temporary-folder.ts";

const LONGEST_MS = 50_000; // less than a test may take

// Each run draws the same cases, so that a commit passes or fails whenever it is tested. FC_SEED draws others, and takes its time.
// To make a failed case smaller can take for ever, and no time limit of a test ends it: it never lets go of the thread.
const { FC_SEED } = process.env;
fc.configureGlobal(
  FC_SEED === undefined ? { seed: 1, interruptAfterTimeLimit: LONGEST_MS, markInterruptAsFailure: true } : { seed: Number(FC_SEED) },
);

afterAll(removeTemporaryFolders);
