// How is a person forgotten while their numbers stay? (definitions §10)
import { DEFAULTED, REFUND } from "../../db/schema.ts";
import type { Tombstone } from "../../db/tombstone.ts";
import type { Context } from "../context.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { openClearing } from "./clear-file.ts";
import { requireCustomer } from "./find-customer.ts";

export interface Erasure {
  /**
   * Forgets the customer that `:id` means; answers when no byte is left in the database file and its journal.
   * Throws NOT_FOUND, and SERVICE_UNAVAILABLE when a reader holds the journal: the person is hidden by then.
   */
  erase(idParam: string): Promise<{ id: number; deletedAt: number }>;
  /** Forgets people whom a backup from before their erasure brought back; gives their number. */
  eraseAgain(tombstones: readonly Tombstone[]): Promise<number>;
}

export function openErasure(context: Context): Erasure {
  const { database, ledger, now } = context;
  const { sqlite } = database;
  const clearing = openClearing(database);
  const entryFields = `external_id = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, visitor_id = NULL, url = NULL, referrer = NULL, metadata = NULL`;
  // An entry that named them by email alone goes on claiming its click for them.
  const freeze = sqlite.prepare(
    `UPDATE entry SET erased_customer_id = :id, declared_customer_id = CASE WHEN declared_customer_id IS NULL AND email IS NOT NULL AND type <> ${REFUND} THEN :id ELSE declared_customer_id END, ${entryFields}
     WHERE customer_id = :id`,
  );
  // What others' entries say of them goes too; such an entry cannot be compared with a replay any more.
  const stripRefundsByName = sqlite
    .prepare(
      `UPDATE entry SET ${entryFields}, defaulted = defaulted | ${DEFAULTED.erased} WHERE type = ${REFUND} AND external_id IN (SELECT external_id FROM external_id WHERE customer_id = ?) AND erased_customer_id IS NULL RETURNING customer_id`,
    )
    .pluck();
  const stripRefundsByEmail = sqlite
    .prepare(
      `UPDATE entry SET email = NULL, defaulted = defaulted | ${DEFAULTED.erased} WHERE email = ? AND type = ${REFUND} AND erased_customer_id IS NULL RETURNING customer_id`,
    )
    .pluck();
  const dropVisitor = sqlite.prepare(
    `UPDATE entry SET visitor_id = NULL, defaulted = defaulted | ${DEFAULTED.erased} WHERE visitor_id = ?`,
  );
  const dropToldVisitor = sqlite.prepare(`UPDATE profile_update SET visitor_id = NULL WHERE visitor_id = ?`);
  const dropKnownEmail = sqlite.prepare(`UPDATE customer SET known_email = NULL WHERE known_email = ?`);
  const scrubProfileUpdates = sqlite.prepare(
    `UPDATE profile_update SET known_email = NULL, key = '', email = NULL, visitor_id = NULL, profile = '{}' WHERE customer_id = ?`,
  );
  const dropNames = sqlite.prepare(`DELETE FROM external_id WHERE customer_id = ?`);
  const scrubCustomer = sqlite.prepare(
    `UPDATE customer SET external_id = NULL, known_email = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, metadata = NULL, search_text = '',
     deleted_at = :at, updated_at = :at WHERE id = :id`,
  );

  const touchAll = (owners: unknown[]) => {
    for (const owner of owners) if (owner !== null) ledger.touch(owner as number);
  };

  function scrub(id: number, knownEmail: string | null, deletedAt: number): void {
    freeze.run({ id });
    touchAll(stripRefundsByName.all(id));
    scrubProfileUpdates.run(id);
    dropNames.run(id);
    scrubCustomer.run({ at: deletedAt, id });
    const { emails, visitorIds } = ledger.identity.forget(id);
    for (const visitorId of visitorIds) {
      dropVisitor.run(visitorId);
      dropToldVisitor.run(visitorId);
    }
    for (const email of knownEmail === null ? emails : [...emails, knownEmail]) {
      touchAll(stripRefundsByEmail.all(email));
      dropKnownEmail.run(email);
      ledger.identity.reassignEmail(email); // another live customer may have brought it too
    }
    ledger.touch(id);
  }

  return {
    async erase(idParam) {
      await ledger.allReassigned();
      const erased = ledger.write(() => {
        const { id, knownEmail } = requireCustomer(context, idParam);
        const deletedAt = now();
        scrub(id, knownEmail, deletedAt);
        database.tombstones.add({ customerId: id, erasedAt: deletedAt });
        clearing.note(id);
        return { id, deletedAt };
      });
      // They are hidden already, and would not be found again.
      await retryWhileBusy(() => ledger.refreshCustomer(erased.id), Number.POSITIVE_INFINITY);
      await clearing.clear(erased.id);
      return erased;
    },
    async eraseAgain(tombstones) {
      await ledger.allReassigned();
      const living = sqlite.prepare(`SELECT known_email AS knownEmail FROM customer WHERE id = ? AND deleted_at IS NULL`);
      let erased = 0;
      for (const { customerId, erasedAt } of tombstones) {
        const row = living.get(customerId) as { knownEmail: string | null } | undefined;
        if (row === undefined) continue;
        ledger.write(() => {
          scrub(customerId, row.knownEmail, erasedAt);
          clearing.note(customerId);
        });
        ledger.refreshCustomer(customerId);
        erased += 1;
      }
      if (erased > 0) await clearing.resume();
      return erased;
    },
  };
}
