// Whose is an entry? Names first, then clicks, then visitors: each level knows only the levels before it, so nothing runs in circles.

import type { Statement } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { CLICK, PROFILE_UPDATE, REFUND, SALE } from "../../db/schema.ts";
import { type Claimant, type ClaimKind, type NamedClaim, openClaims } from "./claim.ts";
import { ENTRY, type LoggedEntry, type NamedEntry, type NamedProfileUpdate, PROFILE_UPDATE_ROW } from "./named-row.ts";
import { openPendingReassignments, type PendingReassignment } from "./pending-reassignment.ts";

export interface Identity {
  /**
   * Resolves the owner of an entry just stored, and reassigns every entry that its arrival gives to somebody else; `isAwaited`: it is a sale whose refunds came before it.
   * Gives its customer, if it has one, who is not touched by it alone.
   */
  resolveOwner(entry: NamedEntry, isAwaited: boolean): number | null;
  /** Puts in the claims of a profile update just stored. */
  resolveProfileUpdate(id: number): void;
  /** The customer of an email: of its claim, else the one known by it alone. */
  ownerOfEmail(email: string): number | undefined;
  /** The customer that a clickId leads to by name, if any. */
  ownerOfClick(clickId: string): number | undefined;
  /** Takes an erased customer's emails and visitorIds from them and gives these; their clickIds lead to them for good. */
  forget(customerId: number): { emails: string[]; visitorIds: string[] };
  /** Lets the word of others on an email hold that an erased customer had. */
  reassignEmail(email: string): void;
  /** Puts the pinned claims of the erased in their place again. */
  pinClicks(): void;
  /** Do entries still move to this customer, or away from them? */
  isBeingReassigned(customerId: number): boolean;
  /** Is there anything for `reassignSome` to do? */
  hasPendingReassignments(): boolean;
  /** Gives some more of the entries that change hands to their new owner; gives how many. */
  reassignSome(): number;
  // Each gives a function that goes on where it stopped and takes so many rows at the most; 0 or none: it is through.
  /** Takes away claims that nothing in the log makes. */
  claimBatches(): (most: number) => number;
  /** Puts in the claims of every profile update again. */
  profileUpdateBatches(): (most: number) => number;
  /** Asserts the claims of every entry again, and resolves its owner. Entries of the erased stay theirs. */
  entryBatches(): (most: number) => LoggedEntry[];
}

/** So many entries change hands within one write. */
const REASSIGNED_AT_ONCE = 500;

