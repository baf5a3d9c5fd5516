// Whose is an entry? Names decide first, then clicks, then visitors. Each level reads only the levels before it, so nothing goes round in circles.
import { requireRow, type Statement } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { CLICK, PROFILE_UPDATE, REFUND, SALE } from "../../db/schema.ts";
import { type Claimant, openClaims } from "./claim.ts";
import { openClaimsInLog } from "./claim-in-log.ts";
import type { Identity } from "./identity-interface.ts";
import { type NameChange, type NameKind, openNames } from "./name.ts";
import { type NamedEntry, type NamedProfileUpdate, toBringer, toToldBringer } from "./named-row.ts";
import { openNamedRows } from "./named-rows.ts";
import { openFollows } from "./pending-follow.ts";
import { FROM_UPDATES, openPendingReassignments, type PendingReassignment } from "./pending-reassignment.ts";
import { openWithdrawals } from "./withdrawal.ts";

/** The most entries that are reassigned within one write. */
const REASSIGNED_AT_ONCE = 250;

/** The claimant of names that nothing in the log brings. */
const NOBODY: Claimant = { at: 0, type: 0, key: "", entryId: null, profileUpdateId: null };

/** What a profile update of an erased customer says, even before it is stripped. */
const NAMELESS = { knownEmail: null, knownAlias: null, isSaid: 0, email: null, aliases: null, visitorId: null } as const;

export interface IdentityOptions {
  /** Called with every customer who gains or loses entries or profile updates. */
  readonly markStale: (customerId: number) => void;
  readonly now: () => number;
  /** The most entries that are reassigned within one write. */
  readonly reassignAtOnce?: number | undefined;
}

