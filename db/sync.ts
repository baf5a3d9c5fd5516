// How does a file survive a power cut? Its bytes are synced, and so is the folder that contains its name.
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Syncs a file's bytes. */
export function syncFile(path: string): void {
  sync(path, "r+");
}

/** Syncs the folder of a file, so that its new, changed or removed name is on disk. */
export function syncFolderOf(path: string): void {
  if (process.platform !== "win32") sync(dirname(path), "r"); // Windows opens no folders
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
