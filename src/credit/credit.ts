// How is the credit of sales shared among touches? (definitions §9)

import { DAY_MS } from "../value/calendar.ts";
import { openDecay } from "./decay.ts";
import type { Model } from "./model.ts";
import { runsByPlace, shareRuns } from "./run.ts";
import { openShares, type Shares } from "./shares.ts";

/** The credit of one sale, in ten-thousandths. */
export const ONE_SALE = 10_000;
/** How long sharing runs before other requests get a turn. */
const SLICE_MS = 8;
/** With fewer touches and fewer sales, sharing is fast, and the clock is not read. */
const FEW_TOUCHES = 20;
const FEW_SALES = 1000;

export interface Sale {
  readonly at: number;
  readonly netMinor: number;
  /** How many of the customer's touches are not after it in log order. */
  readonly touchesUpTo: number;
}

/**
 * The credit of each touch, by its place, and in `none` that of sales
 * without a touch. Money is in minor units, sales are in ten-thousandths.
 */
export interface Credits {
  readonly netMinor: Float64Array;
  readonly sales: Float64Array;
  /** 1 for each touch to which a sale gives a weight above 0. */
  readonly isCredited: Uint8Array;
  readonly none: { netMinor: number; sales: number };
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/** Does what `crediting` does, and lets other requests run in between. */
export async function creditSales(
  sales: readonly Sale[],
  touchedAt: readonly number[],
  model: Model,
  windowDays: number,
): Promise<Credits> {
  const work = crediting(sales, touchedAt, model, windowDays);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await pause();
  }
}

/**
 * Shares the net value of each sale, and the sale itself, among the touches in its window, so that the credits add up exactly to the sales.
 * Sales and `touchedAt`, the instants of the customer's touches, are in log order. Yields when other requests should get a turn.
 *
 * @throws {RangeError} if the sales add up to more than 2^53 − 1 minor units
 */
export function* crediting(
  sales: readonly Sale[],
  touchedAt: readonly number[],
  model: Model,
  windowDays: number,
): Generator<void, Credits> {
  if (!Number.isSafeInteger(sales.reduce((sum, { netMinor }) => sum + netMinor, 0)))
    throw new RangeError("Cannot share sales of more than 2^53 − 1 minor units");
  const n = touchedAt.length;
  const ofMoney = openShares(n);
  const ofSales = openShares(n);
  const isCredited = new Uint8Array(n);
  const none = { netMinor: 0, sales: 0 };
  const shareOut = openModel(model, touchedAt);
  let from = 0;
  let seen = 0;
  const isLong = n >= FEW_TOUCHES || sales.length >= FEW_SALES;
  let until = isLong ? performance.now() + SLICE_MS : 0;
  for (const { at, netMinor: net, touchesUpTo: to } of sales) {
    if (isLong && performance.now() > until) {
      yield;
      until = performance.now() + SLICE_MS;
    }
    while (from < to && (touchedAt[from] as number) < at - windowDays * DAY_MS) from++;
    if (from >= to) {
      none.netMinor += net;
      none.sales += ONE_SALE;
      continue;
    }
    if (model === "first") isCredited[from] = 1;
    else if (model === "last") isCredited[to - 1] = 1;
    else isCredited.fill(1, Math.max(from, seen), to);
    seen = to;
    if (to - from === 1) {
      ofMoney.add(from, net); // whatever the model
      ofSales.add(from, ONE_SALE);
    } else {
      shareOut(net, from, to, ofMoney);
      shareOut(ONE_SALE, from, to, ofSales);
    }
  }
  return { netMinor: ofMoney.added(), sales: ofSales.added(), isCredited, none };
}

/** Gives the function that shares a total among the touches in [from, to) by a model. */
function openModel(model: Model, touchedAt: readonly number[]): (total: number, from: number, to: number, shares: Shares) => void {
  if (model === "first") return (total, from, _, shares) => shares.add(from, total);
  if (model === "last") return (total, _, to, shares) => shares.add(to - 1, total);
  if (model === "time_decay") return openDecay(touchedAt).share;
  return (total, from, to, shares) => {
    const runs = runsByPlace(model, to - from);
    let place = from;
    shareRuns(total, runs).forEach(({ each, extra }, index) => {
      const end = place + (runs[index]?.count ?? 0);
      shares.addToAll(place, end, each);
      shares.addToAll(place, place + extra, 1);
      place = end;
    });
  };
}
