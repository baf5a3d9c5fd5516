// When can nothing of an erased person be read from the database's files any more, even if the server is killed on the way?
import type { Database } from "../../db/database.ts";
import { ApiError } from "../value/error.ts";

/** How long the answer waits for readers before it says that the journal still holds what was erased. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 20;
/** The setting that notes who was erased last, while bytes of somebody may be in the files. */
const NOTE = "erased_last";

export interface Clearing {
  /** Notes, in the transaction that erases, that the files are to be cleared. */
  note(customerId: number): void;
  /**
   * Resolves when no byte of what was erased before is left. Throws SERVICE_UNAVAILABLE when somebody holds the journal for too long;
   * the work goes on nevertheless.
   */
  clear(customerId: number): Promise<void>;
  /** Ends what a kill, a power cut or a failure left undone. */
  resume(): Promise<void>;
}

export function openClearing(database: Database): Clearing {
  const { sqlite } = database;
  const read = sqlite.prepare(`SELECT value FROM setting WHERE name = ?`).pluck();
  const write = sqlite.prepare(`INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)`);
  const drop = sqlite.prepare(`DELETE FROM setting WHERE name = ? AND value = ?`);

  async function untilSwept(note: string): Promise<void> {
    while (sqlite.open) {
      // Whatever is in the way, a reader, another process or a full disk, passes.
      if (await database.sweep().catch(() => false)) return void database.write(() => drop.run(NOTE, note));
      await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
  }

  async function clear(note: string): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), PATIENCE_MS);
    });
    const outcome = await Promise.race([untilSwept(note).catch(() => undefined), late]);
    clearTimeout(timer);
    if (outcome === "late")
      throw new ApiError("SERVICE_UNAVAILABLE", "The customer is erased, but a long read keeps the journal: try again soon.", {
        headers: { "Retry-After": "10" },
      });
  }

  return {
    note: (customerId) => void write.run(NOTE, String(customerId)),
    clear: (customerId) => clear(String(customerId)),
    async resume() {
      const note = read.get(NOTE) as string | undefined;
      if (note !== undefined) await clear(note);
      // The journal of a machine that lost its power may be one that was emptied already.
      else sqlite.pragma("wal_checkpoint(TRUNCATE)");
    },
  };
}
