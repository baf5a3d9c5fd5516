// What do a customer's entries add up to? The sums that all reports use (definitions §4, §6, §7).
import { major, mean, ratio } from "./amount.ts";
import type { Facts } from "./derive.ts";
import { byLogOrder, type Entry, type ProfileUpdate } from "./log.ts";
import type { World } from "./world.ts";

export interface Tally {
  leads: Entry[]; // counted ones
  sales: Entry[]; // counted and converted ones
  refunds: Entry[]; // of those
  gross: bigint;
  refunded: bigint;
}

/** Adds up entries of one customer or of many. */
export function tally(world: World, entries: readonly Entry[]): Tally {
  const { worth } = world.derived;
  const counted = entries.filter((entry) => worth.get(entry)?.counts);
  const leads = counted.filter((entry) => entry.type === "lead");
  const sales = counted.filter((entry) => entry.type === "sale" && worth.get(entry)?.amount !== undefined);
  const refunds = counted.filter((entry) => entry.type === "refund" && worth.get(entry)?.amount !== undefined);
  const sum = (list: readonly Entry[]) => list.reduce((all, entry) => all + (worth.get(entry)?.amount ?? 0n), 0n);
  return { leads, sales, refunds, gross: sum(sales), refunded: sum(refunds) };
}

export function money(world: World, minor: bigint): number {
  return major(minor, world.currency);
}

/** Sales without a rate and their refunds among these entries, by currency and in that currency (definitions §3). */
export function unconverted(world: World, entries: readonly Entry[]): unknown[] {
  const { worth } = world.derived;
  const inside = new Set(entries);
  const lost = entries.filter((entry) => {
    const own = worth.get(entry);
    if (!own?.counts || own.amount !== undefined || own.currency === undefined) return false;
    return entry.type === "sale" || (own.sale !== undefined && inside.has(own.sale));
  });
  const byCurrency = Map.groupBy(lost, (entry) => worth.get(entry)?.currency ?? "");
  return [...byCurrency.keys()].sort().map((currency) => {
    const sum = (type: string) =>
      (byCurrency.get(currency) ?? [])
        .filter((entry) => entry.type === type)
        .reduce((all, entry) => all + (worth.get(entry)?.own ?? 0n), 0n);
    const sales = (byCurrency.get(currency) ?? []).filter((entry) => entry.type === "sale").length;
    return {
      currency,
      sales,
      grossRevenue: major(sum("sale"), currency),
      refunds: major(sum("refund"), currency),
      revenue: major(sum("sale") - sum("refund"), currency),
    };
  });
}

/** The figures of a row of cohorts over its members. */
export function cohortFields(world: World, members: readonly Facts[]): Record<string, number | null> {
  const each = members.map((member) => tally(world, member.entries));
  const paying = each.filter((one) => one.sales.length > 0).length;
  const repeat = each.filter((one) => one.sales.length > 1).length;
  const sales = each.reduce((all, one) => all + one.sales.length, 0);
  const gross = each.reduce((all, one) => all + one.gross, 0n);
  const refunds = each.reduce((all, one) => all + one.refunded, 0n);
  return {
    customers: members.length,
    leads: each.filter((one) => one.leads.length > 0).length,
    payingCustomers: paying,
    conversionRate: ratio(paying, members.length),
    sales,
    grossRevenue: money(world, gross),
    refunds: money(world, refunds),
    revenue: money(world, gross - refunds),
    averageOrderValue: mean(gross, sales, world.currency),
    ltv: mean(gross - refunds, members.length, world.currency),
    revenuePerPayingCustomer: mean(gross - refunds, paying, world.currency),
    repeatCustomers: repeat,
    repeatRate: ratio(repeat, paying),
  };
}

/** The first touch: the earliest entry or the creation. */
export function firstTouch(customer: Facts): Entry | ProfileUpdate {
  const first = customer.touches[0];
  if (!first) throw new Error(`customer ${customer.id} has no touch`);
  return first;
}

export function latest(entries: readonly Entry[]): Entry | undefined {
  return [...entries].sort(byLogOrder).at(-1);
}