export function openIdentity(database: Database, { markStale, now, reassignAtOnce = REASSIGNED_AT_ONCE }: IdentityOptions): Identity {
  const { sqlite } = database;
  const claims = openClaims(database);
  const names = openNames(database, claims, now);
  const pending = openPendingReassignments(database);
  const follows = openFollows(database, (entry) => void own(entry), reassignAtOnce);
  const { byId, byKey, entriesOf, entriesAfter, ...updates } = openNamedRows(sqlite, reassignAtOnce);
  const owner = sqlite.prepare<[number], number | null>(`SELECT customer_id FROM entry WHERE id = ?`).pluck();
  const setOwner = sqlite.prepare(`UPDATE entry SET customer_id = ? WHERE id = ?`);
  const isErased = sqlite.prepare<[number], number>(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  const setProfileUpdateOwner = sqlite.prepare(`UPDATE profile_update SET customer_id = ? WHERE id = ?`);

  let arriving: number | undefined; // the entry that is being resolved
  let arrivingOwner: number | null = null; // its owner so far
  let changes: NameChange[] = []; // names whose entries are still to be reassigned
  let losers = new Set<number>(); // the customers who have lost something since the work of losersOf began

  const byName = (entry: NamedEntry) => entry.declaredCustomerId ?? names.customerOf(toBringer(entry));

  const byNameOrClick = (entry: NamedEntry) =>
    byName(entry) ?? (entry.clickId === null ? undefined : claims.ownerOf("click", entry.clickId)) ?? null;

  function assertClaim(kind: "click" | "visitor", value: string, claimant: Claimant, customerId: number): void {
    if (kind === "visitor" && isErased.get(customerId) === 1) return; // an erased customer's visitorIds belong to nobody
    const fromId = claims.assert(kind, value, claimant, customerId);
    if (fromId !== undefined) reassign({ kind, value, fromId, afterId: 0 });
  }

  /** Lets the next profile updates that bring a name claim it again. Gives their number, and whether these were the last ones; else the rest is pending. */
  function reassignUpdates(
    { kind, value, fromId, afterId }: PendingReassignment & { kind: NameKind },
    by?: number | null,
  ): { count: number; isDone: boolean } {
    const rows = updates.profileUpdatesOf[kind].all({ value, after: FROM_UPDATES - afterId });
    const last = rows.length < reassignAtOnce ? undefined : rows.at(-1);
    if (last) pending.note({ kind, value, fromId, afterId: FROM_UPDATES - last.id });
    for (const row of rows) if (row.id !== by) reconsiderProfileUpdate(row); // it has asserted its claims itself
    return { count: rows.length, isDone: !last };
  }

  /** Resolves the owners of all that has a value again: the next `reassignAtOnce` rows now, the rest as a pending reassignment. */
  function reassign(reassignment: PendingReassignment, by?: Claimant): number {
    const { kind, value, fromId, afterId } = reassignment;
    if (afterId < 0 && (kind === "email" || kind === "alias")) {
      const { count, isDone } = reassignUpdates({ ...reassignment, kind }, by?.profileUpdateId);
      if (!isDone) return count;
    }
    const entries = entriesOf[kind].all(value, Math.max(0, afterId));
    for (const entry of entries) {
      if (entry.id === by?.entryId) continue; // it has asserted its claims itself
      if (kind === "visitor") {
        own(entry);
        if (entry.type === CLICK && entry.clickId !== null) follows.follow("click", entry.clickId, fromId);
      } else if (kind !== "click" || entry.id !== arriving) reconsider(entry); // the arriving entry is already being reconsidered
    }
    const last = entries.length < reassignAtOnce ? undefined : entries.at(-1);
    if (last !== undefined) pending.note({ kind, value, fromId, afterId: last.id });
    return entries.length;
  }

  /** Resolves the owners of all that brings the names that have changed, which may change further names. What is too much is pending. */
  function reassignNames(): void {
    let done = 0;
    for (let next = changes.shift(); next !== undefined; next = changes.shift()) {
      const { kind, value, fromId, by } = next;
      if (done < reassignAtOnce) done += reassign({ kind, value, fromId, afterId: FROM_UPDATES }, by);
      else pending.note({ kind, value, fromId, afterId: FROM_UPDATES });
    }
  }

  /** Asserts the claims of an entry for the customer that it names by now, then resolves its owner. */
  function reconsider(entry: NamedEntry): number | null {
    if (entry.type === REFUND) return own(entry);
    if (entry.erasedCustomerId !== null) {
      if (entry.declaredCustomerId !== null) assertClickClaim(entry, entry.declaredCustomerId);
      return own(entry);
    }
    changes.push(...names.assert(toBringer(entry)));
    const name = byName(entry);
    if (name !== null) assertClickClaim(entry, name);
    if (entry.isFromPage === 1) return own(entry); // a page can send any visitorId
    // A claim may reassign entries, this one too. So its customer is looked up again.
    const known = byNameOrClick(entry);
    const claimant = { at: entry.at, type: entry.type, key: entry.key, entryId: entry.id, profileUpdateId: null };
    if (known !== null && entry.visitorId !== null) assertClaim("visitor", entry.visitorId, claimant, known);
    return own(entry);
  }

  /** Claims the entry's clickId. The claim of a click that names its customer itself comes before all others, so it is made at -1. */
  function assertClickClaim(entry: NamedEntry, customerId: number): void {
    if (entry.clickId === null) return;
    const at = entry.type === CLICK ? -1 : entry.at;
    assertClaim("click", entry.clickId, { at, type: entry.type, key: entry.key, entryId: entry.id, profileUpdateId: null }, customerId);
  }

  function reconsiderProfileUpdate(update: NamedProfileUpdate): number {
    const row = isErased.get(update.customerId) === 1 ? { ...update, ...NAMELESS } : update;
    const bringer = toToldBringer(row);
    changes.push(...names.assert(bringer));
    const customerId = names.customerOf(bringer) ?? row.customerId;
    if (customerId !== row.customerId) {
      setProfileUpdateOwner.run(customerId, row.id);
      losers.add(row.customerId);
      markStale(row.customerId);
    }
    markStale(customerId);
    const claimant = { at: row.at, type: PROFILE_UPDATE, key: row.key, entryId: null, profileUpdateId: row.id };
    if (row.clickId !== null) assertClaim("click", row.clickId, claimant, customerId);
    if (row.visitorId !== null) assertClaim("visitor", row.visitorId, claimant, customerId);
    return customerId;
  }

  /** The customer by the entry's visitor, else by its click's visitor. It comes last, after names and claims to the click. */
  function byVisitor(entry: NamedEntry): number | null {
    const byVisitorId = entry.visitorId === null ? undefined : claims.ownerOf("visitor", entry.visitorId);
    if (byVisitorId !== undefined) return byVisitorId;
    if (entry.clickId === null || entry.type === CLICK) return null;
    const click = byKey.get(CLICK, entry.clickId);
    return click?.erasedCustomerId ?? (click?.visitorId == null ? undefined : claims.ownerOf("visitor", click.visitorId)) ?? null;
  }

  const withdrawals = openWithdrawals({
    ...{ sqlite, claims, follows, markStale, reconsider, reconsiderProfileUpdate, byNameOrClick },
    atOnce: reassignAtOnce,
  });

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
    if (before !== null) {
      losers.add(before);
      markStale(before);
    }
    if (customerId !== null && !isArriving) markStale(customerId);
    if (entry.type === SALE) follows.follow("sale", entry.key, before);
    return customerId;
  }

  /** Does the work, then reassigns what it has changed. After an error nothing is left over for the next write. */
  function withReassigned<T>(work: () => T): T {
    follows.begin();
    try {
      const result = work();
      reassignNames();
      return result;
    } finally {
      changes = [];
    }
  }

  /** Returns a function that handles the next rows each time it is called. */
  function inBatches<Row extends { readonly id: number }>(next: Statement<[id: number, most: number], Row>, handle: (row: Row) => unknown) {
    let id = 0;
    return (most: number) =>
      withReassigned(() => {
        const rows = next.all(id, most);
        for (const row of rows) {
          handle(row);
          id = row.id;
        }
        return rows;
      });
  }

  return {
    ownerOfName: names.ownerOf,
    customerOfNames: (brought) => names.customerOf({ ...brought, declaredCustomerId: null, claimant: NOBODY }),
    findJoining: names.findJoining,
    mayJoin: names.mayJoin,
    ownerOfClick: (clickId) => claims.ownerOf("click", clickId),
    resolveOwner(entry, isAwaited) {
      [arriving, arrivingOwner] = [entry.id, entry.customerId];
      try {
        withReassigned(() => reconsider(entry));
      } finally {
        arriving = undefined; // even if the entry is not stored after all, since its id may be the next one's
      }
      // Entries with this clickId that arrived before the click may belong to its visitor now, and a sale's refunds may have waited for it.
      if (entry.type === CLICK && entry.clickId !== null && entry.visitorId !== null) follows.follow("click", entry.clickId, null);
      if (isAwaited) follows.follow("sale", entry.key, null);
      return arrivingOwner;
    },
    resolveProfileUpdate: (id) => withReassigned(() => reconsiderProfileUpdate(requireRow(updates.profileUpdateById, id))),
    forgetSome: claims.releaseSome,
    forgetUpdate({ id, email }, customerId) {
      if (email !== null) claims.releaseOf(id, "email", email, customerId);
    },
    releaseUnsaidVisitor: (visitorId) => withReassigned(() => withdrawals.unsaidVisitor(visitorId)),
    pinSome: claims.pinSome,
    reassignToTold: ({ kind, value }) => withReassigned(() => void reassignUpdates({ kind, value, fromId: null, afterId: FROM_UPDATES })),
    reassignEntries: (ids) =>
      withReassigned(() => {
        for (const id of ids) {
          const entry = requireRow(byId, id);
          if (entry.erasedCustomerId === null && entry.type !== REFUND) reconsider(entry);
        }
      }),
    pinClicks: () => claims.pinAll(),
    isBeingReassigned: (customerId) => withdrawals.isPending() || follows.concern(customerId) || pending.concern(customerId),
    hasPendingReassignments: () => withdrawals.isPending() || follows.isPending() || pending.next() !== undefined,
    withdraw: {
      entry: (id) => withReassigned(() => withdrawals.entry(id)),
      profileUpdate: (id) => withReassigned(() => withdrawals.profileUpdate(id)),
      claimsOfProfileUpdate: (id) => withReassigned(() => withdrawals.claimsOfProfileUpdate(id)),
    },
    reassignSome() {
      if (withdrawals.isPending()) return withReassigned(() => withdrawals.some());
      if (follows.isPending()) return withReassigned(() => follows.some());
      const next = pending.next();
      if (next === undefined) return 0;
      return withReassigned(() => {
        const done = reassign(next);
        if (done < reassignAtOnce) pending.end(next);
        return done;
      });
    },
    losersOf(work) {
      const found = new Set<number>();
      losers = found;
      work();
      return found;
    },
    claimBatches: () => openClaimsInLog({ sqlite, claims, names, byName, byNameOrClick }).batches(),
    profileUpdateBatches() {
      const next = inBatches(updates.profileUpdatesAfter, reconsiderProfileUpdate);
      return (most) => next(most).length;
    },
    entryBatches: () => inBatches(entriesAfter, reconsider),
  };
}
