// How is a file created that only this user may read? Always as a new file, never through a symbolic link that somebody put in its place.
import { closeSync, constants, existsSync, lstatSync, openSync, rmSync, writeFileSync } from "node:fs";
import { Unusable } from "./unusable.ts";

const MODE = 0o600;

/** Whether anything has this path. A symbolic link counts, even if its target does not exist. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Creates a file and opens it for writing. Gives its descriptor. Throws EEXIST if anything has this path, even a dangling link. */
export function openNewFile(path: string): number {
  return openSync(path, "wx", MODE);
}

/** The same, but replaces what is there. A link is removed, and its target stays as it is. */
export function openReplacedFile(path: string): number {
  rmSync(path, { force: true });
  return openNewFile(path);
}

/** Creates a file with this text, if there is none. Throws Unusable for a symbolic link. */
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

/** Opens a file for reading and appending. Creates it if there is none. Throws EEXIST for a dangling link. */
export function openAppended(path: string): number {
  return existsSync(path) ? openSync(path, constants.O_RDWR | constants.O_APPEND) : openSync(path, "ax+", MODE);
}

function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Unusable(`${path} is a symbolic link`, "replace it by the file that it leads to, or delete it");
}
