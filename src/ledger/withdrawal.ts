// How does a row leave the log again, when its import is undone? What it claimed is claimed anew by all others that bring it, in short writes.
import type { Sqlite } from "../../db/connection.ts";
import type { pendingClaim } from "../../db/import-schema.ts";
import { CLICK, REFUND, SALE } from "../../db/schema.ts";
import type { ClaimKind, Claims } from "./claim.ts";
import { type NamedEntry, type NamedProfileUpdate, SELECT_ENTRY, SELECT_PROFILE_UPDATE, toBringer, toToldBringer } from "./named-row.ts";
import { openNextUpdates } from "./named-rows.ts";
import type { Follows } from "./pending-follow.ts";
import { FROM_UPDATES } from "./pending-reassignment.ts";

type Row = Pick<typeof pendingClaim.$inferSelect, "kind" | "value" | "fromId" | "afterId">;
type Value = readonly [kind: ClaimKind, value: string];

export interface Withdrawals {
  /** Removes an entry from the log, within a write. What it claimed is pending. */
  entry(id: number): void;
  /** Removes a profile update from the log, within a write. What it claimed is pending. */
  profileUpdate(id: number): void;
  /** Gives up the claims of a profile update, which stays, within a write. It and others claim them anew. */
  claimsOfProfileUpdate(id: number): void;
  /** Removes the claim to a visitorId whose claimant does not say it any more, within a write. It is pending if others still do. */
  unsaidVisitor(visitorId: string): void;
  isPending(): boolean;
  /** Lets the next entries claim again. Gives their number. */
  some(): number;
}

interface Parts {
  readonly sqlite: Sqlite;
  readonly claims: Claims;
  readonly follows: Follows;
  readonly markStale: (customerId: number) => void;
  /** Asserts the claims of a row again, and resolves its owner. */
  readonly reconsider: (entry: NamedEntry) => unknown;
  readonly reconsiderProfileUpdate: (update: NamedProfileUpdate) => unknown;
  readonly byNameOrClick: (entry: NamedEntry) => number | null;
  /** The most entries that claim again within one write. */
  readonly atOnce: number;
}

