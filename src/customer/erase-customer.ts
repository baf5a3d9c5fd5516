// How is a person erased while their numbers stay? (definitions §10)
import { type customer, DEFAULTED, type entry, REFUND } from "../../db/schema.ts";
import type { Tombstone } from "../../db/tombstone.ts";
import type { Context } from "../context.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { requireCustomer } from "./find-customer.ts";
import { openFilePurge } from "./purge-file.ts";

/** The customer that an entry belongs to, if any. */
type Owner = (typeof entry.$inferSelect)["customerId"];

export interface Erasure {
  /**
   * Erases the customer of `:id`. Resolves when no byte of theirs is left in the database file and its journal.
   * Throws NOT_FOUND, and SERVICE_UNAVAILABLE if a reader holds the journal for too long; the customer is already erased then.
   */
  erase(idParam: string): Promise<{ id: number; deletedAt: number }>;
  /** Erases the people that a backup from before their erasure brought back. Gives their number. */
  eraseAgain(tombstones: readonly Tombstone[]): Promise<number>;
}

export function openErasure(context: Context): Erasure {
  const { database, ledger, now } = context;
  const { sqlite } = database;
  const files = openFilePurge(database);
  const entryFields = `external_id = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, visitor_id = NULL, url = NULL, referrer = NULL, metadata = NULL`;
  // An entry that names the customer by email alone still claims its click for them.
  const scrubEntries = sqlite.prepare(
    `UPDATE entry SET erased_customer_id = :id, declared_customer_id = CASE WHEN declared_customer_id IS NULL AND email IS NOT NULL AND type <> ${REFUND} THEN :id ELSE declared_customer_id END, ${entryFields}
     WHERE customer_id = :id`,
  );
  // Entries of others may also name the customer. DEFAULTED.erased marks them, because they cannot be compared with a replay any more.
  const scrubRefundsByExternalId = sqlite
    .prepare<[customerId: number], Owner>(
      `UPDATE entry SET ${entryFields}, defaulted = defaulted | ${DEFAULTED.erased} WHERE type = ${REFUND} AND external_id IN (SELECT external_id FROM external_id WHERE customer_id = ?) AND erased_customer_id IS NULL RETURNING customer_id`,
    )
    .pluck();
  const scrubRefundsByEmail = sqlite
    .prepare<[email: string], Owner>(
      `UPDATE entry SET email = NULL, defaulted = defaulted | ${DEFAULTED.erased} WHERE email = ? AND type = ${REFUND} AND erased_customer_id IS NULL RETURNING customer_id`,
    )
    .pluck();
  const clearVisitorOfEntries = sqlite.prepare(
    `UPDATE entry SET visitor_id = NULL, defaulted = defaulted | ${DEFAULTED.erased} WHERE visitor_id = ?`,
  );
  const clearVisitorOfProfileUpdates = sqlite.prepare(`UPDATE profile_update SET visitor_id = NULL WHERE visitor_id = ?`);
  const clearKnownEmail = sqlite.prepare(`UPDATE customer SET known_email = NULL WHERE known_email = ?`);
  const scrubProfileUpdates = sqlite.prepare(
    `UPDATE profile_update SET known_email = NULL, key = '', email = NULL, visitor_id = NULL, profile = '{}' WHERE customer_id = ?`,
  );
  const deleteExternalIds = sqlite.prepare(`DELETE FROM external_id WHERE customer_id = ?`);
  const scrubCustomer = sqlite.prepare(
    `UPDATE customer SET external_id = NULL, known_email = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, metadata = NULL, search_text = '',
     deleted_at = :at, updated_at = :at WHERE id = :id`,
  );

  const touchAll = (owners: readonly Owner[]) => {
    for (const owner of owners) if (owner !== null) ledger.markStale(owner);
  };

  function scrub(id: number, knownEmail: string | null, deletedAt: number): void {
    scrubEntries.run({ id });
    touchAll(scrubRefundsByExternalId.all(id));
    scrubProfileUpdates.run(id);
    deleteExternalIds.run(id);
    scrubCustomer.run({ at: deletedAt, id });
    const { emails, visitorIds } = ledger.identity.forget(id);
    for (const visitorId of visitorIds) {
      clearVisitorOfEntries.run(visitorId);
      clearVisitorOfProfileUpdates.run(visitorId);
    }
    for (const email of knownEmail === null ? emails : [...emails, knownEmail]) {
      touchAll(scrubRefundsByEmail.all(email));
      clearKnownEmail.run(email);
      ledger.identity.reassignEmail(email); // another customer may have claimed it too
    }
    ledger.markStale(id);
  }

  return {
    async erase(idParam) {
      await ledger.allReassigned();
      const erased = ledger.write(() => {
        const { id, knownEmail } = requireCustomer(context, idParam);
        const deletedAt = now();
        scrub(id, knownEmail, deletedAt);
        database.tombstones.add({ customerId: id, erasedAt: deletedAt });
        files.schedule(id);
        return { id, deletedAt };
      });
      // The erasure is committed, and a second request would not find the customer, so this one must not give up.
      await retryWhileBusy(() => ledger.recomputeCustomer(erased.id), Number.POSITIVE_INFINITY);
      await files.purge(erased.id);
      return erased;
    },
    async eraseAgain(tombstones) {
      await ledger.allReassigned();
      const living = sqlite.prepare<[id: number], Pick<typeof customer.$inferSelect, "knownEmail">>(
        `SELECT known_email AS knownEmail FROM customer WHERE id = ? AND deleted_at IS NULL`,
      );
      let erased = 0;
      for (const { customerId, erasedAt } of tombstones) {
        const row = living.get(customerId);
        if (row === undefined) continue;
        ledger.write(() => {
          scrub(customerId, row.knownEmail, erasedAt);
          files.schedule(customerId);
        });
        ledger.recomputeCustomer(customerId);
        erased += 1;
      }
      if (erased > 0) await files.resume();
      return erased;
    },
  };
}
