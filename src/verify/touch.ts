// Which of a customer's entries and creations are touches? (definitions §9)
import { CLICK, REFUND } from "../../db/schema.ts";

const SAME_VISIT_MS = 30 * 60_000;

/** What an entry or creation says about where the customer came from. */
export interface Origin {
  readonly type: number;
  readonly at: number;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly link: string | null;
  readonly clickId: string | null;
}

const saysOrigin = (item: Origin) =>
  item.type === CLICK || (item.type !== REFUND && (item.source !== null || item.campaign !== null || item.link !== null));

/** The touches among the entries and creations of one customer, which are in log order. */
export function touchesOf(items: readonly Origin[]): Origin[] {
  const origins = items.filter(saysOrigin);
  return origins.filter((origin, index) => {
    if (origin.type === CLICK) return true;
    if (origin.clickId !== null) return false;
    for (let before = index - 1; before >= 0; before--) {
      const other = origins[before];
      if (other === undefined || origin.at - other.at > SAME_VISIT_MS) return true;
      if (other.source === origin.source && other.campaign === origin.campaign) return false;
    }
    return true;
  });
}
