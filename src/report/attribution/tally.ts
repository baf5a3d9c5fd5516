// How much credit does each source, campaign or link get from all customers
// under each model? One customer after another is added to the sums.

import { crediting, ONE_SALE, type Sale } from "../../credit/credit.ts";
import type { Model } from "../../credit/model.ts";
import { compareCodePoints } from "../../value/log-order.ts";

interface Earned {
  customers: number;
  sales: number; // ten-thousandths
  netMinor: number;
  /** The last customer that was counted, so that nobody is counted twice. */
  lastCustomerId: number;
}

export interface KeyTally {
  touches: number;
  clicks: number;
  /** One for each model, in their order. */
  readonly earned: readonly Earned[];
}

/** The touches of one customer in log order, as instants and keys, which of them are clicks, and their counted sales of the range. */
export interface Activity {
  readonly customerId: number;
  readonly touchedAt: readonly number[];
  readonly keys: readonly string[];
  readonly isClick: readonly boolean[];
  readonly sales: readonly Sale[];
}

export interface Tally {
  readonly keys: ReadonlyMap<string, KeyTally>;
  readonly totals: { touches: number; clicks: number; customers: number; sales: number; netMinor: number };
  /** Adds a customer. Only touches from `startAt` on are counted. Yields when other requests should get a turn. */
  add(activity: Activity, startAt: number): Generator<void, void>;
  /** The keys by revenue under the first model, highest first, and then in code point order. */
  ranked(): [key: string, tally: KeyTally][];
}

/** Sums that are 0 at first. `without` is the key of sales without a touch. They are exact for whole numbers up to 2^53 − 1. */
export function openTally(models: readonly Model[], windowDays: number, without: string): Tally {
  const keys = new Map<string, KeyTally>();
  const totals = { touches: 0, clicks: 0, customers: 0, sales: 0, netMinor: 0 };

  function ensureKey(key: string): KeyTally {
    let tally = keys.get(key);
    if (!tally) {
      tally = { touches: 0, clicks: 0, earned: models.map(() => ({ customers: 0, sales: 0, netMinor: 0, lastCustomerId: 0 })) };
      keys.set(key, tally);
    }
    return tally;
  }

  function earn(key: string, place: number, customerId: number, netMinor: number, sales: number): void {
    const earned = ensureKey(key).earned[place];
    if (!earned) return;
    earned.netMinor += netMinor;
    earned.sales += sales;
    if (earned.lastCustomerId !== customerId) {
      earned.lastCustomerId = customerId;
      earned.customers++;
    }
  }

  return {
    keys,
    totals,
    *add({ customerId, touchedAt, keys: own, isClick, sales }, startAt) {
      for (let index = own.length - 1; index >= 0 && (touchedAt[index] ?? 0) >= startAt; index--) {
        const tally = ensureKey(own[index] ?? without);
        tally.touches++;
        totals.touches++;
        if (!isClick[index]) continue;
        tally.clicks++;
        totals.clicks++;
      }
      if (sales.length === 0) return;
      const netMinor = sales.reduce((sum, sale) => sum + sale.netMinor, 0);
      totals.customers++;
      totals.sales += sales.length;
      totals.netMinor += netMinor;
      for (const [place, model] of models.entries()) {
        if (own.length === 0) {
          earn(without, place, customerId, netMinor, sales.length * ONE_SALE);
          continue;
        }
        const credits = yield* crediting(sales, touchedAt, model, windowDays);
        for (let index = 0; index < own.length; index++)
          if (credits.isCredited[index] === 1)
            earn(own[index] ?? without, place, customerId, credits.netMinor[index] ?? 0, credits.sales[index] ?? 0);
        if (credits.none.sales > 0) earn(without, place, customerId, credits.none.netMinor, credits.none.sales);
      }
    },
    ranked: () =>
      [...keys].sort(
        ([a, ours], [b, theirs]) => (theirs.earned[0]?.netMinor ?? 0) - (ours.earned[0]?.netMinor ?? 0) || compareCodePoints(a, b),
      ),
  };
}
