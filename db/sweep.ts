// Which deleted bytes does SQLite leave in the file, although secure_delete is ON? When a page is split or merged, rows go to its neighbor, and
// copies of them stay in the unused middle of the page. secure_delete does not know of these, so the middles are zeroed here.
import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import type { Sqlite } from "./connection.ts";
import { isBusy } from "./unavailable.ts";

/** How much is swept between two other requests. */
const PIECE_BYTES = 4 * 2 ** 20;
/** If another process writes between two pieces, the sweep waits for it. Starting again each time, it would never finish on a large file. */
const WAIT_MS = 10;
const MOST_WAITS = 300;
/** The size of the file header, which comes before the header of page 1 (SQLite file format, 1.3). */
const FILE_HEADER_BYTES = 100;
/** The first byte of each kind of B-tree page, with the size of its header (SQLite file format, 1.6). Overflow and free pages begin with the upper byte of a page number, which is 0. */
const HEADER_BYTES: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };
/** With more pages than this, a page number may begin with another byte than 0. */
const MOST_PAGES = 2 ** 25;
const ZEROS = Buffer.alloc(65_536);

export interface Sweep {
  /**
   * Empties the journal into the file and zeroes what no page uses, piece by piece. Other work comes in between.
   * Resolves to false if a reader keeps the journal from being emptied, or another process keeps writing; then try again.
   * Calls at the same time share their work.
   */
  run(): Promise<boolean>;
  /** Call it after the connection is closed. Before that, closing any descriptor of the file would release SQLite's locks. */
  close(): void;
}

/** Opens a sweep of the file at `path`, which this connection has open. It must be the only one of its process that writes. */
export function openSweep(sqlite: Sqlite, path: string): Sweep {
  let descriptor: number | undefined;
  let running: Promise<boolean> | undefined;
  let next: Promise<boolean> | undefined;

  /** Empties the journal. Returns false if a reader is in the way: waiting for one within SQLite would stop all other requests. */
  function isEmptied(): boolean {
    const busyMs = sqlite.pragma("busy_timeout", { simple: true });
    sqlite.pragma("busy_timeout = 0");
    try {
      return (sqlite.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[])[0]?.busy === 0;
    } finally {
      sqlite.pragma(`busy_timeout = ${busyMs}`);
    }
  }

  /** Keeps writers out. Returns false if one is writing. */
  function isAlone(): boolean {
    try {
      sqlite.exec("BEGIN IMMEDIATE");
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  }

  /** Sweeps the piece at `at` while nobody can write. Returns the position after it, or undefined if the journal is not empty or somebody writes. */
  function sweepPiece(file: number, at: number, pageBytes: number, piece: Buffer): number | undefined {
    if (!isEmptied() || !isAlone()) return undefined;
    let changed = false;
    try {
      if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return undefined;
      const read = readSync(file, piece, 0, piece.length, at);
      for (let page = 0; page + pageBytes <= read; page += pageBytes) {
        const gap = findGap(piece, page, at === 0 && page === 0 ? FILE_HEADER_BYTES : 0, pageBytes);
        if (gap === undefined) continue;
        writeSync(file, ZEROS, 0, gap.end - gap.start, at + gap.start);
        changed = true;
      }
    } finally {
      sqlite.exec("ROLLBACK");
    }
    if (changed) {
      fdatasyncSync(file);
      // Pages in memory still have the old bytes, and would restore them when they are written.
      sqlite.pragma("shrink_memory");
    }
    return at + piece.length;
  }

  async function sweep(): Promise<boolean> {
    descriptor ??= openSync(path, "r+");
    const pageBytes = sqlite.pragma("page_size", { simple: true }) as number;
    const piece = Buffer.alloc(PIECE_BYTES);
    if (!isEmptied()) return false;
    const { size } = fstatSync(descriptor); // pages that are added later contain no deleted rows
    if (size / pageBytes > MOST_PAGES) throw new Error(`A database of more than ${MOST_PAGES} pages cannot be swept.`);
    for (let [at, waits] = [0, 0]; waits <= MOST_WAITS && sqlite.open; ) {
      if (at >= size && isEmptied()) return true; // it also makes other processes read their pages again
      const after = at < size ? sweepPiece(descriptor, at, pageBytes, piece) : undefined;
      waits = after === undefined ? waits + 1 : 0;
      at = after ?? at;
      if (at < size || waits > 0) await new Promise<void>((resume) => setTimeout(resume, waits > 0 ? WAIT_MS : 0));
    }
    return false;
  }

  function run(): Promise<boolean> {
    if (running === undefined) {
      running = sweep().finally(() => {
        running = undefined;
      });
      return running;
    }
    // The running sweep may already have passed the caller's change, so the caller needs the next one.
    next ??= running
      .catch(() => false)
      .then(() => {
        next = undefined;
        return run();
      });
    return next;
  }

  return {
    run,
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** The part of a B-tree page between its pointers to rows and its first row, or undefined if it has only zeros or is no such page. */
function findGap(bytes: Buffer, page: number, offset: number, pageBytes: number): { start: number; end: number } | undefined {
  const header = page + offset;
  const headerBytes = HEADER_BYTES[bytes[header] ?? 0];
  if (headerBytes === undefined) return undefined;
  const start = header + headerBytes + 2 * bytes.readUInt16BE(header + 3);
  const end = page + (bytes.readUInt16BE(header + 5) || 65_536);
  if (start >= end || end > page + pageBytes) return undefined;
  return bytes.subarray(start, end).equals(ZEROS.subarray(0, end - start)) ? undefined : { start, end };
}
