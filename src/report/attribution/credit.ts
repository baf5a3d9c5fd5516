// How is the credit of sales shared among clicks? (definitions §9)

import { DAY_MS } from "../../value/calendar.ts";
import { openDecay } from "./decay.ts";
import type { Model } from "./model.ts";
import { runsByPlace, shareRuns } from "./run.ts";
import { openShares, type Shares } from "./shares.ts";

/** The credit of one sale, in ten-thousandths. */
export const ONE_SALE = 10_000;
/** How long sharing runs before other requests get a turn. */
const SLICE_MS = 8;
/** With fewer clicks and fewer sales, sharing is fast, and the clock is not read. */
const FEW_CLICKS = 20;
const FEW_SALES = 1000;

export interface Sale {
  readonly at: number;
  readonly netMinor: number;
}

/**
 * The credit of each click, by its place, and in `none` that of sales
 * without a touch. Money is in minor units, sales are in ten-thousandths.
 */
export interface Credits {
  readonly netMinor: Float64Array;
  readonly sales: Float64Array;
  /** 1 for each click to which a sale gives a weight above 0. */
  readonly isCredited: Uint8Array;
  readonly none: { netMinor: number; sales: number };
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/** Does what `crediting` does, and lets other requests run in between. */
export async function creditSales(
  sales: readonly Sale[],
  clickedAt: readonly number[],
  model: Model,
  windowDays: number,
): Promise<Credits> {
  const work = crediting(sales, clickedAt, model, windowDays);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await pause();
  }
}

/**
 * Shares the net value of each sale, and the sale itself, among the clicks in its window, so that the credits add up exactly to the sales.
 * Sales and `clickedAt`, the instants of the clicks, are in log order. A click at the instant of a sale is a touch of it. Yields when other
 * requests should get a turn.
 *
 * @throws {RangeError} if the sales add up to more than 2^53 − 1 minor units
 */
export function* crediting(
  sales: readonly Sale[],
  clickedAt: readonly number[],
  model: Model,
  windowDays: number,
): Generator<void, Credits> {
  if (!Number.isSafeInteger(sales.reduce((sum, { netMinor }) => sum + netMinor, 0)))
    throw new RangeError("Cannot share sales of more than 2^53 − 1 minor units");
  const n = clickedAt.length;
  const ofMoney = openShares(n);
  const ofSales = openShares(n);
  const isCredited = new Uint8Array(n);
  const none = { netMinor: 0, sales: 0 };
  const shareOut = openModel(model, clickedAt);
  let from = 0;
  let to = 0;
  let seen = 0;
  const isLong = n >= FEW_CLICKS || sales.length >= FEW_SALES;
  let until = isLong ? performance.now() + SLICE_MS : 0;
  for (const { at, netMinor: net } of sales) {
    if (isLong && performance.now() > until) {
      yield;
      until = performance.now() + SLICE_MS;
    }
    while (from < n && (clickedAt[from] as number) < at - windowDays * DAY_MS) from++;
    while (to < n && (clickedAt[to] as number) <= at) to++;
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

/** Gives the function that shares a total among the clicks in [from, to) by a model. */
function openModel(model: Model, clickedAt: readonly number[]): (total: number, from: number, to: number, shares: Shares) => void {
  if (model === "first") return (total, from, _, shares) => shares.add(from, total);
  if (model === "last") return (total, _, to, shares) => shares.add(to - 1, total);
  if (model === "time_decay") return openDecay(clickedAt).share;
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
