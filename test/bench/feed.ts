// Which entries arrive while the intake is measured? A continuation of a world: new keys, nine of ten by existing customers.
import type { Size } from "./size.ts";
import { CLICK, CUSTOM, ENDS_AT, type Fact, LEAD, REFUND, random, SALE, share } from "./world.ts";

/** The first numbers of new entries and customers, beyond those of every world. */
const FIRST_INDEX = 100_000_000;
export const FIRST_NEW_CUSTOMER = 50_000_000;
const SOURCES = ["google", "facebook", "newsletter"];
const NOTHING = { source: null, campaign: null, cents: null, approved: true, saleIndex: null, saleCents: null, wholeRefund: false };

/** `count` entries from number `from` on. The same numbers give the same entries. */
export function* feed(size: Size, from: number, count: number): Generator<Fact> {
  let sale: Fact | undefined;
  for (let place = from; place < from + count; place++) {
    const index = FIRST_INDEX + place;
    const isNew = random(index, 31) % 10 === 0;
    const customer = isNew ? FIRST_NEW_CUSTOMER + Math.floor(place / 20) : Math.floor(size.customers * share(index, 32));
    const base = { ...NOTHING, index, customer, at: ENDS_AT + place };
    const of100 = random(index, 33) % 100;
    if (of100 >= 95 && sale) {
      yield { ...base, customer: sale.customer, type: REFUND, saleIndex: sale.index, saleCents: sale.cents };
      sale = undefined;
    } else if (of100 < 50) {
      yield { ...base, type: CLICK, source: SOURCES[index % 3] ?? null, campaign: `campaign_${random(index, 34) % 200}` };
    } else if (of100 < 85) {
      sale = { ...base, type: SALE, cents: 500 + (random(index, 35) % 30_000) };
      yield sale;
    } else yield { ...base, type: of100 < 91 ? LEAD : CUSTOM };
  }
}
