// Which rate applies to a sale? The newest one dated on or before its day in the workspace's zone (definitions §3).
import { and, desc, eq, gt, lte, min, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { rate } from "../../db/schema.ts";

/** After every day that can be. */
const NO_DAY = Number.MAX_SAFE_INTEGER;

export interface Rates {
  /** The rate of `currency` on a local day, an exact decimal; undefined: none is known for it. */
  find(currency: string, day: number): string | undefined;
  /** Stores a rate from `day` on; gives the day of the next newer one, up to which it applies. */
  put(currency: string, day: number, exact: string): number;
}

export function openRates({ orm }: Database): Rates {
  const [ofCurrency, day] = [eq(rate.currency, sql.placeholder("currency")), sql.placeholder("day")];
  const newest = orm
    .select({ exact: rate.rate })
    .from(rate)
    .where(and(ofCurrency, lte(rate.day, day)))
    .orderBy(desc(rate.day))
    .limit(1)
    .prepare();
  const next = orm
    .select({ day: min(rate.day) })
    .from(rate)
    .where(and(ofCurrency, gt(rate.day, day)))
    .prepare();
  const put = orm
    .insert(rate)
    .values({ currency: sql.placeholder("currency"), day, rate: sql.placeholder("exact") })
    .onConflictDoUpdate({ target: [rate.currency, rate.day], set: { rate: sql`excluded.rate` } })
    .prepare();
  return {
    find: (currency, on) => newest.get({ currency, day: on })?.exact,
    put(currency, from, exact) {
      put.run({ currency, day: from, exact });
      return next.get({ currency, day: from })?.day ?? NO_DAY;
    },
  };
}
