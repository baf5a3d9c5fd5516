// Where is a file while it is imported over HTTP? Beside the database, for this user only, until the import is done.
import { closeSync, existsSync, readdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { openReplacedFile } from "../../../db/private-file.ts";
import { ApiError, invalid } from "../../value/error.ts";
import { removeTrial } from "./trial.ts";

/** The longest pause between two pieces of a file, and the longest that a whole file may take. */
const MOST_PAUSE_MS = 30_000;
export const MOST_UPLOAD_MS = 3_600_000;

export interface Spool {
  pathOf(id: number): string;
  /** Where an import is tried out. */
  trialOf(id: number): string;
  /** Stores a file. Throws VALIDATION_ERROR for an empty one, or for one that comes too slowly. */
  store(id: number, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  has(id: number): boolean;
  remove(id: number): void;
  /** Removes what former runs left, except the files of these imports. */
  clear(except: readonly number[]): void;
}

/** `pauseMs`: the longest pause; for tests. */
export function openSpool(databasePath: string, pauseMs = MOST_PAUSE_MS): Spool {
  const home = databasePath === ":memory:" ? join(tmpdir(), `regulars-${process.pid}-${crypto.randomUUID()}`) : databasePath;
  const pathOf = (id: number) => `${home}.import-${id}`;
  const trialOf = (id: number) => `${home}.import-${id}.trial`;
  const remove = (id: number) => {
    rmSync(pathOf(id), { force: true });
    removeTrial(trialOf(id));
  };

  return {
    pathOf,
    trialOf,
    has: (id) => existsSync(pathOf(id)),
    remove,
    async store(id, bytes) {
      const file = openReplacedFile(pathOf(id));
      let size = 0;
      const until = performance.now() + MOST_UPLOAD_MS;
      try {
        const chunks = bytes[Symbol.asyncIterator]();
        for (let next = await within(chunks.next(), pauseMs); !next.done; next = await within(chunks.next(), pauseMs)) {
          for (let written = 0; written < next.value.length; ) written += writeSync(file, next.value, written);
          size += next.value.length;
          if (performance.now() > until) throw tooSlow();
        }
      } catch (error) {
        rmSync(pathOf(id), { force: true });
        throw error instanceof ApiError || isDiskError(error) ? error : invalid([{ path: "", message: "was cut off before its end" }]);
      } finally {
        closeSync(file);
      }
      if (size > 0) return;
      rmSync(pathOf(id), { force: true });
      throw invalid([{ path: "", message: "is missing" }], "The body cannot be read: it is missing.");
    },
    clear(except) {
      const folder = dirname(home);
      if (!existsSync(folder)) return;
      for (const name of readdirSync(folder)) {
        const [, id] = name.startsWith(`${basename(home)}.import-`) ? (/\.import-(\d+)/.exec(name.slice(basename(home).length)) ?? []) : [];
        if (id !== undefined && (!except.includes(Number(id)) || name.includes(".trial"))) rmSync(join(folder, name), { force: true });
      }
    },
  };
}

const tooSlow = () => invalid([{ path: "", message: "came too slowly" }], "The body cannot be read: it came too slowly.");
const isDiskError = (error: unknown) => error instanceof Error && "syscall" in error;

/** The result of a promise that must settle in time. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: Timer | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(tooSlow()), milliseconds);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
