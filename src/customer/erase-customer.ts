// How is a person erased while their numbers stay? (definitions §10)
import { type customer, DEFAULTED, type entry, REFUND } from "../../db/schema.ts";
import type { Tombstone } from "../../db/tombstone.ts";
import { isUnavailable } from "../../db/unavailable.ts";
import type { Context } from "../context.ts";
import { retryWhileBusy } from "../host/retry.ts";
import type { Name } from "../ledger/name.ts";
import { ApiError } from "../value/error.ts";
import { knownNameOf, requireCustomer } from "./find-customer.ts";
import { openFilePurge } from "./purge-file.ts";

/** The customer that an entry belongs to, if any. */
type Owner = (typeof entry.$inferSelect)["customerId"];

/** The other aliases of an entry stay. */
const OTHER_ALIASES = `aliases = (SELECT nullif(json_group_array(j.value), '[]') FROM json_each(entry.aliases) AS j WHERE j.value <> :value)`;

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
  const entryFields = `external_id = NULL, email = NULL, aliases = NULL, name = NULL, avatar = NULL, country = NULL, visitor_id = NULL, url = NULL, referrer = NULL, metadata = NULL`;
  // An entry that names the customer by email or alias alone still claims its click for them.
  const scrubEntries = sqlite.prepare(
    `UPDATE entry SET erased_customer_id = :id, declared_customer_id = CASE WHEN declared_customer_id IS NULL AND (email IS NOT NULL OR aliases IS NOT NULL) AND type <> ${REFUND} THEN :id ELSE declared_customer_id END, ${entryFields}
     WHERE customer_id = :id`,
  );
  // Entries of others may also name the customer. DEFAULTED.erased marks them, because they cannot be compared with a replay any more.
  const scrubRefundsByExternalId = sqlite
    .prepare<[customerId: number], Owner>(
      `UPDATE entry SET ${entryFields}, defaulted = defaulted | ${DEFAULTED.erased} WHERE type = ${REFUND} AND external_id IN (SELECT external_id FROM external_id WHERE customer_id = ?) AND erased_customer_id IS NULL RETURNING customer_id`,
    )
    .pluck();
  const namedBy = {
    email: `email = :value`,
    alias: `id IN (SELECT entry_id FROM entry_alias WHERE alias = :value)`,
  } as const;
  const scrubRefundsByName = (kind: Name["kind"], set: string) =>
    sqlite
      .prepare<{ value: string }, Owner>(
        `UPDATE entry SET ${set}, defaulted = defaulted | ${DEFAULTED.erased} WHERE ${namedBy[kind]} AND type = ${REFUND} AND erased_customer_id IS NULL RETURNING customer_id`,
      )
      .pluck();
  const scrubRefundsBy = { email: scrubRefundsByName("email", "email = NULL"), alias: scrubRefundsByName("alias", OTHER_ALIASES) };
  const dropEntryAliases = (condition: string) =>
    sqlite.prepare(
      `DELETE FROM entry_alias WHERE (alias, entry_id) IN (SELECT j.value, entry.id FROM entry, json_each(entry.aliases) AS j WHERE entry.aliases IS NOT NULL AND ${condition})`,
    );
  const dropAliasesOfEntries = dropEntryAliases("entry.customer_id = :id");
  const dropAliasesOfRefunds = dropEntryAliases(
    `entry.type = ${REFUND} AND entry.erased_customer_id IS NULL AND entry.external_id IN (SELECT external_id FROM external_id WHERE customer_id = :id)`,
  );
  const dropAliasOfRefunds = sqlite.prepare(
    `DELETE FROM entry_alias WHERE alias = :value AND (SELECT type = ${REFUND} AND erased_customer_id IS NULL FROM entry WHERE id = entry_id)`,
  );
  const dropAliasesOfProfileUpdates = sqlite.prepare(
    `DELETE FROM profile_update_alias WHERE (alias, profile_update_id) IN (SELECT j.value, p.id FROM profile_update AS p, json_each(p.aliases) AS j WHERE p.customer_id = :id AND p.aliases IS NOT NULL)`,
  );
  const clearVisitorOfEntries = sqlite.prepare(
    `UPDATE entry SET visitor_id = NULL, defaulted = defaulted | ${DEFAULTED.erased} WHERE visitor_id = ?`,
  );
  const clearVisitorOfProfileUpdates = sqlite.prepare(`UPDATE profile_update SET visitor_id = NULL WHERE visitor_id = ?`);
  const clearKnown = {
    email: sqlite.prepare(`UPDATE customer SET known_email = NULL WHERE known_email = ?`),
    alias: sqlite.prepare(`UPDATE customer SET known_alias = NULL WHERE known_alias = ?`),
  };
  const scrubProfileUpdates = sqlite.prepare(
    `UPDATE profile_update SET known_email = NULL, known_alias = NULL, key = '', email = NULL, aliases = NULL, visitor_id = NULL, profile = '{}' WHERE customer_id = ?`,
  );
  const deleteExternalIds = sqlite.prepare(`DELETE FROM external_id WHERE customer_id = ?`);
  const scrubCustomer = sqlite.prepare(
    `UPDATE customer SET external_id = NULL, known_email = NULL, known_alias = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, metadata = NULL, search_text = '',
     deleted_at = :at, updated_at = :at WHERE id = :id`,
  );

  const touchAll = (owners: readonly Owner[]) => {
    for (const owner of owners) if (owner !== null) ledger.markStale(owner);
  };

  /** Writes the list that keeps backups from bringing the customer back. Throws SERVICE_UNAVAILABLE if that is not possible. */
  function noteErasure(customerId: number, erasedAt: number): void {
    try {
      database.tombstones.add({ customerId, erasedAt });
    } catch (error) {
      if (isUnavailable(error)) throw error;
      const message =
        "The list of erased customers beside the database cannot be written, so nobody was erased. The server's log says why.";
      throw new ApiError("SERVICE_UNAVAILABLE", message, { headers: { "Retry-After": "60" }, cause: error });
    }
  }

  function scrub(id: number, known: Name | undefined, deletedAt: number): void {
    const { names, visitorIds } = ledger.identity.forget(id);
    for (const statement of [dropAliasesOfEntries, dropAliasesOfRefunds, dropAliasesOfProfileUpdates]) statement.run({ id });
    scrubEntries.run({ id });
    touchAll(scrubRefundsByExternalId.all(id));
    scrubProfileUpdates.run(id);
    deleteExternalIds.run(id);
    scrubCustomer.run({ at: deletedAt, id });
    for (const visitorId of visitorIds) {
      clearVisitorOfEntries.run(visitorId);
      clearVisitorOfProfileUpdates.run(visitorId);
    }
    for (const name of known === undefined ? names : [...names, known]) {
      const { kind, value } = name;
      touchAll(scrubRefundsBy[kind].all({ value }));
      if (kind === "alias") dropAliasOfRefunds.run({ value });
      clearKnown[kind].run(value);
      ledger.identity.reassignName(name); // another customer may have claimed it too
    }
    ledger.markStale(id);
  }

  return {
    async erase(idParam) {
      await ledger.allReassigned();
      const erased = ledger.write(() => {
        const row = requireCustomer(context, idParam);
        const { id } = row;
        const deletedAt = now();
        scrub(id, knownNameOf(row), deletedAt);
        noteErasure(id, deletedAt);
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
      const living = sqlite.prepare<[id: number], Pick<typeof customer.$inferSelect, "knownEmail" | "knownAlias">>(
        `SELECT known_email AS knownEmail, known_alias AS knownAlias FROM customer WHERE id = ? AND deleted_at IS NULL`,
      );
      let erased = 0;
      for (const { customerId, erasedAt } of tombstones) {
        const row = living.get(customerId);
        if (row === undefined) continue;
        ledger.write(() => {
          scrub(customerId, knownNameOf(row), erasedAt);
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
