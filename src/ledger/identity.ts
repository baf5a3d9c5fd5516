// Whose is an entry? Names decide first, then clicks, then visitors. Each level reads only the levels before it, so nothing goes round in circles.

import { requireRow, type Statement } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { CLICK, PROFILE_UPDATE, REFUND, SALE } from "../../db/schema.ts";
import { type Claim, type Claimant, type ClaimKind, openClaims } from "./claim.ts";
import {
  type LoggedEntry,
  type NamedEntry,
  type NamedProfileUpdate,
  SELECT_ENTRY,
  SELECT_LOGGED_ENTRY,
  SELECT_PROFILE_UPDATE,
} from "./named-row.ts";
import { openFollows } from "./pending-follow.ts";
import { openPendingReassignments, type PendingReassignment } from "./pending-reassignment.ts";

export interface Identity {
  /**
   * Resolves the owner of an entry that was just stored, and reassigns other entries that belong to somebody else now that it is there.
   * `isAwaited` says that it is a sale whose refunds arrived first.
   * Returns the owner, or null. The owner is not marked as stale for this entry: the caller does that.
   */
  resolveOwner(entry: NamedEntry, isAwaited: boolean): number | null;
  /** Asserts the claims of a profile update that was just stored. Throws an Error if there is none with this id. */
  resolveProfileUpdate(id: number): void;
  /** The customer that an email belongs to: by a claim, else the one who is known by this email alone. */
  ownerOfEmail(email: string): number | undefined;
  /** The customer that a clickId belongs to by a claim, if any. */
  ownerOfClick(clickId: string): number | undefined;
  /** Removes an erased customer's claims to emails and visitorIds, and returns these. Their clickIds are pinned. */
  forget(customerId: number): { emails: string[]; visitorIds: string[] };
  /** Asserts the claims of everybody else to an email that an erased customer had. */
  reassignEmail(email: string): void;
  /** Restores the claims of erased customers to their pinned clicks. */
  pinClicks(): void;
  /** May a pending reassignment still give entries to this customer, or take some away? */
  isBeingReassigned(customerId: number): boolean;
  /** Are there reassignments that are not finished? */
  hasPendingReassignments(): boolean;
  /** Resolves the owners of the next entries of a pending reassignment. Returns the number of entries. */
  reassignSome(): number;
  // The next three return a function that handles the next `most` rows each time it is called. No rows, or 0, mean that it has reached the end.
  /** Removes the claims that nothing in the log makes. */
  claimBatches(): (most: number) => number;
  /** Asserts the claims of every profile update again. */
  profileUpdateBatches(): (most: number) => number;
  /** Asserts the claims of every entry again, and resolves its owner. Entries of erased customers stay with them. */
  entryBatches(): (most: number) => LoggedEntry[];
}

/** The most entries that are reassigned within one write. */
const REASSIGNED_AT_ONCE = 250;

/** The field that holds the value of each kind of claim. */
const FIELD_OF = { email: "email", click: "clickId", visitor: "visitorId" } as const satisfies Record<ClaimKind, keyof NamedEntry>;

/**
 * Opens identity over a database. `markStale` is called with every customer who gains or loses entries or profile updates.
 * `reassignAtOnce` is the most entries that are reassigned within one write.
 */
