// What does one customer's activity add to the totals of attribution: touches, clicks, sales, money and customers by key and day? (definitions §9)
import { DAY_MS } from "../value/calendar.ts";
import { type Activity, BEGINNING, GROUPINGS, type Place } from "./activity.ts";
import { crediting, ONE_SALE, type Sale } from "./credit.ts";
import { MODELS } from "./model.ts";
import { CLICKS, CREDITED, type CreditSums, EVERYBODY, MINOR, NEVER, SALES, TOUCHES } from "./sums.ts";

/** How many touches share in sales, about, before other requests get a turn. It takes some 5 ms. */
const MOST_SHARES = 4000;
/** The most sales that are shared at once. Their sum is a safe integer, because a sale has at most 10^12 minor units. */
const MOST_SALES = 1000;
const [LAST, FIRST, EVERY] = [0, 1, 2] as const;

export interface ContributionOptions {
  /** How far a sale looks back, in days of 24 hours. */
  readonly windowDays: number;
  /** The day of an instant: that of the last midnight before it. */
  readonly dayOf: (at: number) => number;
  /** For each grouping, the key of touches without one and of sales without a touch. */
  readonly without: readonly [number, number, number];
}

/**
 * Adds what an activity contributes, from a place on, to the sums, or takes it away with `sign` −1. What comes after the place must be later than all before it.
 * Yields when other requests should get a turn.
 */
