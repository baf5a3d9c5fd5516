// Which part of each sale does each click get? (definitions §9)

import { openDecay } from "./decay.ts";
import type { Model } from "./model.ts";
import { runsByPlace, shareRuns } from "./run.ts";

const DAY = 86_400_000;
/** A sale's own credit of 1, in ten-thousandths. */
export const ONE_SALE = 10_000;
/** How long other requests wait for a customer with thousands of clicks and sales. */
const SLICE_MS = 8;
/** Below both of these nobody waits noticeably, and the time need not be looked at. */
const FEW_CLICKS = 20;
const FEW_SALES = 1000;

export interface Sale {
  readonly at: number;
  readonly netMinor: number;
}

/** The credit of each click by its place, and that of sales without a touch: money in minor units, sales in ten-thousandths. */
export interface Credits {
  readonly netMinor: Float64Array;
  readonly sales: Float64Array;
  /** 1 for each click that some sale gives a weight above 0. */
  readonly isCredited: Uint8Array;
  readonly none: { netMinor: number; sales: number };
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/** Shares sales as `crediting` does, other requests in between. */
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
 * Shares sales among clicks: together the credits are the sales, exactly. Both ascend in log order; `clickedAt` are instants, a
 * click at the instant of a sale is its touch. Yields when it is time to let others in.
 *
 * @throws {RangeError} when the sales add up to more than 2^53 − 1 minor units
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
  const netMinor = new Float64Array(n);
  const ofSales = new Float64Array(n);
  // steps[i] is what click i gets more than click i − 1: a run of touches with equal shares is two steps, however long.
  const steps = { netMinor: new Float64Array(n + 1), sales: new Float64Array(n + 1) };
  const isCredited = new Uint8Array(n);
  const none = { netMinor: 0, sales: 0 };
  const decay = model === "time_decay" && sales.length > 0 ? openDecay(clickedAt) : undefined;
  const step = (of: Float64Array, from: number, count: number, amount: number) => {
    of[from] = (of[from] ?? 0) + amount;
    of[from + count] = (of[from + count] ?? 0) - amount;
  };
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
    while (from < n && (clickedAt[from] ?? 0) < at - windowDays * DAY) from++;
    while (to < n && (clickedAt[to] ?? 0) <= at) to++;
    if (from >= to) {
      none.netMinor += net;
      none.sales += ONE_SALE;
      continue;
    }
    if (model === "first") isCredited[from] = 1;
    else if (model === "last") isCredited[to - 1] = 1;
    else isCredited.fill(1, Math.max(from, seen), to);
    seen = to;
    if (decay) {
      decay.share(net, from, to, netMinor);
      decay.share(ONE_SALE, from, to, ofSales);
      continue;
    }
    const runs = runsByPlace(model as Exclude<Model, "time_decay">, to - from);
    for (const [of, total] of [
      [steps.netMinor, net],
      [steps.sales, ONE_SALE],
    ] as const) {
      let place = from;
      shareRuns(total, runs).forEach(({ each, extra }, index) => {
        const count = runs[index]?.count ?? 0;
        step(of, place, count, each);
        step(of, place, extra, 1);
        place += count;
      });
    }
  }
  addSteps(steps.netMinor, netMinor);
  addSteps(steps.sales, ofSales);
  return { netMinor, sales: ofSales, isCredited, none };
}

/** Adds the steps up, click by click. */
function addSteps(steps: Float64Array, to: Float64Array): void {
  let level = 0;
  for (let index = 0; index < to.length; index++) {
    level += steps[index] ?? 0;
    to[index] = (to[index] ?? 0) + level;
  }
}
