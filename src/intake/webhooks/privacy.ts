// What happens when a shop asks for somebody's erasure or data? Erasures are stored as due with the delivery, and carried out right after it.
import type { webhookErasure } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { openErasure } from "../../customer/erase-customer.ts";
import type { Person } from "../../provider/effect.ts";
import type { FileSource } from "../../provider/provider.ts";
import { ApiError } from "../../value/error.ts";
import { parseCustomerId, toCustomerId } from "../../value/id.ts";
import type { Effected } from "../effect/outcome.ts";

const UNKNOWN: Effected = { result: "ignored", reason: "nobody is known by this id or email" };

/** The functions that store something must be called within a write. */
export interface Privacy {
  /** Makes the erasure of a person due. */
  erase(person: Person): Effected;
  /** Makes the erasure of everybody due who has an alias that begins so. */
  eraseAll(aliasPrefix: string): Effected;
  /** Adds an open request of a person for their data. */
  addDataRequest(source: FileSource, person: Person): Effected;
  /** Closes the request of the customer `cus_…`, in a write of its own. Gives false if there is none. */
  closeDataRequest(id: string): boolean;
  /** Carries out the erasures that are due, one after the other, in the background. */
  eraseDue(): void;
}

export function openPrivacy(context: Context): Privacy {
  const { database, ledger, log, now } = context;
  const { sqlite } = database;
  const erasure = openErasure(context);
  const addErasure = sqlite.prepare("INSERT OR IGNORE INTO webhook_erasure (customer_id) VALUES (?)");
  const firstErasure = sqlite.prepare<[], Pick<typeof webhookErasure.$inferSelect, "customerId">>(
    "SELECT customer_id AS customerId FROM webhook_erasure ORDER BY customer_id LIMIT 1",
  );
  const removeErasure = sqlite.prepare("DELETE FROM webhook_erasure WHERE customer_id = ?");
  const aliasesFrom = sqlite
    .prepare<{ from: string; to: string }, string>(
      "SELECT alias FROM entry_alias WHERE alias >= :from AND alias < :to UNION SELECT alias FROM profile_update_alias WHERE alias >= :from AND alias < :to",
    )
    .pluck();
  const addRequest = sqlite.prepare("INSERT OR IGNORE INTO webhook_data_request (customer_id, source, requested_at) VALUES (?, ?, ?)");
  const removeRequest = sqlite.prepare("DELETE FROM webhook_data_request WHERE customer_id = ?");
  let isErasing = false;

  const find = ({ alias, email }: Person): number | undefined =>
    ledger.identity.ownerOfName("alias", alias.normalize("NFC")) ??
    (email === undefined ? undefined : ledger.identity.ownerOfName("email", email.trim().toLowerCase()));

  async function eraseOne(customerId: number): Promise<void> {
    try {
      await erasure.erase(toCustomerId(customerId));
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "NOT_FOUND")) throw error; // somebody else has erased them
    }
    ledger.write(() => removeErasure.run(customerId));
  }

  async function eraseAllDue(): Promise<void> {
    try {
      for (let due = firstErasure.get(); due; due = firstErasure.get()) await eraseOne(due.customerId);
    } finally {
      isErasing = false; // at once when nothing is due any more, so that no delivery comes in between
    }
  }

  return {
    erase(person) {
      const customerId = find(person);
      if (customerId === undefined) return UNKNOWN;
      return { result: addErasure.run(customerId).changes > 0 ? "recorded" : "duplicate" };
    },
    eraseAll(aliasPrefix) {
      // No character follows the highest one, so that the range holds every alias that begins so.
      const aliases = aliasesFrom.all({ from: aliasPrefix, to: `${aliasPrefix}\u{10ffff}` });
      const customerIds = new Set(aliases.flatMap((alias) => ledger.identity.ownerOfName("alias", alias) ?? []));
      for (const customerId of customerIds) addErasure.run(customerId);
      return customerIds.size > 0 ? { result: "recorded" } : UNKNOWN;
    },
    addDataRequest(source, person) {
      const customerId = find(person);
      if (customerId === undefined) return UNKNOWN;
      return { result: addRequest.run(customerId, source, now()).changes > 0 ? "recorded" : "duplicate" };
    },
    closeDataRequest(id) {
      const customerId = parseCustomerId(id);
      return customerId !== undefined && ledger.write(() => removeRequest.run(customerId).changes > 0);
    },
    eraseDue() {
      if (isErasing) return;
      isErasing = true;
      eraseAllDue().catch((error) => {
        // They stay due, and the next delivery or start tries again.
        log.error({ message: "an erasure that a shop asked for failed", error: error instanceof Error ? error.message : "unknown" });
      });
    },
  };
}
