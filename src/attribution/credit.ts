// Which part of each sale does each click get? (definitions §9)
import { share } from "../money.ts";
import type { Model } from "./answer.ts";
import { type Decay, decayOf, weightsByAge, weightsByPlace } from "./weight.ts";

const DAY = 86_400_000;
/** A sale's own credit of 1, in ten-thousandths. */
const ONE_SALE = 10_000n;

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

/** Shares sales among clicks. Both ascend in log order; `clickedAt` are instants, a click at the instant of a sale is its touch. */
export function creditSales(sales: readonly Sale[], clickedAt: readonly number[], model: Model, windowDays: number): Credits {
  const clicks = clickedAt.map((): Credit => ({ netMinor: 0n, sales: 0n }));
  const none: Credit = { netMinor: 0n, sales: 0n };
  const decays: Decay[] = model === "time_decay" ? clickedAt.map(decayOf) : [];
  let from = 0;
  let to = 0;
  for (const sale of sales) {
    const windowAt = sale.at - windowDays * DAY;
    while (from < clickedAt.length && (clickedAt[from] ?? 0) < windowAt) from++;
    while (to < clickedAt.length && (clickedAt[to] ?? 0) <= sale.at) to++;
    if (from >= to) add(none, sale.netMinor, ONE_SALE);
    else if (model === "first") add(clicks[from], sale.netMinor, ONE_SALE);
    else if (model === "last") add(clicks[to - 1], sale.netMinor, ONE_SALE);
    else {
      const weights = model === "time_decay" ? weightsByAge(decays.slice(from, to)) : weightsByPlace(model, to - from);
      const [money, credit] = [share(sale.netMinor, weights), share(ONE_SALE, weights)];
      for (let index = from; index < to; index++) add(clicks[index], money[index - from] ?? 0n, credit[index - from] ?? 0n);
    }
  }
  return { clicks, none };
}

function add(credit: Credit | undefined, netMinor: bigint, sales: bigint): void {
  if (!credit) return;
  credit.netMinor += netMinor;
  credit.sales += sales;
}
