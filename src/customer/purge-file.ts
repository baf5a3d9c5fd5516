// How do the last bytes of an erased person leave the database file and its journal, even if the server is killed meanwhile?
import type { Database } from "../../db/database.ts";
import type { setting } from "../../db/schema.ts";
import { ApiError } from "../value/error.ts";

/** How long a request waits for readers of the journal before it answers 503. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 20;
/** The setting with the id of the customer erased last. It exists as long as the files may contain erased bytes. */
const PENDING = "erased_last";

export interface FilePurge {
  /** Records that the files must be purged. To be called in the transaction of the erasure. */
  schedule(customerId: number): void;
  /**
   * Resolves when no erased byte is left. Throws SERVICE_UNAVAILABLE if that takes too long; the purge continues in the background.
   */
  purge(customerId: number): Promise<void>;
  /** Finishes a purge that a kill, a power cut or a failure interrupted. If it takes too long, it continues in the background. */
  resume(): Promise<void>;
}

/** `finish` removes from the tables whatever is left of the erased. */
export function openFilePurge(database: Database, finish: () => Promise<void>): FilePurge {
  const { sqlite } = database;
  const read = sqlite.prepare<[name: string], (typeof setting.$inferSelect)["value"]>(`SELECT value FROM setting WHERE name = ?`).pluck();
  const write = sqlite.prepare(`INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)`);
  const drop = sqlite.prepare(`DELETE FROM setting WHERE name = ? AND value = ?`);

  async function sweepUntilDone(customerId: string): Promise<void> {
    while (sqlite.open) {
      // Every obstacle is temporary: a reader, another process, a full disk.
      const isDone = await finish()
        .then(() => database.sweep())
        .catch(() => false);
      if (isDone) return void database.write(() => drop.run(PENDING, customerId));
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
      throw new ApiError(
        "SERVICE_UNAVAILABLE",
        "The customer is erased, but not every copy of their data yet: very many entries or a long read take their time, and the rest follows by itself.",
        { headers: { "Retry-After": "10" } },
      );
  }

  return {
    schedule: (customerId) => void write.run(PENDING, String(customerId)),
    purge: (customerId) => purge(String(customerId)),
    async resume() {
      const pending = read.get(PENDING);
      if (pending !== undefined) await purge(pending).catch(() => undefined);
      // A power cut can bring back a journal that was already emptied.
      else sqlite.pragma("wal_checkpoint(TRUNCATE)");
    },
  };
}
