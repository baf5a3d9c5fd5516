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
  /**
   * Releases the next `most` claims of an erased customer, but for clicks: they are gone, and what others say of their values is noted in
   * `pending_erasure`. Until then nobody finds them. Returns their number.
   */
  releaseSome(customerId: number, most: number): number;
  /** Releases a claim that a profile update of an erased customer has made, if it did. */
  releaseOf(profileUpdateId: number, kind: ClaimKind, value: string, erasedId: number): void;
  /** Pins the next `most` clicks of a customer after a clickId: no later claim wins them. Returns their clickIds. */
  pinSome(customerId: number, after: string, most: number): string[];
  /** Restores the claims to all pinned clicks. */
  pinAll(): void;
  /** The next `most` claims after a kind and value, sorted by kind and value. */
  after(kind: string, value: string, most: number): Claim[];
  /** Removes the claim to a value. */
  remove(kind: ClaimKind, value: string): void;
}

/** The place of a pinned click comes before every other: entries begin at 0, and a click that names its customer claims its clickId at -1. */
const PINNED_AT = -2;
const OTHERS = "type, key, entry_id AS entryId, profile_update_id AS profileUpdateId";
const CLAIMANT = `rank, at, ${OTHERS}`;
/** What the customers of an erasure can have claimed besides clicks. */
const RELEASED_KINDS = ["email", "alias", "visitor"] as const;
const isLeft = (kind: string, customerId: string) =>
  `EXISTS (SELECT 1 FROM pending_erasure WHERE customer_id = ${customerId} AND kind = '${kind}')`;
/** The erased customer whose claim it was, or whose profile update made it, if it is still to be released. */
const FORGOTTEN_BY = `CASE WHEN kind = 'click' THEN NULL WHEN ${isLeft("claim", "claim.customer_id")} THEN customer_id
  WHEN profile_update_id IS NOT NULL THEN (SELECT p.customer_id FROM profile_update AS p WHERE p.id = profile_update_id AND ${isLeft("told", "p.customer_id")}) END`;

export function openClaims({ sqlite }: Database): Claims {
  const select = sqlite.prepare<[ClaimKind, string], ClaimRow & { forgottenBy: number | null }>(
    // The clicks of a customer whose erasure is not finished count as pinned.
    `SELECT rank, CASE WHEN kind = 'click' AND ${isLeft("click", "claim.customer_id")} THEN ${PINNED_AT} ELSE at END AS at, ${OTHERS},
       customer_id AS customerId, ${FORGOTTEN_BY} AS forgottenBy
     FROM claim WHERE kind = ? AND value = ?`,
  );
  const put = sqlite.prepare(
    `INSERT OR REPLACE INTO claim (kind, value, rank, at, type, key, entry_id, profile_update_id, customer_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const nextOf = sqlite
    .prepare<[customerId: number, kind: ClaimKind, most: number], string>(
      `SELECT value FROM claim INDEXED BY claim_customer WHERE customer_id = ? AND kind = ? LIMIT ?`,
    )
    .pluck();
  const noteReleased = sqlite.prepare<{ kind: ClaimKind; value: string; erasedId: number }>(
    `INSERT OR IGNORE INTO pending_erasure (customer_id, kind, value, up_to_id)
     SELECT customer_id, :kind, :value, up_to_id FROM pending_erasure WHERE customer_id = :erasedId AND kind IN ('told', 'claim') LIMIT 1`,
  );
  const clearKnown = {
    email: sqlite.prepare<[string]>(`UPDATE customer SET known_email = NULL WHERE known_email = ?`),
    alias: sqlite.prepare<[string]>(`UPDATE customer SET known_alias = NULL WHERE known_alias = ?`),
  };
  const unpinned = sqlite
    .prepare<[customerId: number, after: string, most: number], string>(
      `SELECT value FROM claim INDEXED BY claim_customer WHERE customer_id = ? AND kind = 'click' AND value > ? ORDER BY value LIMIT ?`,
    )
    .pluck();
  const keepPinned = sqlite.prepare(`INSERT OR IGNORE INTO pinned_click (click_id, customer_id) VALUES (?, ?)`);
  const putPinned = `INSERT OR REPLACE INTO claim (kind, value, at, type, key, customer_id) SELECT 'click', click_id, ${PINNED_AT}, 0, '', customer_id FROM pinned_click`;
  const putAllPinned = sqlite.prepare(putPinned);
  const putOnePinned = sqlite.prepare<[string]>(`${putPinned} WHERE click_id = ?`);
  const after = sqlite.prepare<[string, string, number], Claim>(
    `SELECT kind, value, ${CLAIMANT}, customer_id AS customerId FROM claim
     WHERE (kind, value) > (?, ?) AND ${FORGOTTEN_BY} IS NULL ORDER BY kind, value LIMIT ?`,
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

  function release(kind: ClaimKind, value: string, erasedId: number): void {
    remove.run(kind, value);
    noteReleased.run({ kind, value, erasedId });
    if (kind === "email" || kind === "alias") clearKnown[kind].run(value);
  }

  /** A claim of somebody whose erasure is not finished is none. Whoever comes upon it in a write releases it first. */
  function find(kind: ClaimKind, value: string): ClaimRow | undefined {
    const row = select.get(kind, value);
    if (row === undefined || row.forgottenBy === null) return row;
    if (sqlite.inTransaction) release(kind, value, row.forgottenBy);
    return undefined;
  }

  return {
    find,
    isWinning(kind, value, rank, claimant) {
      const winner = find(kind, value);
      if (!winner || isSameClaimant(winner, claimant)) return true;
      return (rank - winner.rank || compareLogOrder(claimant, winner)) < 0;
    },
    put: putClaim,
    ownerOf: (kind, value) => find(kind, value)?.customerId,
    assert(kind, value, claimant, customerId) {
      const winner = find(kind, value);
      if (winner) {
        if (isSameClaimant(winner, claimant) ? winner.customerId === customerId : compareLogOrder(claimant, winner) >= 0) return undefined;
      }
      putClaim(kind, value, 1, claimant, customerId);
      return winner?.customerId === customerId ? undefined : (winner?.customerId ?? null);
    },
    releaseSome(customerId, most) {
      let count = 0;
      for (const kind of RELEASED_KINDS)
        for (const value of nextOf.all(customerId, kind, most - count)) {
          release(kind, value, customerId);
          count += 1;
        }
      return count;
    },
    releaseOf(profileUpdateId, kind, value, erasedId) {
      if (select.get(kind, value)?.profileUpdateId === profileUpdateId) release(kind, value, erasedId);
    },
    pinSome(customerId, after, most) {
      const clickIds = unpinned.all(customerId, after, most);
      for (const clickId of clickIds) {
        keepPinned.run(clickId, customerId);
        putOnePinned.run(clickId);
      }
      return clickIds;
    },
    pinAll: () => void putAllPinned.run(),
    after: (kind, value, most) => after.all(kind, value, most),
    remove: (kind, value) => void remove.run(kind, value),
  };
}
