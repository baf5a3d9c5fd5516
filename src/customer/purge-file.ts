// How do the last bytes of an erased person leave the database file and its journal, even if the server is killed on the way?
import type { Database } from "../../db/database.ts";
import type { setting } from "../../db/schema.ts";
import { ApiError } from "../value/error.ts";

/** How long a request waits for readers before it answers that the journal still holds what was erased. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 20;
/** The setting that names the customer erased last. It is there as long as the files may hold bytes of somebody erased. */
const PENDING = "erased_last";

export interface FilePurge {
  /** Records that the files have to be purged. To be called in the transaction that erases. */
  schedule(customerId: number): void;
  /**
   * Resolves when no byte of what was erased before is left. Throws SERVICE_UNAVAILABLE if a reader holds the journal for too long;
   * the purge goes on nevertheless.
   */
  purge(customerId: number): Promise<void>;
  /** Finishes a purge that a kill, a power cut or a failure interrupted. */
  resume(): Promise<void>;
}

export function openFilePurge(database: Database): FilePurge {
  const { sqlite } = database;
  const read = sqlite.prepare<[name: string], (typeof setting.$inferSelect)["value"]>(`SELECT value FROM setting WHERE name = ?`).pluck();
  const write = sqlite.prepare(`INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)`);
  const drop = sqlite.prepare(`DELETE FROM setting WHERE name = ? AND value = ?`);

  async function sweepUntilDone(customerId: string): Promise<void> {
    while (sqlite.open) {
      // Whatever is in the way, such as a reader, another process or a full disk, passes.
      if (await database.sweep().catch(() => false)) return void database.write(() => drop.run(PENDING, customerId));
      await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
  }

  async function purge(customerId: string): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), PATIENCE_MS);
    });
    const outcome = await Promise.race([sweepUntilDone(customerId).catch(() => undefined), late]);
    clearTimeout(timer);
    if (outcome === "late")
      throw new ApiError("SERVICE_UNAVAILABLE", "The customer is erased, but a long read keeps the journal: try again soon.", {
        headers: { "Retry-After": "10" },
      });
  }

  return {
    schedule: (customerId) => void write.run(PENDING, String(customerId)),
    purge: (customerId) => purge(String(customerId)),
    async resume() {
      const pending = read.get(PENDING);
      if (pending !== undefined) await purge(pending);
      // After a power cut, a journal that had been emptied may be back.
      else sqlite.pragma("wal_checkpoint(TRUNCATE)");
    },
  };
}
