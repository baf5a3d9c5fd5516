// Whose is a clickId, a visitorId or an email? Of the first in log order that claimed it (definitions §5).
import type { Database } from "../../db/database.ts";
import { compareLogOrder, type LogPlace } from "../value/log-order.ts";

export type ClaimKind = "click" | "visitor" | "email";

/** Who claims: an entry or a profile update, at its place in log order. */
export interface Claimant extends LogPlace {
  readonly entryId: number | null;
  readonly profileUpdateId: number | null;
}

interface ClaimRow extends Claimant {
  readonly customerId: number;
}

export interface NamedClaim extends ClaimRow {
  readonly kind: ClaimKind;
  readonly value: string;
}

export interface Claims {
  /** The customer a value belongs to, or undefined while nobody has claimed it. */
  ownerOf(kind: ClaimKind, value: string): number | undefined;
  /**
   * Puts a claim in; it holds if it is the first in log order, or is the holder's own with a new customer.
   * Gives whom the value belonged to before (null: nobody), or undefined if it belongs to nobody else now.
   */
  assert(kind: ClaimKind, value: string, claimant: Claimant, customerId: number): number | null | undefined;
  /** Takes all of a customer's claims of a kind away; gives the values they had. */
  drop(kind: ClaimKind, customerId: number): string[];
  /** Pins a customer's claims to clicks: nobody takes them any more. */
  pin(customerId: number): void;
  /** Puts the pinned claims of all the erased in their place. */
  pinAll(): void;
  /** The claims after a place in the order of kinds and values. */
  after(kind: string, value: string, most: number): NamedClaim[];
  remove(kind: ClaimKind, value: string): void;
}

export function openClaims({ sqlite }: Database): Claims {
  const find = sqlite.prepare(
    `SELECT at, type, key, entry_id AS entryId, profile_update_id AS profileUpdateId, customer_id AS customerId FROM claim WHERE kind = ? AND value = ?`,
  );
  const put = sqlite.prepare(
    `INSERT OR REPLACE INTO claim (kind, value, at, type, key, entry_id, profile_update_id, customer_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropAll = sqlite.prepare(`DELETE FROM claim WHERE customer_id = ? AND kind = ? RETURNING value`).pluck();
  const keepPinned = sqlite.prepare(
    `INSERT OR IGNORE INTO pinned_click (click_id, customer_id) SELECT value, customer_id FROM claim WHERE customer_id = ? AND kind = 'click'`,
  );
  // Before every place in log order, and before a click that names its customer itself.
  const putPinned = sqlite.prepare(
    `INSERT OR REPLACE INTO claim (kind, value, at, type, key, customer_id) SELECT 'click', click_id, -2, 0, '', customer_id FROM pinned_click WHERE customer_id = coalesce(?, customer_id)`,
  );
  const after = sqlite.prepare(
    `SELECT kind, value, at, type, key, entry_id AS entryId, profile_update_id AS profileUpdateId, customer_id AS customerId FROM claim
     WHERE (kind, value) > (?, ?) ORDER BY kind, value LIMIT ?`,
  );
  const remove = sqlite.prepare(`DELETE FROM claim WHERE kind = ? AND value = ?`);

  return {
    ownerOf: (kind, value) => (find.get(kind, value) as ClaimRow | undefined)?.customerId,
    assert(kind, value, claimant, customerId) {
      const holder = find.get(kind, value) as ClaimRow | undefined;
      if (holder) {
        const own = holder.entryId === claimant.entryId && holder.profileUpdateId === claimant.profileUpdateId;
        if (own ? holder.customerId === customerId : compareLogOrder(claimant, holder) >= 0) return undefined;
      }
      put.run(kind, value, claimant.at, claimant.type, claimant.key, claimant.entryId, claimant.profileUpdateId, customerId);
      return holder?.customerId === customerId ? undefined : (holder?.customerId ?? null);
    },
    drop: (kind, customerId) => dropAll.all(customerId, kind) as string[],
    pin(customerId) {
      keepPinned.run(customerId);
      putPinned.run(customerId);
    },
    pinAll: () => void putPinned.run(null),
    after: (kind, value, most) => after.all(kind, value, most) as NamedClaim[],
    remove: (kind, value) => void remove.run(kind, value),
  };
}
