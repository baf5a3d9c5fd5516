// Whose is a clickId, a visitorId, an email or an alias? Of the claims to it, one of the lowest rank wins, and of these the first in log order
// (definitions §5). Claims to clicks and visitors all have rank 1.
import type { Database } from "../../db/database.ts";
import type { claim } from "../../db/schema.ts";
import { compareLogOrder } from "../value/log-order.ts";

/** A stored claim: what is claimed, by which claimant, and for whom. */
export type Claim = Readonly<typeof claim.$inferSelect>;

export type ClaimKind = Claim["kind"];

/** Who makes a claim: an entry or a profile update, with its place in log order. A pinned click has neither. */
export type Claimant = Pick<Claim, "at" | "type" | "key" | "entryId" | "profileUpdateId">;

/** What is stored of the winning claim to a value that is known. */
export type ClaimRow = Omit<Claim, "kind" | "value">;

export interface Claims {
  /** The winning claim to a value, if any. */
  find(kind: ClaimKind, value: string): ClaimRow | undefined;
  /** Would this claim win, or does its claimant hold the value already? */
  isWinning(kind: ClaimKind, value: string, rank: number, claimant: Claimant): boolean;
  /** Stores the winning claim to a value. */
  put(kind: ClaimKind, value: string, rank: number, claimant: Claimant, customerId: number): void;
  /** The customer that a value belongs to, or undefined while nobody has claimed it. */
  ownerOf(kind: ClaimKind, value: string): number | undefined;
  /**
   * Stores a claim of rank 1 if it wins: it is the first in log order, or its claimant already holds the value and now claims it for another customer.
   * Returns the customer that the value belonged to before (null: nobody), or undefined if its owner is still the same.
   */
  assert(kind: ClaimKind, value: string, claimant: Claimant, customerId: number): number | null | undefined;
  /** Removes all of a customer's claims of a kind. Returns their values. */
  drop(kind: ClaimKind, customerId: number): string[];
  /** Removes a claim if this profile update made it. Returns whether it did. */
  dropOf(profileUpdateId: number, kind: ClaimKind, value: string): boolean;
  /** Pins the clicks of a customer: no later claim wins them. */
  pin(customerId: number): void;
  /** Restores the claims to all pinned clicks. */
  pinAll(): void;
  /** The next `most` claims after a kind and value, sorted by kind and value. */
  after(kind: string, value: string, most: number): Claim[];
  /** Removes the claim to a value. */
  remove(kind: ClaimKind, value: string): void;
}

const CLAIMANT = "rank, at, type, key, entry_id AS entryId, profile_update_id AS profileUpdateId";

export function openClaims({ sqlite }: Database): Claims {
  const find = sqlite.prepare<[ClaimKind, string], ClaimRow>(
    `SELECT ${CLAIMANT}, customer_id AS customerId FROM claim WHERE kind = ? AND value = ?`,
  );
  const put = sqlite.prepare(
    `INSERT OR REPLACE INTO claim (kind, value, rank, at, type, key, entry_id, profile_update_id, customer_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropAll = sqlite
    .prepare<[number, ClaimKind], string>(`DELETE FROM claim WHERE customer_id = ? AND kind = ? RETURNING value`)
    .pluck();
  const dropOne = sqlite.prepare(`DELETE FROM claim WHERE kind = ? AND value = ? AND profile_update_id = ?`);
  const keepPinned = sqlite.prepare(
    `INSERT OR IGNORE INTO pinned_click (click_id, customer_id) SELECT value, customer_id FROM claim WHERE customer_id = ? AND kind = 'click'`,
  );
  // at = -2 comes before every other claim: entries begin at 0, and a click that names its customer claims its clickId at -1.
  const putPinned = sqlite.prepare(
    `INSERT OR REPLACE INTO claim (kind, value, at, type, key, customer_id) SELECT 'click', click_id, -2, 0, '', customer_id FROM pinned_click WHERE customer_id = coalesce(?, customer_id)`,
  );
  const after = sqlite.prepare<[string, string, number], Claim>(
    `SELECT kind, value, ${CLAIMANT}, customer_id AS customerId FROM claim
     WHERE (kind, value) > (?, ?) ORDER BY kind, value LIMIT ?`,
  );
  const remove = sqlite.prepare(`DELETE FROM claim WHERE kind = ? AND value = ?`);

  const isSameClaimant = (winner: ClaimRow, claimant: Claimant) =>
    winner.entryId === claimant.entryId && winner.profileUpdateId === claimant.profileUpdateId;
  const putClaim = (
    kind: ClaimKind,
    value: string,
    rank: number,
    { at, type, key, entryId, profileUpdateId }: Claimant,
    customerId: number,
  ) => void put.run(kind, value, rank, at, type, key, entryId, profileUpdateId, customerId);

  return {
    find: (kind, value) => find.get(kind, value),
    isWinning(kind, value, rank, claimant) {
      const winner = find.get(kind, value);
      if (!winner || isSameClaimant(winner, claimant)) return true;
      return (rank - winner.rank || compareLogOrder(claimant, winner)) < 0;
    },
    put: putClaim,
    ownerOf: (kind, value) => find.get(kind, value)?.customerId,
    assert(kind, value, claimant, customerId) {
      const winner = find.get(kind, value);
      if (winner) {
        if (isSameClaimant(winner, claimant) ? winner.customerId === customerId : compareLogOrder(claimant, winner) >= 0) return undefined;
      }
      putClaim(kind, value, 1, claimant, customerId);
      return winner?.customerId === customerId ? undefined : (winner?.customerId ?? null);
    },
    drop: (kind, customerId) => dropAll.all(customerId, kind),
    dropOf: (profileUpdateId, kind, value) => dropOne.run(kind, value, profileUpdateId).changes > 0,
    pin(customerId) {
      keepPinned.run(customerId);
      putPinned.run(customerId);
    },
    pinAll: () => void putPinned.run(null),
    after: (kind, value, most) => after.all(kind, value, most),
    remove: (kind, value) => void remove.run(kind, value),
  };
}
