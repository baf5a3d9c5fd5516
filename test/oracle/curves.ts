// What do the customers of a month become worth, period by period? (definitions §8)
import { mean, ratio } from "./amount.ts";
import type { Facts } from "./derive.ts";
import type { Entry } from "./log.ts";
import { firstTouch, money, tally, unconverted } from "./tally.ts";
import type { World } from "./world.ts";
import { monthKey } from "./zone.ts";

export type Mode = "calendar" | "elapsed";

/** `GET /customers/ltv-cohorts`; `end` as `2026-02`. */
export function ltvCohorts(world: World, months: number, end: string | undefined, mode: Mode): unknown {
  const { zone } = world;
  const [endYear = 0, endMonth = 1] = (end ?? "").split("-").map(Number);
  const last = end === undefined ? zone.monthOf(world.now) : endYear * 12 + endMonth - 1;
  const endAt = zone.startOfMonth(last + 1);
  const counts = (at: number) => at <= world.now && at < endAt;
  const seen: Entry[] = [];
  const pool = Array.from({ length: months }, () => ({ revenue: 0n, customers: 0, cohorts: 0 }));

  const cohortOf = (month: number) => {
    const members = [...world.derived.facts.values()].filter((customer) => {
      const { at } = firstTouch(customer);
      return counts(at) && zone.monthOf(at) === month;
    });
    const periodOf = (member: Facts, at: number) =>
      mode === "calendar" ? zone.monthOf(at) - month : zone.monthsLived(firstTouch(member).at, at);
    const each = members.map((member) => {
      const entries = member.entries.filter((entry) => counts(entry.at));
      seen.push(...entries);
      const sales = tally(world, entries).sales.map((sale) => periodOf(member, sale.at));
      return { entries: entries.map((entry) => ({ entry, k: periodOf(member, entry.at) })), sales };
    });
    const periods = Array.from({ length: months }, (_, period) => {
      const begins = zone.startOfMonth(month + period);
      const ends = zone.startOfMonth(month + period + (mode === "calendar" ? 1 : 2));
      const status = begins > world.now || begins >= endAt ? "future" : ends <= Math.min(world.now, endAt) ? "complete" : "partial";
      if (status === "future")
        return {
          period,
          revenue: null,
          cumulativeRevenue: null,
          ltv: null,
          activeCustomers: null,
          retention: null,
          payingCustomers: null,
          status,
        };
      const net = (inPeriod: (k: number) => boolean) => {
        const chosen = each.flatMap(({ entries }) => entries.filter(({ k }) => inPeriod(k)).map(({ entry }) => entry));
        const { gross, refunded } = tally(world, chosen);
        return gross - refunded;
      };
      const cumulative = net((k) => k <= period);
      const active = each.filter(({ sales }) => sales.includes(period)).length;
      const paying = each.filter(({ sales }) => sales.some((k) => k <= period)).length;
      const cell = pool[period];
      if (cell && status === "complete" && members.length > 0) {
        cell.revenue += cumulative;
        cell.customers += members.length;
        cell.cohorts += 1;
      }
      return {
        period,
        revenue: money(
          world,
          net((k) => k === period),
        ),
        cumulativeRevenue: money(world, cumulative),
        ltv: mean(cumulative, members.length, world.currency),
        activeCustomers: active,
        retention: ratio(active, members.length),
        payingCustomers: paying,
        status,
      };
    });
    return { cohort: monthKey(month), customers: members.length, periods };
  };

  const cohorts = Array.from({ length: months }, (_, index) => cohortOf(last - months + 1 + index));
  return {
    months,
    end: monthKey(last),
    period: mode,
    timezone: zone.name,
    currency: world.currency,
    unconverted: unconverted(world, seen),
    cohorts,
    average: pool.map((cell, period) => ({
      period,
      ltv: mean(cell.revenue, cell.customers, world.currency),
      cohorts: cell.cohorts,
      customers: cell.customers,
    })),
  };
}
