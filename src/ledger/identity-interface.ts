// What does the ledger ask of identity? Whose an entry is, whom names mean, and who gets what when that changes. See identity.ts.
import type { BroughtNames, Name, NameKind } from "./name.ts";
import type { LoggedEntry, NamedEntry } from "./named-row.ts";
import type { Withdrawals } from "./withdrawal.ts";

export interface Identity {
  /**
   * Resolves the owner of an entry that was just stored, and reassigns other entries that belong to somebody else now that it is there.
   * `isAwaited` says that it is a sale whose refunds arrived first.
   * Returns the owner, or null. The owner is not marked as stale for this entry: the caller does that.
   */
  resolveOwner(entry: NamedEntry, isAwaited: boolean): number | null;
  /** Asserts the claims of a profile update that was just stored. Returns its customer. Throws an Error if there is none with this id. */
  resolveProfileUpdate(id: number): number;
  /** The customer that an email or alias belongs to: by a claim, else the one who is known by it alone. */
  ownerOfName(kind: NameKind, value: string): number | undefined;
  /** The customer that names without an externalId mean; null for no names. Whoever is not known yet is created. */
  customerOfNames(names: BroughtNames): number | null;
  /** The customer without externalId who certainly becomes part of whoever brings these names with an externalId, if there is one. */
  findJoining(names: BroughtNames): number | undefined;
  /** May somebody without externalId become part of whoever brings these names with an externalId? */
  mayJoin(names: BroughtNames): boolean;
  /** The customer that a clickId belongs to by a claim, if any. */
  ownerOfClick(clickId: string): number | undefined;
  /** Releases the next `most` claims of an erased customer to names and visitorIds. Nobody finds them since the erasure. Returns their number. */
  forgetSome(customerId: number, most: number): number;
  /** Releases the claim of an erased customer's profile update to its email, which may be for somebody else. */
  forgetUpdate(update: { readonly id: number; readonly email: string | null }, customerId: number): void;
  /** Releases the claim to a visitorId if its claimant does not say it any more. Whoever came with it since then claims it anew. */
  releaseUnsaidVisitor(visitorId: string): void;
  /** Pins the next `most` clicks of an erased customer after a clickId: no later claim wins them. Returns their clickIds. */
  pinSome(customerId: number, after: string, most: number): string[];
  /** Asserts the claims of everybody else's profile updates to a name that an erased customer had. */
  reassignToTold(name: Name): void;
  /** Asserts the claims of entries that bring such a name. */
  reassignEntries(ids: readonly number[]): void;
  /** Restores the claims of erased customers to their pinned clicks. */
  pinClicks(): void;
  /** May a pending reassignment still give entries to this customer, or take some away? */
  isBeingReassigned(customerId: number): boolean;
  /** Are there reassignments that are not finished? */
  hasPendingReassignments(): boolean;
  /** Resolves the owners of the next entries of a pending reassignment. Returns the number of entries. */
  reassignSome(): number;
  /** Removes rows from the log, within a write. */
  readonly withdraw: Pick<Withdrawals, "entry" | "profileUpdate" | "claimsOfProfileUpdate">;
  /** Does the work. Returns the customers who lose entries or profile updates by it. */
  losersOf(work: () => void): ReadonlySet<number>;
  // The next three return a function that handles the next `most` rows each time it is called. No rows, or 0, mean that it has reached the end.
  /** Removes the claims that nothing in the log makes. */
  claimBatches(): (most: number) => number;
  /** Asserts the claims of every profile update again. */
  profileUpdateBatches(): (most: number) => number;
  /** Asserts the claims of every entry again, and resolves its owner. Entries of erased customers stay with them. */
  entryBatches(): (most: number) => LoggedEntry[];
}
