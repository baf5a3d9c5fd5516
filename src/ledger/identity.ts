// Whose is an entry? Names first, then clicks, then visitors: each level knows only the levels before it, so nothing runs in circles.
import type { Database, Statement } from "../../db/open.ts";
import { CLICK, REFUND, SALE, TELLING } from "../../db/schema.ts";
import { type Claimant, type ClaimKind, type NamedClaim, openClaims } from "./claim.ts";
import { type Move, openMoves } from "./move.ts";

/** What of an entry's row says whose it is. */
export interface NamedEntry {
  readonly id: number;
  readonly type: number;
  readonly at: number;
  readonly key: string;
  readonly namedId: number | null;
  readonly frozenId: number | null;
  readonly email: string | null;
  readonly clickId: string | null;
  readonly visitorId: string | null;
  readonly saleKey: string | null;
  readonly customerId: number | null;
}

/** An entry with what its settlement needs. */
export interface LoggedEntry extends NamedEntry {
  readonly currency: string | null;
}

interface NamedTelling {
  readonly id: number;
  readonly customerId: number;
  readonly knownEmail: string | null;
  readonly at: number;
  readonly key: string;
  readonly email: string | null;
  readonly clickId: string | null;
  readonly visitorId: string | null;
}

export interface Identity {
  /**
   * Settles whose an entry just stored is, and moves every entry that its arrival moves; `isAwaited`: it is a sale whose refunds came before it.
   * Gives its customer, if it has one, who is not touched by it alone.
   */
  place(entry: NamedEntry, isAwaited: boolean): number | null;
  /** Puts in the claims of a telling just stored. */
  placeTelling(id: number): void;
  /** The customer of an email: of its claim, else the one known by it alone. */
  ownerOfEmail(email: string): number | undefined;
  /** The customer that a clickId leads to by name, if any. */
  ownerOfClick(clickId: string): number | undefined;
  /** Takes an erased customer's emails and visitorIds from them and gives these; their clickIds lead to them for good. */
  forget(customerId: number): { emails: string[]; visitorIds: string[] };
  /** Lets the word of others on an email hold that an erased customer had. */
  reelectEmail(email: string): void;
  /** Puts the final claims of the erased in their place again. */
  holdClicks(): void;
  /** Do entries still move to this customer, or away from them? */
  isMoving(customerId: number): boolean;
  /** Is there anything for `moveSome` to do? */
  hasMoves(): boolean;
  /** Gives some more of the entries that change hands to their new owner; gives how many. */
  moveSome(): number;
  // Each gives a function that goes on where it stopped and takes so many rows at the most; 0 or none: it is through.
  /** Takes away claims that nothing in the log makes. */
  claimsInTurn(): (most: number) => number;
  /** Puts in the claims of every telling again. */
  tellingsInTurn(): (most: number) => number;
  /** Puts in the claims of every entry again, and settles whose it is. Frozen entries stay whose they were. */
  entriesInTurn(): (most: number) => LoggedEntry[];
}

const ENTRY = `SELECT id, type, at, key, named_id AS namedId, frozen_id AS frozenId, email, click_id AS clickId, visitor_id AS visitorId,
  sale_key AS saleKey, customer_id AS customerId FROM entry`;
const TELLING_ROW = `SELECT id, customer_id AS customerId, known_email AS knownEmail, at, key, email, click_id AS clickId, visitor_id AS visitorId FROM telling`;

/** So many entries change hands within one write. */
const MOVE_AT_ONCE = 500;

