// Where do the tests of storage keep their files? In a folder of their own, gone afterwards.
import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** The path of a database that is not there yet, in a folder of its own that is. */
export function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "regulars-db-"));
  made.push(folder);
  return join(folder, "data", "regulars.db");
}

/** To be called once in each file of tests. */
export function cleanUp(): void {
  afterAll(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}
