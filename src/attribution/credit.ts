// Which part of each sale does each click get? (definitions §9)
import { share } from "../money.ts";
import type { Model } from "./answer.ts";
import { runsByPlace, shareRuns } from "./run.ts";
import { type Decay, decayOf, weightsByAge } from "./weight.ts";

const DAY = 86_400_000;
/** A sale's own credit of 1, in ten-thousandths. */
const ONE_SALE = 10_000n;
/** How long other requests wait for a customer with thousands of clicks and sales. */
const SLICE_MS = 10;

export interface Sale {
  readonly at: number;
  readonly netMinor: bigint;
}

/** What one click, or no click at all, has earned: money in minor units, sales in ten-thousandths. */
export interface Credit {
  netMinor: bigint;
  sales: bigint;
}

/** The credit of each click, by its place in `clickedAt`, and that of sales without a touch. Together they are the sales, exactly. */
export interface Credits {
  readonly clicks: readonly Credit[];
  readonly none: Credit;
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/**
 * Shares sales among clicks. Both ascend in log order; `clickedAt` are instants, a click at the instant of a sale is its touch.
 * Lets other requests in between when it takes long.
 */
export async function creditSales(
  sales: readonly Sale[],
  clickedAt: readonly number[],
  model: Model,
  windowDays: number,
): Promise<Credits> {
  // steps[i] is what click i gets more than click i − 1, but for `own`: a run of touches with equal shares is two steps, however long.
  const steps = Array.from({ length: clickedAt.length + 1 }, (): Credit => ({ netMinor: 0n, sales: 0n }));
  const own = clickedAt.map((): Credit => ({ netMinor: 0n, sales: 0n }));
  const none: Credit = { netMinor: 0n, sales: 0n };
  const decays: Decay[] = model === "time_decay" ? clickedAt.map(decayOf) : [];
  const step = (field: keyof Credit, from: number, count: number, amount: bigint) => {
    const [first, after] = [steps[from], steps[from + count]];
    if (first) first[field] += amount;
    if (after) after[field] -= amount;
  };
  let from = 0;
  let to = 0;
  let until = performance.now() + SLICE_MS;
  for (const { at, netMinor } of sales) {
    if (performance.now() > until) {
      await pause();
      until = performance.now() + SLICE_MS;
    }
    while (from < clickedAt.length && (clickedAt[from] ?? 0) < at - windowDays * DAY) from++;
    while (to < clickedAt.length && (clickedAt[to] ?? 0) <= at) to++;
    if (from >= to) {
      none.netMinor += netMinor;
      none.sales += ONE_SALE;
    } else if (model === "time_decay") {
      const weights = weightsByAge(decays.slice(from, to));
      addShares(own, from, "netMinor", share(netMinor, weights));
      addShares(own, from, "sales", share(ONE_SALE, weights));
    } else {
      const runs = runsByPlace(model, to - from);
      for (const [field, total] of [
        ["netMinor", netMinor],
        ["sales", ONE_SALE],
      ] as const) {
        let place = from;
        shareRuns(total, runs).forEach(({ each, extra }, index) => {
          const count = runs[index]?.count ?? 0;
          step(field, place, count, each);
          step(field, place, extra, 1n);
          place += count;
        });
      }
    }
  }
  return { clicks: added(steps, own), none };
}

function addShares(credits: readonly Credit[], from: number, field: keyof Credit, shares: readonly bigint[]): void {
  shares.forEach((amount, index) => {
    const credit = credits[from + index];
    if (credit) credit[field] += amount;
  });
}

/** The steps added up, click by click, and each one's own. */
function added(steps: readonly Credit[], own: readonly Credit[]): Credit[] {
  let netMinor = 0n;
  let sales = 0n;
  return own.map((credit, index) => {
    netMinor += steps[index]?.netMinor ?? 0n;
    sales += steps[index]?.sales ?? 0n;
    return { netMinor: credit.netMinor + netMinor, sales: credit.sales + sales };
  });
}
