// Which rate applies to a sale? The newest one dated on or before its day in the workspace's zone (definitions §3).
import { and, desc, eq, gt, lte, min, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { rate } from "../../db/schema.ts";

/** Later than every possible day. */
const NO_DAY = Number.MAX_SAFE_INTEGER;

export interface Rates {
  /** The rate of `currency` that applies on a local day, as an exact decimal, or undefined if there is none. */
  find(currency: string, day: number): string | undefined;
  /** The rate that is dated this very day. */
  at(currency: string, day: number): string | undefined;
  /** Stores a rate that applies from the local day `day` on. Returns the day of the next newer rate, before which it ends. */
  put(currency: string, day: number, exact: string): number;
  /** Removes the rate that is dated this very day. Returns the day of the next newer rate. */
  remove(currency: string, day: number): number;
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
  const exactly = orm
    .select({ exact: rate.rate })
    .from(rate)
    .where(and(ofCurrency, eq(rate.day, day)))
    .prepare();
  const remove = orm
    .delete(rate)
    .where(and(ofCurrency, eq(rate.day, day)))
    .prepare();
  return {
    at: (currency, on) => exactly.get({ currency, day: on })?.exact,
    remove(currency, on) {
      remove.run({ currency, day: on });
      return next.get({ currency, day: on })?.day ?? NO_DAY;
    },
    find: (currency, on) => newest.get({ currency, day: on })?.exact,
    put(currency, from, exact) {
      put.run({ currency, day: from, exact });
      return next.get({ currency, day: from })?.day ?? NO_DAY;
    },
  };
}