/** `touch` is told of every customer whose entries or tellings came or went. `moveAtOnce`: so many entries change hands within one write (500). */
export function openIdentity(database: Database, touch: (customerId: number) => void, moveAtOnce: number = MOVE_AT_ONCE): Identity {
  const { sqlite } = database;
  const claims = openClaims(database);
  const moves = openMoves(database);
  const byClick = sqlite.prepare(`${ENTRY} WHERE click_id = ?`);
  // Through the index of the value, and so in the order of ids. A LIMIT that is bound, SQLite compiles anew at each run; ORDER BY takes it three times as long.
  const inTurn = (index: string, condition: string) =>
    sqlite.prepare(`${ENTRY} INDEXED BY ${index} WHERE ${condition} AND id > ? LIMIT ${moveAtOnce}`);
  const entriesOf: Readonly<Record<ClaimKind, Statement>> = {
    click: inTurn("entry_click", "click_id = ?"),
    visitor: inTurn("entry_visitor", "visitor_id = ?"),
    email: inTurn("entry_email", "email = ? AND named_id IS NULL"),
  };
  const byEmailAndName = sqlite.prepare(`${ENTRY} WHERE email = ? AND named_id IS NOT NULL AND frozen_id IS NULL AND type <> ${REFUND}`);
  const byKey = sqlite.prepare(`${ENTRY} WHERE type = ? AND key = ?`);
  const refundsOf = sqlite.prepare(`${ENTRY} WHERE type = ${REFUND} AND sale_key = ?`);
  const after = sqlite.prepare(`${ENTRY.replace(" FROM entry", ", currency FROM entry")} WHERE id > ? ORDER BY id LIMIT ?`);
  const byId = sqlite.prepare(`${ENTRY} WHERE id = ?`);
  const isHeld = sqlite.prepare(`SELECT 1 FROM held_click WHERE click_id = ? AND customer_id = ?`);
  const owner = sqlite.prepare(`SELECT customer_id FROM entry WHERE id = ?`).pluck();
  const setOwner = sqlite.prepare(`UPDATE entry SET customer_id = ? WHERE id = ?`);
  const knownByEmail = sqlite.prepare(`SELECT id FROM customer WHERE known_email = ?`).pluck();
  const isErased = sqlite.prepare(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  const telling = sqlite.prepare(`${TELLING_ROW} WHERE id = ?`);
  const tellingsAfter = sqlite.prepare(`${TELLING_ROW} WHERE id > ? ORDER BY id LIMIT ?`);
  const tellingsByKnownEmail = sqlite.prepare(`${TELLING_ROW} WHERE known_email = ?`);
  const tellingsByEmail = sqlite.prepare(`${TELLING_ROW} WHERE email = ?`);
  const setTellingOwner = sqlite.prepare(`UPDATE telling SET customer_id = ? WHERE id = ?`);

  let arriving: number | undefined; // the entry being placed, and whose it is so far
  let arrivingOwner: number | null = null;

  const ownerOfEmail = (email: string) => claims.ownerOf("email", email) ?? (knownByEmail.get(email) as number | undefined);
  const byName = (entry: NamedEntry) => entry.namedId ?? (entry.email === null ? undefined : ownerOfEmail(entry.email)) ?? null;

  const byNameOrClick = (entry: NamedEntry) =>
    byName(entry) ?? (entry.clickId === null ? undefined : claims.ownerOf("click", entry.clickId)) ?? null;

  function stake(kind: ClaimKind, value: string, claimant: Claimant, customerId: number): void {
    if (kind === "visitor" && isErased.get(customerId) === 1) return; // an erased customer's visitors lead to nobody
    const fromId = claims.stake(kind, value, claimant, customerId);
    if (fromId === undefined) return;
    move({ kind, value, fromId, afterId: 0 });
    if (kind === "email") for (const row of tellingsByKnownEmail.all(value) as NamedTelling[]) reconsiderTelling(row);
  }

  /** Settles anew whose the entries of a value are: so many of them now, and the rest in turn. */
  function move({ kind, value, fromId, afterId }: Move): number {
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
    const last = entries.length < moveAtOnce ? undefined : entries.at(-1);
    if (last !== undefined) moves.note({ kind, value, fromId, afterId: last.id });
    else if (afterId > 0) moves.end({ kind, value, fromId, afterId });
    return entries.length;
  }

  /** Does the claimant of a claim, as it stands in the log, make it? Whether it is the first, and whose it is, shows when all are put in again. */
  function isMade({ kind, value, at, type, key, entryId, tellingId, customerId }: NamedClaim): boolean {
    if (at === -2) return isHeld.get(value, customerId) !== undefined;
    const field = { email: "email", click: "clickId", visitor: "visitorId" }[kind] as "email" | "clickId" | "visitorId";
    if (tellingId !== null) {
      const row = telling.get(tellingId) as NamedTelling | undefined;
      return row?.[field] === value && row.at === at && type === TELLING && row.key === key;
    }
    const entry = byId.get(entryId) as NamedEntry | undefined;
    if (entry === undefined || entry[field] !== value || entry.type !== type || entry.key !== key || type === REFUND) return false;
    if (kind === "email") return entry.namedId !== null && entry.frozenId === null && entry.at === at;
    if (kind === "visitor") return byNameOrClick(entry) !== null && entry.frozenId === null && entry.at === at;
    return byName(entry) !== null && at === (type === CLICK ? -1 : entry.at);
  }

  /** Settles anew whose the entries are that name a click, but for the click itself. */
  function ownOthersOf(clickId: string, id: number): void {
    for (const entry of byClick.all(clickId) as NamedEntry[]) if (entry.id !== id) own(entry);
  }

  /** Puts in what the entry claims under the name it has by now, then settles whose it is. */
  function reconsider(entry: NamedEntry): number | null {
    if (entry.type === REFUND) return own(entry);
    if (entry.frozenId !== null) {
      if (entry.namedId !== null) stakeClick(entry, entry.namedId);
      return own(entry);
    }
    const claimant = { at: entry.at, type: entry.type, key: entry.key, entryId: entry.id, tellingId: null };
    if (entry.namedId !== null && entry.email !== null) stake("email", entry.email, claimant, entry.namedId);
    // Each claim may move entries, this one too: what it is known by is looked up again after it.
    const name = byName(entry);
    if (name !== null) stakeClick(entry, name);
    const known = byNameOrClick(entry);
    if (known !== null && entry.visitorId !== null) stake("visitor", entry.visitorId, claimant, known);
    return own(entry);
  }

  /** A click that names its customer itself comes before every other claim to it. */
  function stakeClick(entry: NamedEntry, customerId: number): void {
    if (entry.clickId === null) return;
    const at = entry.type === CLICK ? -1 : entry.at;
    stake("click", entry.clickId, { at, type: entry.type, key: entry.key, entryId: entry.id, tellingId: null }, customerId);
  }

  function reconsiderTelling(row: NamedTelling): void {
    const customerId = row.knownEmail === null ? row.customerId : (ownerOfEmail(row.knownEmail) ?? row.customerId);
    if (customerId !== row.customerId) {
      setTellingOwner.run(customerId, row.id);
      touch(row.customerId);
    }
    touch(customerId);
    const claimant = { at: row.at, type: TELLING, key: row.key, entryId: null, tellingId: row.id };
    if (row.email !== null) stake("email", row.email, claimant, customerId);
    if (row.clickId !== null) stake("click", row.clickId, claimant, customerId);
    if (row.visitorId !== null) stake("visitor", row.visitorId, claimant, customerId);
  }

  /** Without a name, and without a claim to its click: by its visitor, else by that of its click. */
  function byVisit(entry: NamedEntry): number | null {
    const byVisitorId = entry.visitorId === null ? undefined : claims.ownerOf("visitor", entry.visitorId);
    if (byVisitorId !== undefined) return byVisitorId;
    if (entry.clickId === null || entry.type === CLICK) return null;
    const click = byKey.get(CLICK, entry.clickId) as NamedEntry | undefined;
    return click?.frozenId ?? (click?.visitorId == null ? undefined : claims.ownerOf("visitor", click.visitorId)) ?? null;
  }

  /** A refund is its sale's customer's, also when it was somebody's who was erased before the sale came. */
  function ownerOf(entry: NamedEntry): number | null {
    if (entry.saleKey !== null) {
      const sale = byKey.get(SALE, entry.saleKey) as NamedEntry | undefined;
      if (sale) return sale.customerId;
    }
    return entry.frozenId ?? byNameOrClick(entry) ?? byVisit(entry);
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
    place(entry, isAwaited) {
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
    placeTelling: (id) => reconsiderTelling(telling.get(id) as NamedTelling),
    forget(customerId) {
      claims.hold(customerId);
      return { emails: claims.drop("email", customerId), visitorIds: claims.drop("visitor", customerId) };
    },
    reelectEmail(email) {
      for (const entry of byEmailAndName.all(email) as NamedEntry[]) reconsider(entry);
      for (const row of tellingsByEmail.all(email) as NamedTelling[]) reconsiderTelling(row);
    },
    holdClicks: () => claims.holdAll(),
    isMoving: (customerId) => moves.concern(customerId),
    hasMoves: () => moves.next() !== undefined,
    moveSome() {
      const next = moves.next();
      return next === undefined ? 0 : move(next);
    },
    claimsInTurn() {
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
    tellingsInTurn() {
      let id = 0;
      return (most) => {
        const rows = tellingsAfter.all(id, most) as NamedTelling[];
        for (const row of rows) {
          reconsiderTelling(row);
          id = row.id;
        }
        return rows.length;
      };
    },
    entriesInTurn() {
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
