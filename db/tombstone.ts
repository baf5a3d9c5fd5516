// Who was erased, so that no backup brings them back? A list beside the database has the history, row number and time, but no names.
import { closeSync, existsSync, fstatSync, fsyncSync, readFileSync, readSync, writeSync } from "node:fs";
import type { Sqlite } from "./connection.ts";
import { historyOf, readLineage } from "./lineage.ts";
import { openAppended } from "./private-file.ts";
import { syncFolderOf } from "./sync.ts";

export interface Tombstone {
  readonly customerId: number;
  readonly erasedAt: number; // milliseconds since 1970 UTC
}

export interface Tombstones {
  /** Records an erasure, which is on disk when this returns. Call it before the erasure is stored. */
  add(tombstone: Tombstone): void;
  /** Records all that are not in the list yet. */
  addAll(tombstones: readonly Tombstone[]): void;
  /** The customers of this database that are erased according to the list. */
  list(): Tombstone[];
}

/** The path of the list of the database at `path`. */
export const tombstonesOf = (path: string) => `${path}.erased`;

/** Opens the list beside the database at `path`; undefined: a list in memory. */
export function openTombstones(sqlite: Sqlite, path: string | undefined): Tombstones {
  const inMemory: string[] = [];
  const currentHistoryOf = (customerId: number) => historyOf(readLineage(sqlite), customerId);
  const toLine = ({ customerId, erasedAt }: Tombstone) => `${currentHistoryOf(customerId)} ${customerId} ${erasedAt}\n`;
  function write(lines: string): void {
    if (path === undefined) inMemory.push(lines);
    else append(tombstonesOf(path), lines);
  }
  const tombstones: Tombstones = {
    add: (tombstone) => write(toLine(tombstone)),
    addAll(all) {
      const known = new Set(tombstones.list().map(({ customerId }) => customerId));
      const missing = all.filter(({ customerId }) => !known.has(customerId));
      if (missing.length > 0) write(missing.map(toLine).join(""));
    },
    list() {
      const text = path === undefined ? inMemory.join("") : existsSync(tombstonesOf(path)) ? readFileSync(tombstonesOf(path), "utf8") : "";
      const lineage = readLineage(sqlite);
      return [...text.matchAll(/^(\S+) (\d+) (\d+)$/gm)]
        .map(([, history, customerId, erasedAt]) => ({ history, customerId: Number(customerId), erasedAt: Number(erasedAt) }))
        .filter(({ history, customerId }) => historyOf(lineage, customerId) === history)
        .map(({ customerId, erasedAt }) => ({ customerId, erasedAt }));
    },
  };
  return tombstones;
}

function append(path: string, lines: string): void {
  const isNew = !existsSync(path);
  const file = openAppended(path);
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(file, last, 0, 1, size - 1);
    // A crash may have cut off the last line. It must not run into this one.
    writeSync(file, size > 0 && last.toString() !== "\n" ? `\n${lines}` : lines);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (isNew) syncFolderOf(path);
}
