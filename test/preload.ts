// What happens once around a whole test run? `bunfig.toml` loads this file before the first test file.
import { afterAll } from "bun:test";
import fc from "fast-check";
import { removeTemporaryFolders } from "./temporary-folder.ts";

// Each run draws the same cases, so that a commit passes or fails whenever it is tested. FC_SEED draws others.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });

afterAll(removeTemporaryFolders);
