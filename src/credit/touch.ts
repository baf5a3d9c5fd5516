// Which of a customer's entries and creations are touches, among which the credit of sales is shared? (definitions §9)
import { CLICK } from "../../db/schema.ts";

/** What is told again at most this long after it was told is still the same visit. */
export const SAME_VISIT_MS = 30 * 60_000;

/** A click, or a conversion or creation that says a source, a campaign or a link. */
export interface Origin {
  /** The rank of the type in log order: see db/schema.ts. */
  readonly type: number;
  readonly at: number;
  readonly source: string | null;
  readonly campaign: string | null;
  /** The click that it names; of a click, its own. */
  readonly clickId: string | null;
}

/**
 * Gives the function that says whether one more origin of a customer is a touch. It takes all of their origins in log order, or, for those
 * from an instant on, all from `SAME_VISIT_MS` before it.
 */
export function openTouches(): (origin: Origin) => boolean {
  // When each source and campaign was last told. Instants ascend, so the last one is the nearest.
  const toldAt = new Map<string | null, Map<string | null, number>>();
  return ({ type, at, source, campaign, clickId }) => {
    let ofSource = toldAt.get(source);
    if (ofSource === undefined) {
      ofSource = new Map();
      toldAt.set(source, ofSource);
    }
    const lastAt = ofSource.get(campaign);
    ofSource.set(campaign, at);
    if (type === CLICK) return true;
    return clickId === null && (lastAt === undefined || at - lastAt > SAME_VISIT_MS);
  };
}
