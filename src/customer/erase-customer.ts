// How is a person erased while their numbers stay? (definitions §10)
import type { customer } from "../../db/schema.ts";
import type { Tombstone } from "../../db/tombstone.ts";
import { isUnavailable } from "../../db/unavailable.ts";
import { type Context, oncePerContext } from "../context.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { nextTurn } from "../host/turn.ts";
import type { Name } from "../ledger/name.ts";
import { ApiError } from "../value/error.ts";
import { knownNameOf, requireCustomer } from "./find-customer.ts";
import { openFinishErasure } from "./finish-erasure.ts";
import { openFilePurge } from "./purge-file.ts";

export interface Erasure {
  /**
   * Erases the customer of `:id`. Resolves when no byte of theirs is left in the database file and its journal.
   * Throws NOT_FOUND, and SERVICE_UNAVAILABLE if it takes too long, because they have very many entries or a reader holds the journal. Nobody
   * sees the customer any more then, and the rest follows by itself.
   */
  erase(idParam: string): Promise<{ id: number; deletedAt: number }>;
  /** Erases the people that a backup from before their erasure brought back. Gives their number. */
  eraseAgain(tombstones: readonly Tombstone[]): Promise<number>;
  /** Removes what is left in the database of those who are erased. */
  finish(): Promise<void>;
  /** Goes on with an erasure that a kill, a power cut or a failure interrupted. It takes as long as `erase`, then continues in the background. */
  resume(): Promise<void>;
}

export const openErasure = oncePerContext((context: Context): Erasure => {
  const { database, ledger, now } = context;
  const { sqlite } = database;
  const rest = openFinishErasure(sqlite, ledger);
  const files = openFilePurge(database, finish);
  const deleteExternalIds = sqlite
    .prepare<[customerId: number], string>(`DELETE FROM external_id WHERE customer_id = ? RETURNING external_id`)
    .pluck();
  const scrubCustomer = sqlite.prepare(
    `UPDATE customer SET external_id = NULL, known_email = NULL, known_alias = NULL, email = NULL, name = NULL, avatar = NULL, country = NULL, metadata = NULL, search_text = '',
     deleted_at = :at, updated_at = :at WHERE id = :id`,
  );

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

  /** Hides the customer, within a write: from then on nothing leads to them, and what they have is theirs for good. Unless they have very many entries, the first part of the rest is done at once. */
  function hide(id: number, known: Name | undefined, deletedAt: number): void {
    const externalIds = deleteExternalIds.all(id);
    scrubCustomer.run({ at: deletedAt, id });
    rest.note(id, { externalIds, known });
    ledger.markStale(id);
    files.schedule(id);
    if (!ledger.isLarge(id)) rest.some();
  }

  /** Finishes all erasures, in short writes. Requests come in between. While another process writes, it waits. */
  async function finish(): Promise<void> {
    while ((await retryWhileBusy(() => ledger.write(() => rest.some()), Number.POSITIVE_INFINITY)) > 0) await nextTurn();
    await ledger.allReassigned(); // what is left of a reassignment names what it is about
    for (const id of rest.takeTouched()) await retryWhileBusy(() => ledger.ensureCustomerFresh(id), Number.POSITIVE_INFINITY);
  }

  return {
    async erase(idParam) {
      await ledger.allReassigned();
      const erased = ledger.write(() => {
        const row = requireCustomer(context, idParam);
        const { id } = row;
        const deletedAt = now();
        hide(id, knownNameOf(row), deletedAt);
        noteErasure(id, deletedAt);
        return { id, deletedAt };
      });
      // The erasure is committed, and a second request would not find the customer, so this one must not give up.
      if (!rest.isPending(erased.id)) await retryWhileBusy(() => ledger.recomputeCustomer(erased.id), Number.POSITIVE_INFINITY);
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
        ledger.write(() => hide(customerId, knownNameOf(row), erasedAt));
        await finish();
        ledger.recomputeCustomer(customerId);
        erased += 1;
      }
      if (erased > 0) await files.resume();
      return erased;
    },
    finish,
    resume: files.resume,
  };
});
