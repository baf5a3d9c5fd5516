// What do the rows of orders mean, whoever wrote the file? A sale, and what has been refunded of it.
import { toIso } from "../../value/instant.ts";
import type { Money } from "../amount.ts";
import type { Effect, Meaning, Named } from "../effect.ts";
import { refundTotal, sale } from "../meaning.ts";

/** A payment or order of a file, once its cells are read. */
export interface Sold {
  readonly orderId: string | undefined;
  readonly at: number | undefined;
  readonly money: Money | undefined;
  readonly named: Named;
  readonly isPending?: boolean;
  /** What has been refunded so far, one total after the other, each with all before it. Without `at`, the file does not say when. */
  readonly refunded?: readonly { readonly money: Money | undefined; readonly at: number | undefined }[];
}

export interface SoldMeanings {
  toMeaning(sold: Sold, newestAt: number): Meaning;
  notes(): readonly string[];
}

/** Somebody whom an entry can belong to. */
const names = ({ externalId, email, aliases, clickId }: Named): boolean =>
  externalId !== undefined || email !== undefined || clickId !== undefined || (aliases?.length ?? 0) > 0;

/** Opens the function that makes the meaning of orders, and counts what it had to assume. */
export function openSold(): SoldMeanings {
  let undated = 0;
  let until = 0;
  return {
    toMeaning({ orderId, at, money, named, isPending, refunded = [] }, newestAt) {
      const sold = sale({ orderId, at, money }, named, isPending ? "pending" : undefined);
      // A sale of nobody is in no figure, and neither are its refunds.
      if ("ignored" in sold || orderId === undefined || at === undefined || !names(named)) return sold;
      const totals = refunded.flatMap((total): Effect[] => {
        if (!total.money || total.money.value <= 0) return [];
        if (total.at === undefined) undated += 1;
        until = newestAt;
        return [refundTotal({ orderId, at: total.at ?? at }, total.money, newestAt)];
      });
      return [...sold, ...totals];
    },
    notes: () => {
      if (undated === 0) return [];
      return [
        `Refunds without a date, which are dated like their sales: ${undated}.`,
        `They are totals up to ${toIso(until)}. Refunds of later days that are recorded count besides.`,
      ];
    },
  };
}
