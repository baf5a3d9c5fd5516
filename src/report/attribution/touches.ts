// Which touches does a customer have, and how many of them come before each sale? (definitions §9)
import { CLICK, type entry, PROFILE_UPDATE } from "../../../db/schema.ts";
import type { Sale } from "../../credit/credit.ts";
import { openTouches } from "../../credit/touch.ts";

type Entry = typeof entry.$inferSelect;
/** A row of attribution-touches-and-sales.sql or attribution-creations.sql as an array, because objects take longer to create. */
export type OriginRow = [
  id: Entry["id"],
  type: number,
  at: Entry["at"],
  link: Entry["link"],
  campaign: Entry["campaign"],
  source: Entry["source"],
  medium: Entry["medium"],
  clickId: Entry["clickId"],
  isCountedSale: number,
  netMinor: number | null,
];

/** A customer's touches in log order, with a list for each field. */
export interface Touches {
  readonly type: number[];
  readonly at: number[];
  readonly link: (string | null)[];
  readonly campaign: (string | null)[];
  readonly source: (string | null)[];
  readonly medium: (string | null)[];
  readonly clickId: (string | null)[];
}

export interface History {
  readonly touches: Touches;
  /** How many touches are clicks. */
  readonly clicks: number;
  readonly sales: Sale[];
  /** How many touches are not after each of the sales, by the row of its entry. */
  readonly touchesUpTo: ReadonlyMap<Entry["id"], number>;
  /** How many touches are not after the latest conversion; undefined without one. */
  readonly touchesUpToLast: number | undefined;
  /** Are there counted sales without a rate? They are not in `sales`. */
  readonly hasUnconverted: boolean;
}

const AT = 2;

/** Entries and creations together in log order: at the same instant, a creation follows all entries. */
function* merged(entries: readonly OriginRow[], creations: readonly OriginRow[]): Generator<OriginRow> {
  let next = 0;
  for (const row of entries) {
    for (; next < creations.length && (creations[next]?.[AT] ?? 0) < row[AT]; next++) yield creations[next] as OriginRow;
    yield row;
  }
  yield* creations.slice(next);
}

/** The touches and sales of a customer, from their entries and creations in log order. `lastId` is the entry of the latest conversion. */
export function historyOf(entries: readonly OriginRow[], creations: readonly OriginRow[], lastId: number | undefined): History {
  const touches: Touches = { type: [], at: [], link: [], campaign: [], source: [], medium: [], clickId: [] };
  const sales: Sale[] = [];
  const touchesUpTo = new Map<number, number>();
  const isTouch = openTouches();
  let clicks = 0;
  let touchesUpToLast: number | undefined;
  let hasUnconverted = false;
  for (const row of creations.length === 0 ? entries : merged(entries, creations)) {
    const [id, type, at, link, campaign, source, medium, clickId, isCountedSale, netMinor] = row;
    const saysOrigin = type === CLICK || source !== null || campaign !== null || link !== null;
    if (saysOrigin && isTouch({ type, at, source, campaign, clickId })) {
      if (type === CLICK) clicks++;
      touches.type.push(type);
      touches.at.push(at);
      touches.link.push(link);
      touches.campaign.push(campaign);
      touches.source.push(source);
      touches.medium.push(medium);
      touches.clickId.push(clickId);
    }
    const before = touches.at.length;
    if (type !== PROFILE_UPDATE && id === lastId) touchesUpToLast = before;
    if (isCountedSale === 0) continue;
    if (netMinor === null) hasUnconverted = true;
    else {
      sales.push({ at, netMinor, touchesUpTo: before });
      touchesUpTo.set(id, before);
    }
  }
  return { touches, clicks, sales, touchesUpTo, touchesUpToLast, hasUnconverted };
}