export function openWithdrawals(parts: Parts): Withdrawals {
  const { sqlite, claims, follows, markStale, reconsider, reconsiderProfileUpdate, byNameOrClick, atOnce } = parts;
  const entryById = sqlite.prepare<[id: number], NamedEntry>(`${SELECT_ENTRY} WHERE id = ?`);
  const updateById = sqlite.prepare<[id: number], NamedProfileUpdate>(`${SELECT_PROFILE_UPDATE} WHERE id = ?`);
  const selectNext = (rest: string) =>
    sqlite.prepare<[value: string, afterId: number], NamedEntry>(`${SELECT_ENTRY} ${rest} LIMIT ${atOnce}`);
  // The index of the value gives the entries in the order of their ids.
  const bringing = {
    click: selectNext("INDEXED BY entry_click WHERE click_id = ? AND id > ?"),
    visitor: selectNext("INDEXED BY entry_visitor WHERE visitor_id = ? AND id > ?"),
    email: selectNext("INDEXED BY entry_email WHERE email = ? AND id > ?"),
    alias: selectNext("JOIN entry_alias AS a ON a.entry_id = entry.id WHERE a.alias = ? AND a.entry_id > ? ORDER BY a.entry_id"),
  } as const;
  const updatesBringing = openNextUpdates(sqlite, atOnce);
  const dropEntryAliases = sqlite.prepare("DELETE FROM entry_alias WHERE alias = ? AND entry_id = ?");
  const dropUpdateAliases = sqlite.prepare("DELETE FROM profile_update_alias WHERE alias = ? AND profile_update_id = ?");
  const dropWaiting = sqlite.prepare("DELETE FROM webhook_waiting_refund WHERE entry_id = ?");
  const dropEntry = sqlite.prepare("DELETE FROM entry WHERE id = ?");
  const dropUpdate = sqlite.prepare("DELETE FROM profile_update WHERE id = ?");
  // A click of an erased customer stays pinned as long as the log still says that it was theirs.
  const isPinned = sqlite.prepare("SELECT 1 FROM pinned_click WHERE click_id = :clickId AND customer_id = :customerId");
  const isStillTheirs = sqlite.prepare(
    `SELECT 1 FROM entry WHERE click_id = :clickId AND declared_customer_id = :customerId
     UNION ALL SELECT 1 FROM profile_update WHERE click_id = :clickId AND customer_id = :customerId LIMIT 1`,
  );
  const unpin = sqlite.prepare("DELETE FROM pinned_click WHERE click_id = ?");
  const note = sqlite.prepare(
    `INSERT INTO pending_claim (kind, value, from_id, after_id, noted_at)
     VALUES (?, ?, ?, ${FROM_UPDATES}, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0)) ON CONFLICT DO UPDATE SET after_id = excluded.after_id`,
  );
  const next = sqlite.prepare<[], Row>("SELECT kind, value, from_id AS fromId, after_id AS afterId FROM pending_claim LIMIT 1");
  const keep = sqlite.prepare("UPDATE pending_claim SET after_id = ? WHERE kind = ? AND value = ?");
  const end = sqlite.prepare("DELETE FROM pending_claim WHERE kind = ? AND value = ?");

  /** Removes the claim to a value, and notes that others are to claim it. */
  function giveUp(kind: ClaimKind, value: string, fromId: number): void {
    claims.remove(kind, value);
    note.run(kind, value, fromId);
  }

  function giveUpAll(values: readonly Value[], isTheirs: (claim: NonNullable<ReturnType<Claims["find"]>>) => boolean): void {
    for (const [kind, value] of values) {
      const claim = claims.find(kind, value);
      if (claim && isTheirs(claim)) giveUp(kind, value, claim.customerId);
    }
  }

  function valuesOf(
    { emails, aliases }: { emails: readonly string[]; aliases: readonly string[] },
    row: Pick<NamedEntry, "clickId" | "visitorId">,
  ) {
    return [
      ...emails.map((value): Value => ["email", value]),
      ...aliases.map((value): Value => ["alias", value]),
      ...(row.clickId === null ? [] : [["click", row.clickId] as const]),
      ...(row.visitorId === null ? [] : [["visitor", row.visitorId] as const]),
    ];
  }

  function unpinClick(clickId: string, customerId: number): void {
    if (isPinned.get({ clickId, customerId }) === undefined || isStillTheirs.get({ clickId, customerId }) !== undefined) return;
    unpin.run(clickId);
    giveUp("click", clickId, customerId);
  }

  /** Without a claim to its click, an entry that names nobody has no customer to claim its visitor for. */
  function dropVisitorClaim({ id, visitorId, customerId }: NamedEntry): void {
    const claim = visitorId === null ? undefined : claims.find("visitor", visitorId);
    if (visitorId !== null && claim?.entryId === id) giveUp("visitor", visitorId, customerId ?? claim.customerId);
  }

  function claimsOfProfileUpdate(id: number): NamedProfileUpdate | undefined {
    const row = updateById.get(id);
    if (row) giveUpAll(valuesOf(toToldBringer(row), row), ({ profileUpdateId }) => profileUpdateId === id);
    return row;
  }

  /** Lets the next rows that bring a value claim it. Gives their number. */
  function claimAgain({ kind, value, fromId, afterId }: Row): number {
    if (afterId < 0) {
      const found = updatesBringing[kind].all({ value, after: FROM_UPDATES - afterId });
      const last = found.length < atOnce ? undefined : found.at(-1);
      if (last) keep.run(FROM_UPDATES - last.id, kind, value);
      for (const update of found) reconsiderProfileUpdate(update);
      if (last) return found.length;
    }
    const entries = bringing[kind].all(value, Math.max(0, afterId));
    const last = entries.length < atOnce ? undefined : entries.at(-1);
    // Before the entries, because they may give up a claim to the same value.
    if (last) keep.run(last.id, kind, value);
    else end.run(kind, value);
    for (const entry of entries) {
      reconsider(entry);
      if (kind === "click" && byNameOrClick(entry) === null) dropVisitorClaim(entry);
      if (kind === "visitor" && entry.type === CLICK && entry.clickId !== null) follows.follow("click", entry.clickId, fromId);
    }
    return entries.length;
  }

  return {
    entry(id) {
      const row = entryById.get(id);
      if (row === undefined) return;
      const { type, key, clickId, customerId, erasedCustomerId } = row;
      const bringer = toBringer(row);
      giveUpAll(valuesOf(bringer, row), ({ entryId }) => entryId === id);
      for (const alias of bringer.aliases) dropEntryAliases.run(alias, id);
      if (type === REFUND) dropWaiting.run(id);
      dropEntry.run(id);
      if (clickId !== null && erasedCustomerId !== null) unpinClick(clickId, erasedCustomerId);
      if (customerId !== null) markStale(customerId);
      if (type === CLICK && clickId !== null) follows.follow("click", clickId, customerId);
      if (type === SALE) follows.follow("sale", key, customerId);
    },
    profileUpdate(id) {
      const row = claimsOfProfileUpdate(id);
      if (row === undefined) return;
      for (const alias of toToldBringer(row).aliases) dropUpdateAliases.run(alias, id);
      dropUpdate.run(id);
      if (row.clickId !== null) unpinClick(row.clickId, row.customerId);
      markStale(row.customerId);
    },
    claimsOfProfileUpdate(id) {
      const row = claimsOfProfileUpdate(id);
      if (row) reconsiderProfileUpdate(row);
    },
    unsaidVisitor(visitorId) {
      const claim = claims.find("visitor", visitorId);
      if (claim === undefined) return;
      const claimant = claim.entryId === null ? updateById.get(claim.profileUpdateId ?? 0) : entryById.get(claim.entryId);
      if (claimant?.visitorId === visitorId) return;
      if (bringing.visitor.get(visitorId, 0) === undefined) claims.remove("visitor", visitorId);
      else giveUp("visitor", visitorId, claim.customerId);
    },
    isPending: () => next.get() !== undefined,
    some() {
      let handled = 0;
      for (let row = next.get(); row && handled < atOnce; row = next.get()) handled += claimAgain(row) + 1;
      return handled;
    },
  };
}
