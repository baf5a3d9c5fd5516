// How much credit does each source, campaign or link get in another window, or in a range within days? From the activities of all customers,
// a slice of them at a time, while other requests run in between. (definitions §9)
import { type Activity, decodeInSteps, GROUPINGS } from "../../credit/activity.ts";
import { crediting, ONE_SALE } from "../../credit/credit.ts";
import type { Model } from "../../credit/model.ts";
import type { TotalsReading } from "../engine.ts";
import { AFTER_ALL } from "../range.ts";
import type { KeyTally, Tally } from "./tally.ts";
import type { TotalsQuestion } from "./totals-answer.ts";

/** How long a slice of customers may take before other requests get a turn. */
const SLICE_MS = 8;
/** How many touches of a customer are counted before other requests get a turn. It takes a few milliseconds. */
const TOUCHES_A_TURN = 20_000;
/** How many keys are looked up before other requests get a turn. */
const KEYS_A_TURN = 1000;
/** How many customers are read at once. */
const AT_ONCE = 250;

type Row = [customerId: number, activity: Uint8Array];

interface Earning {
  customers: number;
  sales: number;
  netMinor: number;
  /** The last customer that was counted, so that nobody is counted twice. */
  lastCustomerId: number;
}
interface KeySums extends KeyTally {
  readonly earned: readonly Earning[];
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/** Sums by key that are 0 at first. They are exact for whole numbers up to 2^53 − 1. `without` is the key of sales without a touch. */
function openSums({ groupBy, startAt, endAt, windowDays }: TotalsQuestion, models: readonly Model[], without: number) {
  const [from, to] = [startAt ?? 0, endAt ?? AFTER_ALL];
  const grouping = GROUPINGS.indexOf(groupBy);
  const keys = new Map<number, KeySums>();
  const totals = { touches: 0, clicks: 0, customers: 0, sales: 0, netMinor: 0 };

  function ensureKey(key: number): KeySums {
    let sums = keys.get(key);
    if (!sums) {
      sums = { touches: 0, clicks: 0, earned: models.map(() => ({ customers: 0, sales: 0, netMinor: 0, lastCustomerId: 0 })) };
      keys.set(key, sums);
    }
    return sums;
  }

  function earn(key: number, place: number, customerId: number, netMinor: number, sales: number): void {
    const earned = ensureKey(key).earned[place];
    if (!earned) return;
    earned.netMinor += netMinor;
    earned.sales += sales;
    if (earned.lastCustomerId !== customerId) {
      earned.lastCustomerId = customerId;
      earned.customers++;
    }
  }

  /** Adds a customer. Yields when other requests should get a turn. */
  function* add(customerId: number, { touchedAt, isClick, keys: ofGroupings, sales: all }: Activity): Generator<void, void> {
    const own = ofGroupings[grouping] ?? [];
    for (let index = own.length - 1; index >= 0 && (touchedAt[index] as number) >= from; index--) {
      if (index % TOUCHES_A_TURN === TOUCHES_A_TURN - 1) yield;
      if ((touchedAt[index] as number) >= to) continue;
      const sums = ensureKey(own[index] as number);
      sums.touches++;
      totals.touches++;
      if (!isClick[index]) continue;
      sums.clicks++;
      totals.clicks++;
    }
    const sales = all.filter(({ at }) => at >= from && at < to);
    if (sales.length === 0) return;
    totals.customers++;
    totals.sales += sales.length * ONE_SALE;
    for (const { netMinor } of sales) totals.netMinor += netMinor;
    for (const [place, model] of models.entries()) {
      const credits = yield* crediting(sales, touchedAt, model, windowDays);
      for (let index = 0; index < own.length; index++) {
        if (index % TOUCHES_A_TURN === TOUCHES_A_TURN - 1) yield;
        if (credits.isCredited[index] === 1)
          earn(own[index] as number, place, customerId, credits.netMinor[index] as number, credits.sales[index] as number);
      }
      if (credits.none.sales > 0) earn(without, place, customerId, credits.none.netMinor, credits.none.sales);
    }
  }

  return { keys, totals, add };
}

/**
 * Gives the function that computes the answer to any question. Each customer is read at one moment; a write that arrives meanwhile may be
 * included or not.
 */
export function openWalk({
  database: { sqlite },
}: Pick<TotalsReading, "database">): (question: TotalsQuestion, models: readonly Model[]) => Promise<Tally> {
  const next = sqlite
    .prepare<[after: number, limit: number], Row>(
      "SELECT customer_id, activity FROM customer_activity WHERE customer_id > ? ORDER BY customer_id LIMIT ?",
    )
    .raw();
  const findText = sqlite.prepare<[id: number], string>("SELECT text FROM credit_key WHERE id = ?").pluck();
  const findKey = sqlite.prepare<[text: string], number>("SELECT id FROM credit_key WHERE text = ?").pluck();

  return async (question, models) => {
    const without = findKey.get(question.groupBy === "source" ? "(direct)" : "(none)") ?? 0;
    const { keys, totals, add } = openSums(question, models, without);
    function* addDecoded(customerId: number, activity: Uint8Array): Generator<void, void> {
      yield* add(customerId, yield* decodeInSteps(activity, TOUCHES_A_TURN));
    }
    let pausedAt = performance.now();
    for (let after = 0; ; ) {
      const rows = next.all(after, AT_ONCE);
      if (rows.length === 0) break;
      for (const [customerId, activity] of rows) {
        after = customerId;
        for (const _ of addDecoded(customerId, activity)) await pause();
        if (performance.now() - pausedAt < SLICE_MS) continue;
        await pause();
        pausedAt = performance.now();
      }
    }
    const named = new Map<string, KeyTally>();
    for (const [key, sums] of keys) {
      named.set(findText.get(key) ?? "", sums);
      if (named.size % KEYS_A_TURN === 0) await pause();
    }
    return { keys: named, totals };
  };
}
