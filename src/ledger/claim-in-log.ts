// Which stored claims does the log still contain? A rebuild removes the others. Which claim wins, and for whom, is decided by asserting all again.
import type { Sqlite } from "../../db/connection.ts";
import { CLICK, PROFILE_UPDATE, REFUND } from "../../db/schema.ts";
import type { Claim, Claims } from "./claim.ts";
import type { Bringer, Names } from "./name.ts";
import { type NamedEntry, type NamedProfileUpdate, SELECT_ENTRY, SELECT_PROFILE_UPDATE, toBringer, toToldBringer } from "./named-row.ts";

export interface ClaimsInLog {
  /** Returns a function that checks the next `most` claims each time it is called, and removes what the log does not contain. 0: all are checked. */
  batches(): (most: number) => number;
}

interface Parts {
  readonly sqlite: Sqlite;
  readonly claims: Claims;
  readonly names: Names;
  /** The customer that an entry names, and the one by its names or its click; null for nobody. */
  readonly byName: (entry: NamedEntry) => number | null;
  readonly byNameOrClick: (entry: NamedEntry) => number | null;
}

/** The claims to names depend on which aliases belong to an externalId, so they are checked again once the wrong ones among these are gone. */
const ROUNDS = 2;

export function openClaimsInLog({ sqlite, claims, names, byName, byNameOrClick }: Parts): ClaimsInLog {
  const entryById = sqlite.prepare<[id: number | null], NamedEntry>(`${SELECT_ENTRY} WHERE id = ?`);
  const profileUpdateById = sqlite.prepare<[id: number], NamedProfileUpdate>(`${SELECT_PROFILE_UPDATE} WHERE id = ?`);
  const isPinned = sqlite.prepare(`SELECT 1 FROM pinned_click WHERE click_id = ? AND customer_id = ?`);

  function brings(bringer: Bringer, { kind, value, rank, at, type, key }: Claim): boolean {
    if (kind !== "email" && kind !== "alias") return false;
    const { claimant, emails, aliases } = bringer;
    const isAtPlace = claimant.at === at && claimant.type === type && claimant.key === key;
    return isAtPlace && (kind === "email" ? emails : aliases).includes(value) && names.rankOf(bringer, kind) === rank;
  }

  function isInLog(claim: Claim): boolean {
    const { kind, value, at, type, key, entryId, profileUpdateId, customerId } = claim;
    if (at === -2) return isPinned.get(value, customerId) !== undefined;
    if (profileUpdateId !== null) {
      const row = profileUpdateById.get(profileUpdateId);
      if (row === undefined) return false;
      if (kind === "email" || kind === "alias") return brings(toToldBringer(row), claim);
      return row[kind === "click" ? "clickId" : "visitorId"] === value && row.at === at && type === PROFILE_UPDATE && row.key === key;
    }
    const entry = entryById.get(entryId);
    if (entry === undefined || entry.type !== type || entry.key !== key || type === REFUND) return false;
    if (kind === "email" || kind === "alias") return entry.erasedCustomerId === null && brings(toBringer(entry), claim);
    if (entry[kind === "click" ? "clickId" : "visitorId"] !== value) return false;
    if (kind === "visitor")
      return byNameOrClick(entry) !== null && entry.erasedCustomerId === null && entry.isFromPage === 0 && entry.at === at;
    return byName(entry) !== null && at === (type === CLICK ? -1 : entry.at);
  }

  return {
    batches() {
      let round = 1;
      let [kind, value] = ["", ""];
      return function next(most): number {
        const rows = claims.after(kind, value, most);
        for (const row of rows) {
          [kind, value] = [row.kind, row.value];
          if (!isInLog(row)) claims.remove(row.kind, row.value);
        }
        if (rows.length > 0 || round === ROUNDS) return rows.length;
        round += 1;
        [kind, value] = ["", ""];
        return next(most);
      };
    },
  };
}
