// How is a file made that only this user may read? Always anew: neither into a file that is there, nor through a link that somebody put there.
import { closeSync, constants, existsSync, lstatSync, openSync, rmSync, writeFileSync } from "node:fs";
import { Unusable } from "./unusable.ts";

const MODE = 0o600;

/** Is there anything under this name? A link counts, wherever it leads. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Makes a new file, open for writing; gives its descriptor. Throws EEXIST if the name is taken, also by a link to nothing. */
export function openNewFile(path: string): number {
  return openSync(path, "wx", MODE);
}

/** The same in place of what is there. A link is removed, what it leads to stays as it is. */
export function openReplacedFile(path: string): number {
  rmSync(path, { force: true });
  return openNewFile(path);
}

/** Makes a file with this text, unless there is a file. Throws Unusable for a link. */
export function ensureOwnFile(path: string, text = ""): void {
  refuseLink(path);
  if (isTaken(path)) return;
  try {
    const file = openNewFile(path);
    writeFileSync(file, text);
    closeSync(file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error; // another process was faster
  }
}

/** Opens a file for reading and appending; makes it if there is none. Throws EEXIST for a link to nothing. */
export function openAppended(path: string): number {
  return existsSync(path) ? openSync(path, constants.O_RDWR | constants.O_APPEND) : openSync(path, "ax+", MODE);
}

function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Unusable(`${path} is a symbolic link`, "replace it by the file that it leads to, or delete it");
}
