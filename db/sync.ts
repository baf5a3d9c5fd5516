// When is a file on the disk for good, also through a power cut? When its bytes are synced, and its name in the folder is.
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Syncs a file's bytes. */
export function syncFile(path: string): void {
  sync(path, "r+");
}

/** Syncs the folder that a file is in: the file's name, made, changed or gone. */
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