export function openIdentity(
  database: Database,
  markStale: (customerId: number) => void,
  reassignAtOnce: number = REASSIGNED_AT_ONCE,
): Identity {
  const { sqlite } = database;
  const claims = openClaims(database);
  const pending = openPendingReassignments(database);
  const follows = openFollows(database, (entry) => void own(entry), reassignAtOnce);
  const selectEntries = <Parameters extends unknown[]>(rest: string) => sqlite.prepare<Parameters, NamedEntry>(`${SELECT_ENTRY} ${rest}`);
  // The index of the value gives the entries in the order of their ids. SQLite would recompile a bound LIMIT at each run, and ORDER BY takes three times as long.
  const nextEntries = (index: string, condition: string) =>
    selectEntries<[value: string, afterId: number]>(`INDEXED BY ${index} WHERE ${condition} AND id > ? LIMIT ${reassignAtOnce}`);
  const entriesOf: Readonly<Record<ClaimKind, Statement<[value: string, afterId: number], NamedEntry>>> = {
    click: nextEntries("entry_click", "click_id = ?"),
    visitor: nextEntries("entry_visitor", "visitor_id = ?"),
    email: nextEntries("entry_email", "email = ? AND declared_customer_id IS NULL"),
  };
  const byEmailAndName = selectEntries<[string]>(
    `WHERE email = ? AND declared_customer_id IS NOT NULL AND erased_customer_id IS NULL AND type <> ${REFUND}`,
  );
  const byKey = selectEntries<[type: number, key: string]>(`WHERE type = ? AND key = ?`);
  const after = sqlite.prepare<[id: number, most: number], LoggedEntry>(`${SELECT_LOGGED_ENTRY} WHERE id > ? ORDER BY id LIMIT ?`);
  const byId = selectEntries<[number | null]>(`WHERE id = ?`);
  const isPinned = sqlite.prepare(`SELECT 1 FROM pinned_click WHERE click_id = ? AND customer_id = ?`);
  const owner = sqlite.prepare<[number], number | null>(`SELECT customer_id FROM entry WHERE id = ?`).pluck();
  const setOwner = sqlite.prepare(`UPDATE entry SET customer_id = ? WHERE id = ?`);
  const knownByEmail = sqlite.prepare<[string], number>(`SELECT id FROM customer WHERE known_email = ?`).pluck();
  const isErased = sqlite.prepare<[number], number>(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  const selectProfileUpdates = <Parameters extends unknown[]>(rest: string) =>
    sqlite.prepare<Parameters, NamedProfileUpdate>(`${SELECT_PROFILE_UPDATE} ${rest}`);
  const profileUpdate = selectProfileUpdates<[number]>(`WHERE id = ?`);
  const profileUpdatesAfter = selectProfileUpdates<[id: number, most: number]>(`WHERE id > ? ORDER BY id LIMIT ?`);
  const profileUpdatesByKnownEmail = selectProfileUpdates<[string]>(`WHERE known_email = ?`);
  const profileUpdatesByEmail = selectProfileUpdates<[string]>(`WHERE email = ?`);
  const setProfileUpdateOwner = sqlite.prepare(`UPDATE profile_update SET customer_id = ? WHERE id = ?`);

  let arriving: number | undefined; // the entry that is being resolved
  let arrivingOwner: number | null = null; // its owner so far

  const ownerOfEmail = (email: string) => claims.ownerOf("email", email) ?? knownByEmail.get(email);
  const byName = (entry: NamedEntry) => entry.declaredCustomerId ?? (entry.email === null ? undefined : ownerOfEmail(entry.email)) ?? null;

  const byNameOrClick = (entry: NamedEntry) =>
    byName(entry) ?? (entry.clickId === null ? undefined : claims.ownerOf("click", entry.clickId)) ?? null;

  function assertClaim(kind: ClaimKind, value: string, claimant: Claimant, customerId: number): void {
    if (kind === "visitor" && isErased.get(customerId) === 1) return; // an erased customer's visitorIds belong to nobody
    const fromId = claims.assert(kind, value, claimant, customerId);
    if (fromId === undefined) return;
    reassign({ kind, value, fromId, afterId: 0 });
    if (kind === "email") for (const row of profileUpdatesByKnownEmail.all(value)) reconsiderProfileUpdate(row);
  }

  /** Resolves the owners of the entries of a value again: the next `reassignAtOnce` of them now, the rest as a pending reassignment. */
  function reassign({ kind, value, fromId, afterId }: PendingReassignment): number {
    const entries = entriesOf[kind].all(value, afterId);
    for (const entry of entries) {
      // The arriving entry is already being reconsidered.
      if (kind !== "visitor") {
        if (entry.id !== arriving) reconsider(entry);
      } else {
        own(entry);
        if (entry.type === CLICK && entry.clickId !== null) follows.follow("click", entry.clickId, fromId);
      }
    }
    const last = entries.length < reassignAtOnce ? undefined : entries.at(-1);
    if (last !== undefined) pending.note({ kind, value, fromId, afterId: last.id });
    else if (afterId > 0) pending.end({ kind, value, fromId, afterId });
    return entries.length;
  }

  /**
   * Does the log still contain what makes this claim? Whether the claim wins, and for whom, is not checked here:
   * asserting all claims again decides that.
   */
  function isInLog({ kind, value, at, type, key, entryId, profileUpdateId, customerId }: Claim): boolean {
    if (at === -2) return isPinned.get(value, customerId) !== undefined;
    const field = FIELD_OF[kind];
    if (profileUpdateId !== null) {
      const row = profileUpdate.get(profileUpdateId);
      return row?.[field] === value && row.at === at && type === PROFILE_UPDATE && row.key === key;
    }
    const entry = byId.get(entryId);
    if (entry === undefined || entry[field] !== value || entry.type !== type || entry.key !== key || type === REFUND) return false;
    if (kind === "email") return entry.declaredCustomerId !== null && entry.erasedCustomerId === null && entry.at === at;
    if (kind === "visitor")
      return byNameOrClick(entry) !== null && entry.erasedCustomerId === null && entry.isFromPage === 0 && entry.at === at;
    return byName(entry) !== null && at === (type === CLICK ? -1 : entry.at);
  }

  /** Asserts the claims of an entry for the customer that it names by now, then resolves its owner. */
  function reconsider(entry: NamedEntry): number | null {
    if (entry.type === REFUND) return own(entry);
    if (entry.erasedCustomerId !== null) {
      if (entry.declaredCustomerId !== null) assertClickClaim(entry, entry.declaredCustomerId);
      return own(entry);
    }
    const claimant = { at: entry.at, type: entry.type, key: entry.key, entryId: entry.id, profileUpdateId: null };
    if (entry.declaredCustomerId !== null && entry.email !== null) assertClaim("email", entry.email, claimant, entry.declaredCustomerId);
    // Each claim may reassign entries, this one too. So its customer is looked up again after each.
    const name = byName(entry);
    if (name !== null) assertClickClaim(entry, name);
    if (entry.isFromPage === 1) return own(entry); // a page can send any visitorId
    const known = byNameOrClick(entry);
    if (known !== null && entry.visitorId !== null) assertClaim("visitor", entry.visitorId, claimant, known);
    return own(entry);
  }

  /** Claims the entry's clickId. The claim of a click that names its customer itself comes before all others, so it is made at -1. */
  function assertClickClaim(entry: NamedEntry, customerId: number): void {
    if (entry.clickId === null) return;
    const at = entry.type === CLICK ? -1 : entry.at;
    assertClaim("click", entry.clickId, { at, type: entry.type, key: entry.key, entryId: entry.id, profileUpdateId: null }, customerId);
  }

  function reconsiderProfileUpdate(row: NamedProfileUpdate): void {
    const customerId = row.knownEmail === null ? row.customerId : (ownerOfEmail(row.knownEmail) ?? row.customerId);
    if (customerId !== row.customerId) {
      setProfileUpdateOwner.run(customerId, row.id);
      markStale(row.customerId);
    }
    markStale(customerId);
    const claimant = { at: row.at, type: PROFILE_UPDATE, key: row.key, entryId: null, profileUpdateId: row.id };
    if (row.email !== null) assertClaim("email", row.email, claimant, customerId);
    if (row.clickId !== null) assertClaim("click", row.clickId, claimant, customerId);
    if (row.visitorId !== null) assertClaim("visitor", row.visitorId, claimant, customerId);
  }

  /** The customer by the entry's visitor, else by its click's visitor. It comes last, after names and claims to the click. */
  function byVisitor(entry: NamedEntry): number | null {
    const byVisitorId = entry.visitorId === null ? undefined : claims.ownerOf("visitor", entry.visitorId);
    if (byVisitorId !== undefined) return byVisitorId;
    if (entry.clickId === null || entry.type === CLICK) return null;
    const click = byKey.get(CLICK, entry.clickId);
    return click?.erasedCustomerId ?? (click?.visitorId == null ? undefined : claims.ownerOf("visitor", click.visitorId)) ?? null;
  }

  /** Finds the customer of an entry. A refund goes with its sale, even if it belonged to a customer who was erased before the sale arrived. */
  function ownerOf(entry: NamedEntry): number | null {
    if (entry.saleKey !== null) {
      const sale = byKey.get(SALE, entry.saleKey);
      if (sale) return sale.customerId;
    }
    return entry.erasedCustomerId ?? byNameOrClick(entry) ?? byVisitor(entry);
  }

  /** Stores the owner of an entry, if it has changed. The refunds of a sale get the same owner. */
  function own(entry: NamedEntry): number | null {
    const customerId = ownerOf(entry);
    const isArriving = entry.id === arriving;
    // The entry may have got another owner since it was read, together with others.
    const before = isArriving ? arrivingOwner : (owner.get(entry.id) ?? null);
    if (customerId === before) return customerId;
    setOwner.run(customerId, entry.id);
    if (isArriving) arrivingOwner = customerId;
    if (before !== null) markStale(before);
    if (customerId !== null && !isArriving) markStale(customerId);
    if (entry.type === SALE) follows.follow("sale", entry.key, before);
    return customerId;
  }

  return {
    ownerOfEmail,
    ownerOfClick: (clickId) => claims.ownerOf("click", clickId),
    resolveOwner(entry, isAwaited) {
      [arriving, arrivingOwner] = [entry.id, entry.customerId];
      follows.begin();
      let customerId: number | null;
      try {
        customerId = reconsider(entry);
      } finally {
        arriving = undefined; // even if the entry is not stored after all, since its id may be the next one's
      }
      // Entries with this clickId that arrived before the click may belong to its visitor now, and a sale's refunds may have waited for it.
      if (entry.type === CLICK && entry.clickId !== null && entry.visitorId !== null) follows.follow("click", entry.clickId, null);
      if (isAwaited) follows.follow("sale", entry.key, null);
      return customerId;
    },
    resolveProfileUpdate(id) {
      follows.begin();
      reconsiderProfileUpdate(requireRow(profileUpdate, id));
    },
    forget(customerId) {
      claims.pin(customerId);
      return { emails: claims.drop("email", customerId), visitorIds: claims.drop("visitor", customerId) };
    },
    reassignEmail(email) {
      for (const entry of byEmailAndName.all(email)) reconsider(entry);
      for (const row of profileUpdatesByEmail.all(email)) reconsiderProfileUpdate(row);
    },
    pinClicks: () => claims.pinAll(),
    isBeingReassigned: (customerId) => follows.concern(customerId) || pending.concern(customerId),
    hasPendingReassignments: () => follows.isPending() || pending.next() !== undefined,
    reassignSome() {
      follows.begin();
      if (follows.isPending()) return follows.some();
      const next = pending.next();
      return next === undefined ? 0 : reassign(next);
    },
    claimBatches() {
      let [kind, value] = ["", ""];
      return (most) => {
        const rows = claims.after(kind, value, most);
        for (const row of rows) {
          [kind, value] = [row.kind, row.value];
          if (!isInLog(row)) claims.remove(row.kind, row.value);
        }
        return rows.length;
      };
    },
    profileUpdateBatches() {
      let id = 0;
      return (most) => {
        follows.begin();
        const rows = profileUpdatesAfter.all(id, most);
        for (const row of rows) {
          reconsiderProfileUpdate(row);
          id = row.id;
        }
        return rows.length;
      };
    },
    entryBatches() {
      let id = 0;
      return (most) => {
        follows.begin();
        const rows = after.all(id, most);
        for (const row of rows) {
          reconsider(row);
          id = row.id;
        }
        return rows;
      };
    },
  };
}