/** `touch` is told of every customer whose entries or profile updates came or went. `moveAtOnce`: so many entries change hands within one write (500). */
export function openIdentity(
  database: Database,
  touch: (customerId: number) => void,
  reassignAtOnce: number = REASSIGNED_AT_ONCE,
): Identity {
  const { sqlite } = database;
  const claims = openClaims(database);
  const pending = openPendingReassignments(database);
  const byClick = sqlite.prepare(`${ENTRY} WHERE click_id = ?`);
  // Through the index of the value, and so in the order of ids. A LIMIT that is bound, SQLite compiles anew at each run; ORDER BY takes it three times as long.
  const inTurn = (index: string, condition: string) =>
    sqlite.prepare(`${ENTRY} INDEXED BY ${index} WHERE ${condition} AND id > ? LIMIT ${reassignAtOnce}`);
  const entriesOf: Readonly<Record<ClaimKind, Statement>> = {
    click: inTurn("entry_click", "click_id = ?"),
    visitor: inTurn("entry_visitor", "visitor_id = ?"),
    email: inTurn("entry_email", "email = ? AND declared_customer_id IS NULL"),
  };
  const byEmailAndName = sqlite.prepare(
    `${ENTRY} WHERE email = ? AND declared_customer_id IS NOT NULL AND erased_customer_id IS NULL AND type <> ${REFUND}`,
  );
  const byKey = sqlite.prepare(`${ENTRY} WHERE type = ? AND key = ?`);
  const refundsOf = sqlite.prepare(`${ENTRY} WHERE type = ${REFUND} AND sale_key = ?`);
  const after = sqlite.prepare(`${ENTRY.replace(" FROM entry", ", currency FROM entry")} WHERE id > ? ORDER BY id LIMIT ?`);
  const byId = sqlite.prepare(`${ENTRY} WHERE id = ?`);
  const isPinned = sqlite.prepare(`SELECT 1 FROM pinned_click WHERE click_id = ? AND customer_id = ?`);
  const owner = sqlite.prepare(`SELECT customer_id FROM entry WHERE id = ?`).pluck();
  const setOwner = sqlite.prepare(`UPDATE entry SET customer_id = ? WHERE id = ?`);
  const knownByEmail = sqlite.prepare(`SELECT id FROM customer WHERE known_email = ?`).pluck();
  const isErased = sqlite.prepare(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  const profileUpdate = sqlite.prepare(`${PROFILE_UPDATE_ROW} WHERE id = ?`);
  const profileUpdatesAfter = sqlite.prepare(`${PROFILE_UPDATE_ROW} WHERE id > ? ORDER BY id LIMIT ?`);
  const profileUpdatesByKnownEmail = sqlite.prepare(`${PROFILE_UPDATE_ROW} WHERE known_email = ?`);
  const profileUpdatesByEmail = sqlite.prepare(`${PROFILE_UPDATE_ROW} WHERE email = ?`);
  const setProfileUpdateOwner = sqlite.prepare(`UPDATE profile_update SET customer_id = ? WHERE id = ?`);

  let arriving: number | undefined; // the entry being resolved, and whose it is so far
  let arrivingOwner: number | null = null;

  const ownerOfEmail = (email: string) => claims.ownerOf("email", email) ?? (knownByEmail.get(email) as number | undefined);
  const byName = (entry: NamedEntry) => entry.declaredCustomerId ?? (entry.email === null ? undefined : ownerOfEmail(entry.email)) ?? null;

  const byNameOrClick = (entry: NamedEntry) =>
    byName(entry) ?? (entry.clickId === null ? undefined : claims.ownerOf("click", entry.clickId)) ?? null;

  function assertClaim(kind: ClaimKind, value: string, claimant: Claimant, customerId: number): void {
    if (kind === "visitor" && isErased.get(customerId) === 1) return; // an erased customer's visitors lead to nobody
    const fromId = claims.assert(kind, value, claimant, customerId);
    if (fromId === undefined) return;
    reassign({ kind, value, fromId, afterId: 0 });
    if (kind === "email") for (const row of profileUpdatesByKnownEmail.all(value) as NamedProfileUpdate[]) reconsiderProfileUpdate(row);
  }

  /** Resolves the owners of the entries of a value anew: so many of them now, and the rest in batches. */
  function reassign({ kind, value, fromId, afterId }: PendingReassignment): number {
    const entries = entriesOf[kind].all(value, afterId) as NamedEntry[];
    for (const entry of entries) {
      // The arriving entry is on its way through the same steps.
      if (kind !== "visitor") {
        if (entry.id !== arriving) reconsider(entry);
      } else {
        own(entry);
        if (entry.type === CLICK && entry.clickId !== null) ownOthersOf(entry.clickId, entry.id);
      }
    }
    const last = entries.length < reassignAtOnce ? undefined : entries.at(-1);
    if (last !== undefined) pending.note({ kind, value, fromId, afterId: last.id });
    else if (afterId > 0) pending.end({ kind, value, fromId, afterId });
    return entries.length;
  }

  /** Does the claimant of a claim, as it stands in the log, make it? Whether it is the first, and whose it is, shows when all are put in again. */
  function isMade({ kind, value, at, type, key, entryId, profileUpdateId, customerId }: NamedClaim): boolean {
    if (at === -2) return isPinned.get(value, customerId) !== undefined;
    const field = { email: "email", click: "clickId", visitor: "visitorId" }[kind] as "email" | "clickId" | "visitorId";
    if (profileUpdateId !== null) {
      const row = profileUpdate.get(profileUpdateId) as NamedProfileUpdate | undefined;
      return row?.[field] === value && row.at === at && type === PROFILE_UPDATE && row.key === key;
    }
    const entry = byId.get(entryId) as NamedEntry | undefined;
    if (entry === undefined || entry[field] !== value || entry.type !== type || entry.key !== key || type === REFUND) return false;
    if (kind === "email") return entry.declaredCustomerId !== null && entry.erasedCustomerId === null && entry.at === at;
    if (kind === "visitor")
      return byNameOrClick(entry) !== null && entry.erasedCustomerId === null && entry.isFromPage === 0 && entry.at === at;
    return byName(entry) !== null && at === (type === CLICK ? -1 : entry.at);
  }

  /** Resolves the owners of the entries that name a click anew, but for the click itself. */
  function ownOthersOf(clickId: string, id: number): void {
    for (const entry of byClick.all(clickId) as NamedEntry[]) if (entry.id !== id) own(entry);
  }

  /** Asserts what the entry claims under the name it has by now, then resolves its owner. */
  function reconsider(entry: NamedEntry): number | null {
    if (entry.type === REFUND) return own(entry);
    if (entry.erasedCustomerId !== null) {
      if (entry.declaredCustomerId !== null) assertClickClaim(entry, entry.declaredCustomerId);
      return own(entry);
    }
    const claimant = { at: entry.at, type: entry.type, key: entry.key, entryId: entry.id, profileUpdateId: null };
    if (entry.declaredCustomerId !== null && entry.email !== null) assertClaim("email", entry.email, claimant, entry.declaredCustomerId);
    // Each claim may move entries, this one too: what it is known by is looked up again after it.
    const name = byName(entry);
    if (name !== null) assertClickClaim(entry, name);
    if (entry.isFromPage === 1) return own(entry); // whoever sends what pages send may say any visitorId
    const known = byNameOrClick(entry);
    if (known !== null && entry.visitorId !== null) assertClaim("visitor", entry.visitorId, claimant, known);
    return own(entry);
  }

  /** A click that names its customer itself comes before every other claim to it. */
  function assertClickClaim(entry: NamedEntry, customerId: number): void {
    if (entry.clickId === null) return;
    const at = entry.type === CLICK ? -1 : entry.at;
    assertClaim("click", entry.clickId, { at, type: entry.type, key: entry.key, entryId: entry.id, profileUpdateId: null }, customerId);
  }

  function reconsiderProfileUpdate(row: NamedProfileUpdate): void {
    const customerId = row.knownEmail === null ? row.customerId : (ownerOfEmail(row.knownEmail) ?? row.customerId);
    if (customerId !== row.customerId) {
      setProfileUpdateOwner.run(customerId, row.id);
      touch(row.customerId);
    }
    touch(customerId);
    const claimant = { at: row.at, type: PROFILE_UPDATE, key: row.key, entryId: null, profileUpdateId: row.id };
    if (row.email !== null) assertClaim("email", row.email, claimant, customerId);
    if (row.clickId !== null) assertClaim("click", row.clickId, claimant, customerId);
    if (row.visitorId !== null) assertClaim("visitor", row.visitorId, claimant, customerId);
  }

  /** Without a name, and without a claim to its click: by its visitor, else by that of its click. */
  function byVisit(entry: NamedEntry): number | null {
    const byVisitorId = entry.visitorId === null ? undefined : claims.ownerOf("visitor", entry.visitorId);
    if (byVisitorId !== undefined) return byVisitorId;
    if (entry.clickId === null || entry.type === CLICK) return null;
    const click = byKey.get(CLICK, entry.clickId) as NamedEntry | undefined;
    return click?.erasedCustomerId ?? (click?.visitorId == null ? undefined : claims.ownerOf("visitor", click.visitorId)) ?? null;
  }

  /** A refund is its sale's customer's, also when it was somebody's who was erased before the sale came. */
  function ownerOf(entry: NamedEntry): number | null {
    if (entry.saleKey !== null) {
      const sale = byKey.get(SALE, entry.saleKey) as NamedEntry | undefined;
      if (sale) return sale.customerId;
    }
    return entry.erasedCustomerId ?? byNameOrClick(entry) ?? byVisit(entry);
  }

  /** Writes down whose the entry is, if that changed; a sale takes its refunds along. */
  function own(entry: NamedEntry): number | null {
    const customerId = ownerOf(entry);
    const isArriving = entry.id === arriving;
    const before = isArriving ? arrivingOwner : (owner.get(entry.id) as number | null); // moving others may have moved this one since it was read
    if (customerId === before) return customerId;
    setOwner.run(customerId, entry.id);
    if (isArriving) arrivingOwner = customerId;
    if (before !== null) touch(before);
    if (customerId !== null && !isArriving) touch(customerId);
    if (entry.type === SALE) for (const refund of refundsOf.all(entry.key) as NamedEntry[]) own(refund);
    return customerId;
  }

  return {
    ownerOfEmail,
    ownerOfClick: (clickId) => claims.ownerOf("click", clickId),
    resolveOwner(entry, isAwaited) {
      [arriving, arrivingOwner] = [entry.id, entry.customerId];
      let customerId: number | null;
      try {
        customerId = reconsider(entry);
      } finally {
        arriving = undefined; // also of one that is not stored after all: its id may be another's next
      }
      // What named this click before it came may be its visitor's now, and a sale's refunds may have waited for it.
      if (entry.type === CLICK && entry.clickId !== null && entry.visitorId !== null) ownOthersOf(entry.clickId, entry.id);
      if (isAwaited) for (const refund of refundsOf.all(entry.key) as NamedEntry[]) own(refund);
      return customerId;
    },
    resolveProfileUpdate: (id) => reconsiderProfileUpdate(profileUpdate.get(id) as NamedProfileUpdate),
    forget(customerId) {
      claims.pin(customerId);
      return { emails: claims.drop("email", customerId), visitorIds: claims.drop("visitor", customerId) };
    },
    reassignEmail(email) {
      for (const entry of byEmailAndName.all(email) as NamedEntry[]) reconsider(entry);
      for (const row of profileUpdatesByEmail.all(email) as NamedProfileUpdate[]) reconsiderProfileUpdate(row);
    },
    pinClicks: () => claims.pinAll(),
    isBeingReassigned: (customerId) => pending.concern(customerId),
    hasPendingReassignments: () => pending.next() !== undefined,
    reassignSome() {
      const next = pending.next();
      return next === undefined ? 0 : reassign(next);
    },
    claimBatches() {
      let [kind, value] = ["", ""];
      return (most) => {
        const rows = claims.after(kind, value, most);
        for (const row of rows) {
          [kind, value] = [row.kind, row.value];
          if (!isMade(row)) claims.remove(row.kind, row.value);
        }
        return rows.length;
      };
    },
    profileUpdateBatches() {
      let id = 0;
      return (most) => {
        const rows = profileUpdatesAfter.all(id, most) as NamedProfileUpdate[];
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
        const rows = after.all(id, most) as LoggedEntry[];
        for (const row of rows) {
          reconsider(row);
          id = row.id;
        }
        return rows;
      };
    },
  };
}
