// What happens once around a whole test run? `bunfig.toml` loads this file before the first test file.
import { afterAll } from "bun:test";
import fc from "fast-check";
import { removeTemporaryFolders } from "./temporary-folder.ts";

// fast-check prints the seed of a failed property. FC_SEED=<that seed> draws the same cases again.
const { FC_SEED } = process.env;
if (FC_SEED !== undefined) fc.configureGlobal({ seed: Number(FC_SEED) });

afterAll(removeTemporaryFolders);
