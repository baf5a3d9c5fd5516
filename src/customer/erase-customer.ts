// How is a person forgotten while their numbers stay? (definitions §10)
import { REFUND } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { ApiError } from "../errors.ts";
import { requireCustomer } from "./find-customer.ts";

/** How long the answer waits for readers before it says that the journal still holds what was erased. */
const PATIENCE_MS = 10_000;

export interface Erasure {
  /**
   * Forgets the customer that `:id` means; answers when no byte is left in the database file and its journal.
   * Throws NOT_FOUND, and SERVICE_UNAVAILABLE when a reader holds the journal: the person is hidden by then.
   */
  erase(idParam: string): Promise<{ id: number; deletedAt: number }>;
}

export function openErasure(context: Context): Erasure {
  const { database, ledger, now } = context;
  const { sqlite } = database;
  const entryFields = `external_id = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, visitor_id = NULL, url = NULL, referrer = NULL, metadata = NULL`;
  // An entry that named them by email alone goes on claiming its click for them.
  const freeze = sqlite.prepare(
    `UPDATE entry SET frozen_id = :id, named_id = CASE WHEN named_id IS NULL AND email IS NOT NULL AND type <> ${REFUND} THEN :id ELSE named_id END, ${entryFields}
     WHERE customer_id = :id`,
  );
  const stripRefundsByName = sqlite.prepare(
    `UPDATE entry SET ${entryFields} WHERE type = ${REFUND} AND named_id = ? AND frozen_id IS NULL`,
  );
  const stripRefundsByEmail = sqlite.prepare(`UPDATE entry SET ${entryFields} WHERE email = ? AND type = ${REFUND} AND frozen_id IS NULL`);
  const dropVisitor = sqlite.prepare(`UPDATE entry SET visitor_id = NULL WHERE visitor_id = ?`);
  const dropToldVisitor = sqlite.prepare(`UPDATE telling SET visitor_id = NULL WHERE visitor_id = ?`);
  const dropKnownEmail = sqlite.prepare(`UPDATE customer SET known_email = NULL WHERE known_email = ?`);
  const scrubTellings = sqlite.prepare(
    `UPDATE telling SET known_email = NULL, key = '', email = NULL, visitor_id = NULL, profile = '{}' WHERE customer_id = ?`,
  );
  const dropNames = sqlite.prepare(`DELETE FROM external_id WHERE customer_id = ?`);
  const scrubCustomer = sqlite.prepare(
    `UPDATE customer SET external_id = NULL, known_email = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, metadata = NULL, search_text = '',
     deleted_at = :at, updated_at = :at WHERE id = :id`,
  );

  function scrub(idParam: string): { id: number; deletedAt: number } {
    const { id, knownEmail } = requireCustomer(context, idParam);
    const deletedAt = now();
    freeze.run({ id });
    stripRefundsByName.run(id);
    scrubTellings.run(id);
    dropNames.run(id);
    scrubCustomer.run({ at: deletedAt, id });
    const { emails, visitorIds } = ledger.identity.forget(id);
    for (const visitorId of visitorIds) {
      dropVisitor.run(visitorId);
      dropToldVisitor.run(visitorId);
    }
    for (const email of knownEmail === null ? emails : [...emails, knownEmail]) {
      stripRefundsByEmail.run(email);
      dropKnownEmail.run(email);
      ledger.identity.reelectEmail(email); // another live customer may have brought it too
    }
    ledger.touch(id);
    return { id, deletedAt };
  }

  /** Until the journal is empty, what was erased can be read from it. */
  async function emptyJournal(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const [result] = sqlite.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
      if (result?.busy !== 1) return;
      if (performance.now() > until)
        throw new ApiError("SERVICE_UNAVAILABLE", "The customer is erased, but a long read keeps the journal: try again soon.", {
          headers: { "Retry-After": "10" },
        });
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }

  return {
    async erase(idParam) {
      const erased = ledger.write(() => scrub(idParam));
      ledger.refreshCustomer(erased.id);
      await emptyJournal();
      return erased;
    },
  };
}
