// Where do tests keep files? In new folders, which the preload of the test run removes at the end.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/** Creates an empty folder that is removed at the end of the run. Gives its path. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "regulars-test-"));
  folders.push(folder);
  return folder;
}

/** Gives the path of a database that does not exist yet; its parent folder does not exist either. */
export function newDatabasePath(): string {
  return join(temporaryFolder(), "data", "regulars.db");
}

/** Removes every folder that was created so far. */
export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
