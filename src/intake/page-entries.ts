// What in a page's entry may link it to a customer? Only the visitor's own clickId, once a server names it.
import { CLICK, DEFAULTED } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { NamedEntry } from "../ledger/named-row.ts";
import type { Draft } from "./draft.ts";
import { CLICK_ID_PREFIX, conceal } from "./key.ts";

export interface PageEntries {
  /**
   * The entry as it is recorded, within the same write: marked as a page's, and without a clickId that somebody else sent first. Somebody
   * could give this visitor their own clickId, and would learn of the visit as soon as a server names it.
   */
  detach(draft: Draft): Draft;
}

export function openPageEntries({ database, ledger }: Pick<Context, "database" | "ledger">): PageEntries {
  const { sqlite, secret } = database;
  const findClick = sqlite.prepare<[key: string], number>(`SELECT 1 FROM entry WHERE type = ${CLICK} AND key = ?`);
  const findFirst = sqlite.prepare<[clickId: string], Pick<NamedEntry, "visitorId" | "isFromPage">>(
    `SELECT visitor_id AS visitorId, defaulted & ${DEFAULTED.fromPage} <> 0 AS isFromPage FROM entry WHERE click_id = ? ORDER BY id LIMIT 1`,
  );

  /** Was this visitor the first to send the clickId? Visitors without a visitorId count as one, until the clickId belongs to a customer. */
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
      if (type === CLICK && findClick.get(clickId) !== undefined) return marked; // the first click stays, and this one is not stored
      // It is the same each time, so that a replay is recognized, and nobody else can name it.
      return { ...marked, clickId: CLICK_ID_PREFIX + conceal(JSON.stringify(["page", clickId, visitorId]), secret) };
    },
  };
}
