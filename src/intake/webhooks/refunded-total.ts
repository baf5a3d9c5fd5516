// How do refunds come out of running totals? Some providers say only how much of an order has been paid back so far, and deliver that in any
// order. Each total is a step: the refund from the total before it. A total that comes between two others splits their step: what was
// recorded for it is rejected, and both halves take its place. So the steps that count are the same whatever came first.
import { type entry, REFUND } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import type { ProviderEntry, RefundedTotal } from "../../provider/effect.ts";
import { toIso } from "../../value/instant.ts";
import { decimalsOf, toDecimalText, toMinor } from "../../value/money.ts";

/** A refund from one total to the next, both in minor units, that happened at `at`. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

const KEY = /:refunded:(\d+)-(\d+)$/;
export const stepKey = (orderId: string, { from, to }: Step): string => `${orderId}:refunded:${from}-${to}`;

/** The steps between known totals once `total` is one of them: those that are new, and those that are split and must be rejected. */
export function stepsWith(known: readonly Step[], total: { to: number; at: number }): { added: Step[]; split: Step[] } {
  const times = new Map([[total.to, total.at], ...known.map(({ to, at }): [number, number] => [to, at])]);
  const totals = [...times.keys()].sort((one, other) => one - other);
  const wanted = totals.map((to, index): Step => ({ from: totals[index - 1] ?? 0, to, at: times.get(to) ?? total.at }));
  const isIn = (steps: readonly Step[], { from, to }: Step) => steps.some((step) => step.from === from && step.to === to);
  return { added: wanted.filter((step) => !isIn(known, step)), split: known.filter((step) => !isIn(wanted, step)) };
}

/** Opens the function that finds what a running total changes: refunds to record, and keys of refunds to reject. Undefined: its money cannot be stored. */
export function openRefundedTotals({ database: { sqlite } }: Pick<Context, "database">) {
  const refundsOf = sqlite.prepare<[saleKey: string], Pick<typeof entry.$inferSelect, "key" | "at">>(
    `SELECT key, at FROM entry WHERE type = ${REFUND} AND sale_key = ?`,
  );

  return ({
    orderId,
    total,
    currency,
    at,
  }: RefundedTotal): { added: ProviderEntry[]; split: { key: string; at: number }[] } | undefined => {
    const decimals = decimalsOf(currency);
    const to = decimals === undefined ? undefined : toMinor(total, decimals);
    if (decimals === undefined || to === undefined) return undefined;
    const known = refundsOf.all(orderId).flatMap((refund): Step[] => {
      const [, from, until] = KEY.exec(refund.key) ?? [];
      return from === undefined ? [] : [{ from: Number(from), to: Number(until), at: refund.at }];
    });
    const { added, split } = stepsWith(known, { to, at });
    return {
      added: added.map((step) => ({
        type: "refund",
        orderId,
        eventId: stepKey(orderId, step),
        timestamp: toIso(step.at),
        value: Number(toDecimalText(BigInt(step.to - step.from), decimals)),
        currency,
      })),
      split: split.map((step) => ({ key: stepKey(orderId, step), at: step.at })),
    };
  };
}
