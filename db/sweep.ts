// Which bytes of what was deleted does SQLite leave in the file, although secure_delete is ON? When a page is split or merged, copies of the
// rows that moved to its neighbour stay in its unused middle, and secure_delete knows nothing of them. So the middles are zeroed here.
import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import type { Sqlite } from "./connection.ts";
import { isBusy } from "./unavailable.ts";

/** How much is swept between two other requests. */
const PIECE_BYTES = 4 * 2 ** 20;
/** If another writer comes in between two pieces, the sweep waits for it. A sweep that started again each time would never finish on a large file. */
const WAIT_MS = 10;
const MOST_WAITS = 300;
/** Size of the part of the file header before the header of page 1 (SQLite file format, 1.3). */
const FILE_HEADER_BYTES = 100;
/** First bytes of pages of a B-tree, with the size of their headers (SQLite file format, 1.6). Overflow and free pages begin with the upper byte of a page number, so with 0. */
const HEADER_BYTES: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };
/** From this many pages on, the number of a page may begin with another byte. */
const MOST_PAGES = 2 ** 25;
const ZEROS = Buffer.alloc(65_536);

export interface Sweep {
  /**
   * Empties the journal into the file and zeroes what no page uses, piece by piece, other work in between.
   * false: a reader holds the journal, or another process wrote; try again. Calls at the same time share their work.
   */
  run(): Promise<boolean>;
  /** Call it after the connection is closed. Before that, closing any descriptor of the file would release SQLite's locks. */
  close(): void;
}

/** A sweep of the file that this connection, the only one of its process that writes, has open. */
export function openSweep(sqlite: Sqlite, path: string): Sweep {
  let descriptor: number | undefined;
  let running: Promise<boolean> | undefined;
  let next: Promise<boolean> | undefined;

  /** Without waiting for readers: that would stop all other requests, as the wait is SQLite's own. */
  function isEmptied(): boolean {
    const patience = sqlite.pragma("busy_timeout", { simple: true });
    sqlite.pragma("busy_timeout = 0");
    try {
      return (sqlite.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[])[0]?.busy === 0;
    } finally {
      sqlite.pragma(`busy_timeout = ${patience}`);
    }
  }

  /** Keeps writers out; false: one is in. */
  function isAlone(): boolean {
    try {
      sqlite.exec("BEGIN IMMEDIATE");
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  }

  /** Sweeps one piece while nobody can write; the position after it, undefined if the journal is not empty or somebody writes. */
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
      // Pages in memory still have what was zeroed, and would bring it back when they are written.
      sqlite.pragma("shrink_memory");
    }
    return at + piece.length;
  }

  async function sweep(): Promise<boolean> {
    descriptor ??= openSync(path, "r+");
    const pageBytes = sqlite.pragma("page_size", { simple: true }) as number;
    const piece = Buffer.alloc(PIECE_BYTES);
    if (!isEmptied()) return false;
    const { size } = fstatSync(descriptor); // later pages are made of what is left
    if (size / pageBytes > MOST_PAGES) throw new Error(`A database of more than ${MOST_PAGES} pages cannot be swept.`);
    for (let [at, waits] = [0, 0]; waits <= MOST_WAITS && sqlite.open; ) {
      if (at >= size && isEmptied()) return true; // which also has other processes read their pages anew
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

/** The part of a page between its pointers to rows and its first row, if it is a page of a B-tree and there is anything in it. */
function findGap(bytes: Buffer, page: number, offset: number, pageBytes: number): { start: number; end: number } | undefined {
  const header = page + offset;
  const headerBytes = HEADER_BYTES[bytes[header] ?? 0];
  if (headerBytes === undefined) return undefined;
  const start = header + headerBytes + 2 * bytes.readUInt16BE(header + 3);
  const end = page + (bytes.readUInt16BE(header + 5) || 65_536);
  if (start >= end || end > page + pageBytes) return undefined;
  return bytes.subarray(start, end).equals(ZEROS.subarray(0, end - start)) ? undefined : { start, end };
}