export function* contribute(
  activity: Activity,
  sign: 1 | -1,
  sums: CreditSums,
  { windowDays, dayOf, without }: ContributionOptions,
  since: Place = BEGINNING,
): Generator<void, void> {
  const { touchedAt, isClick, keys, sales } = activity;
  const add = (figures: Float64Array, place: number, amount: number) => {
    figures[place] = (figures[place] as number) + sign * amount;
  };
  for (let touch = since.touches; touch < touchedAt.length; touch++) {
    const day = dayOf(touchedAt[touch] as number);
    for (let grouping = 0; grouping < GROUPINGS.length; grouping++) {
      const figures = sums.totalOf(grouping, keys[grouping]?.[touch] as number, day);
      add(figures, TOUCHES, 1);
      if (isClick[touch]) add(figures, CLICKS, 1);
    }
    if (touch % MOST_SALES === MOST_SALES - 1) yield;
  }
  if (since.sales >= sales.length) return;

  // The last day on which a key was credited, for each of CREDITED, by key and grouping.
  const creditedOn = new Map<number, number[]>();
  let paidOn = NEVER;
  const mark = (credited: number, grouping: number, key: number, day: number, isNew: boolean) => {
    const place = key * GROUPINGS.length + grouping;
    let days = creditedOn.get(place);
    if (days === undefined) {
      days = [NEVER, NEVER, NEVER];
      creditedOn.set(place, days);
    }
    const previous = days[credited] as number;
    if (previous === day) return;
    days[credited] = day;
    if (isNew) sums.count(credited, grouping, key, day, previous, sign);
  };
  const markTouch = (credited: number, touch: number, day: number, isNew: boolean) => {
    for (let grouping = 0; grouping < GROUPINGS.length; grouping++) mark(credited, grouping, keys[grouping]?.[touch] as number, day, isNew);
  };

  let from = 0;
  let shares = 0; // since the last turn
  for (let begin = 0; begin < sales.length; ) {
    if (shares >= MOST_SHARES) {
      shares = 0;
      yield;
    }
    const day = dayOf((sales[begin] as Sale).at);
    const isNew = begin >= since.sales;
    let end = begin + 1;
    while (end < sales.length && end !== since.sales && end - begin < MOST_SALES && dayOf((sales[end] as Sale).at) === day) end++;

    let low = -1; // the first touch in the window of one of these sales
    let high = 0;
    let net = 0;
    let hasNone = false;
    for (let index = begin; index < end; index++) {
      const { at, netMinor, touchesUpTo } = sales[index] as Sale;
      net += netMinor;
      while (from < touchesUpTo && (touchedAt[from] as number) < at - windowDays * DAY_MS) from++;
      if (from >= touchesUpTo) {
        hasNone = true;
        continue;
      }
      if (low < 0) low = from;
      markTouch(FIRST, from, day, isNew);
      markTouch(LAST, touchesUpTo - 1, day, isNew);
      for (let touch = Math.max(from, high); touch < touchesUpTo; touch++) markTouch(EVERY, touch, day, isNew);
      high = touchesUpTo;
    }
    if (hasNone)
      for (let credited = 0; credited < CREDITED.length; credited++)
        for (const [grouping, key] of without.entries()) mark(credited, grouping, key, day, isNew);
    if (isNew) {
      if (paidOn !== day) sums.count(EVERY, EVERYBODY, 0, day, paidOn, sign);
      sums.expect(net);
      if (low < 0) giveAll(without, day, end - begin, net);
      else if (high - low === 1 && !hasNone)
        giveAll(
          keys.map((own) => own[low] as number),
          day,
          end - begin,
          net,
        );
      else yield* shareOut(sales.slice(begin, end), low, high, day);
    }
    shares += end - begin + (low < 0 ? 0 : high - low);
    paidOn = day;
    begin = end;
  }

  /** Gives all credit of some sales of one day to one touch, or to none. All models agree then. */
  function giveAll(ofGroupings: readonly number[], day: number, sold: number, net: number): void {
    for (let grouping = 0; grouping < GROUPINGS.length; grouping++) {
      const figures = sums.totalOf(grouping, ofGroupings[grouping] as number, day);
      for (let place = 0; place < MODELS.length; place++) {
        add(figures, SALES + place, sold * ONE_SALE);
        add(figures, MINOR + place, net);
      }
    }
  }

  /** Gives the credit of each of some sales of one day to its first or last touch. */
  function giveToOne(
    model: "first" | "last",
    place: number,
    own: readonly Sale[],
    touches: readonly number[],
    targets: readonly (readonly Float64Array[])[],
    day: number,
  ): void {
    let from = 0;
    for (const { at, netMinor, touchesUpTo } of own) {
      while (from < touchesUpTo && (touches[from] as number) < at - windowDays * DAY_MS) from++;
      const touch = model === "first" ? from : touchesUpTo - 1;
      for (let grouping = 0; grouping < GROUPINGS.length; grouping++) {
        const figures =
          from < touchesUpTo ? (targets[grouping]?.[touch] as Float64Array) : sums.totalOf(grouping, without[grouping] as number, day);
        add(figures, SALES + place, ONE_SALE);
        add(figures, MINOR + place, netMinor);
      }
    }
  }

  /** Shares some sales of one day among the touches in [low, high). */
  function* shareOut(own: readonly Sale[], low: number, high: number, day: number): Generator<void, void> {
    const touches = touchedAt.slice(low, high);
    const rebased = own.map(({ at, netMinor, touchesUpTo }) => ({ at, netMinor, touchesUpTo: touchesUpTo - low }));
    const targets = GROUPINGS.map((_, grouping) =>
      touches.map((_, place) => sums.totalOf(grouping, keys[grouping]?.[low + place] as number, day)),
    );
    for (const [place, model] of MODELS.entries()) {
      if (model === "first" || model === "last") {
        giveToOne(model, place, rebased, touches, targets, day);
        continue;
      }
      const { netMinor, sales: shares, none } = yield* crediting(rebased, touches, model, windowDays);
      for (const ofGrouping of targets)
        for (let touch = 0; touch < touches.length; touch++) {
          const figures = ofGrouping[touch] as Float64Array;
          add(figures, SALES + place, shares[touch] as number);
          add(figures, MINOR + place, netMinor[touch] as number);
        }
      if (none.sales === 0) continue;
      for (const [grouping, key] of without.entries()) {
        const figures = sums.totalOf(grouping, key, day);
        add(figures, SALES + place, none.sales);
        add(figures, MINOR + place, none.netMinor);
      }
    }
  }
}
