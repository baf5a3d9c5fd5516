// What was a customer worth after each of their entries? A running sum of figures shown, in minor units, so that it is exact.
import type { DataOf } from "./answers.ts";
import { decimalsOf } from "./format.ts";

export type Entry = DataOf<"/customers/{id}/journey">["entries"] extends readonly (infer One)[] | undefined ? One : never;

/** What a sale is worth in the workspace's currency, as the attribution explains it. */
export interface Converted {
  readonly id: string;
  readonly value: number;
  readonly refunds: number;
}

export interface Step {
  /** What the entry adds, in the workspace's currency; null: it adds nothing, or it cannot be said. */
  readonly added: number | null;
  /** The sum up to it; null where it cannot be said. */
  readonly running: number | null;
}

const COUNTED = new Set(["approved", "refunded"]);

/**
 * The steps of a customer's value by entry, for entries in log order. A refund in another currency is known only together with the other
 * refunds of its sale: the last of them takes all, and until then the sum cannot be said.
 */
export function toSteps(entries: readonly Entry[], currency: string, converted: readonly Converted[]): Map<string, Step> {
  const unit = 10 ** decimalsOf(currency);
  const byId = new Map(converted.map((sale) => [sale.id, sale]));
  const toMinor = (value: number) => Math.round(value * unit);
  const counted = entries.filter(({ type, status }) => type === "sale" && COUNTED.has(status ?? ""));
  const saleOf = new Map(counted.map((sale) => [sale.orderId ?? sale.eventId, sale]));
  const lastRefundOf = new Map<string, string>();
  for (const entry of entries) {
    const sale = entry.type === "refund" && entry.status !== "rejected" ? saleOf.get(entry.orderId) : undefined;
    if (sale) lastRefundOf.set(sale.id, entry.id);
  }
  const steps = new Map<string, Step>();
  const unsaid = new Set<string>();
  let sum = 0;
  const add = (entry: Entry, minor: number | null) => {
    if (minor !== null) sum += minor;
    steps.set(entry.id, { added: minor === null ? null : minor / unit, running: unsaid.size > 0 ? null : sum / unit });
  };
  for (const entry of entries) {
    if (entry.type === "sale" && COUNTED.has(entry.status ?? "")) {
      const own = entry.currency === currency ? (entry.value ?? 0) : byId.get(entry.id)?.value;
      if (own !== undefined) add(entry, toMinor(own));
    }
    const sale = entry.type === "refund" && entry.status !== "rejected" ? saleOf.get(entry.orderId) : undefined;
    if (!sale) continue;
    if (sale.currency === currency) add(entry, -toMinor(entry.value ?? 0));
    else if (lastRefundOf.get(sale.id) === entry.id) {
      unsaid.delete(sale.id);
      const refunds = byId.get(sale.id)?.refunds;
      if (refunds !== undefined) add(entry, -toMinor(refunds));
    } else {
      unsaid.add(sale.id);
      add(entry, null);
    }
  }
  return steps;
}
