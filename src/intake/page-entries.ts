// What of a page's entry may lead to a customer? A clickId that is its visitor's own, and only because a server names it.
import { CLICK, DEFAULTED } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { NamedEntry } from "../ledger/named-row.ts";
import type { Draft } from "./draft.ts";
import { CLICK_ID_PREFIX, conceal } from "./key.ts";

export interface PageEntries {
  /**
   * The entry as it is to be recorded, within the same write: marked as a page's, and without a clickId that others brought. Somebody could
   * have sent their own clickId to this visitor, and would learn of the visit as soon as a server names it.
   */
  detach(draft: Draft): Draft;
}

export function openPageEntries({ database, ledger }: Pick<Context, "database" | "ledger">): PageEntries {
  const { sqlite, secret } = database;
  const findClick = sqlite.prepare<[key: string], number>(`SELECT 1 FROM entry WHERE type = ${CLICK} AND key = ?`);
  const findFirst = sqlite.prepare<[clickId: string], Pick<NamedEntry, "visitorId" | "isFromPage">>(
    `SELECT visitor_id AS visitorId, defaulted & ${DEFAULTED.fromPage} <> 0 AS isFromPage FROM entry WHERE click_id = ? ORDER BY id LIMIT 1`,
  );

  /** Did this visitor's page bring the clickId? Visitors without a visitorId are one, until the clickId is somebody's. */
  function isOwn(clickId: string, visitorId: string | null): boolean {
    const isClaimed = ledger.identity.ownerOfClick(clickId) !== undefined;
    const first = findFirst.get(clickId);
    if (first === undefined) return !isClaimed;
    return first.isFromPage === 1 && first.visitorId === visitorId && (visitorId !== null || !isClaimed);
  }

  return {
    detach(draft) {
      const { type, clickId, visitorId } = draft;
      const marked = { ...draft, defaulted: draft.defaulted | DEFAULTED.fromPage };
      if (clickId === null || isOwn(clickId, visitorId)) return marked;
      if (type === CLICK && findClick.get(clickId) !== undefined) return marked; // the first one stays, and nothing is stored
      // The same each time, so that what is sent again is known again; nobody can name it.
      return { ...marked, clickId: CLICK_ID_PREFIX + conceal(JSON.stringify(["page", clickId, visitorId]), secret) };
    },
  };
}
