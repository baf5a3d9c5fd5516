// How much revenue was made in each day, week or month? (definitions §7)
import { mean } from "./amount.ts";
import { readRange } from "./cohorts.ts";
import type { Facts } from "./derive.ts";
import type { Entry } from "./log.ts";
import { firstTouch, money, tally, unconverted } from "./tally.ts";
import type { World } from "./world.ts";
import { iso, monthKey, plusDays, weekKey } from "./zone.ts";

export type Span = "day" | "week" | "month";

const MOST_PERIODS = 1100;

/** The customer's first counted sale in log order. */
export function firstSale(world: World, customer: Facts): Entry | undefined {
  return tally(world, customer.entries).sales[0];
}

/** `GET /customers/revenue`; undefined if start is not before end, or if there are too many periods. */
export function revenue(world: World, groupBy: Span, start?: string, end?: string): unknown {
  const { from, to } = readRange(world, start, end);
  if (from !== undefined && to !== undefined && from >= to) return undefined;
  const { zone } = world;
  const isInside = (at: number) => (from === undefined || at >= from) && (to === undefined || at < to);
  const everybody = [...world.derived.facts.values()];
  const entries = everybody.flatMap((customer) => customer.entries).filter(({ at }) => isInside(at));

  const firstSales = everybody.flatMap((customer) => firstSale(world, customer) ?? []).filter(({ at }) => isInside(at));
  const touches = everybody.map((customer) => firstTouch(customer)).filter(({ at }) => isInside(at));

  const figures = (ownTouches: readonly unknown[] = [], ownEntries: readonly Entry[] = [], ownFirstSales: readonly Entry[] = []) => {
    const own = tally(world, ownEntries);
    const { gross: first } = tally(world, ownFirstSales);
    return {
      newCustomers: ownTouches.length,
      newPayingCustomers: ownFirstSales.length,
      sales: own.sales.length,
      grossRevenue: money(world, own.gross),
      refunds: money(world, own.refunded),
      revenue: money(world, own.gross - own.refunded),
      firstSaleRevenue: money(world, first),
      repeatRevenue: money(world, own.gross - first),
      averageOrderValue: mean(own.gross, own.sales.length, world.currency),
    };
  };

  /** The date on which the period of an instant begins. */
  const beginOf = (at: number) =>
    groupBy === "day" ? zone.dateOf(at) : groupBy === "week" ? zone.mondayOf(at) : `${monthKey(zone.monthOf(at))}-01`;
  const after = (date: string) =>
    groupBy === "month" ? `${plusDays(date, 32).slice(0, 7)}-01` : plusDays(date, groupBy === "week" ? 7 : 1);
  const keyOf = (date: string) => (groupBy === "day" ? date : groupBy === "week" ? weekKey(date) : date.slice(0, 7));

  const byPeriod = <Happening extends { readonly at: number }>(all: readonly Happening[]) => Map.groupBy(all, ({ at }) => beginOf(at));
  const [touchesIn, entriesIn, firstSalesIn] = [byPeriod(touches), byPeriod(entries), byPeriod(firstSales)];
  const figuresOf = (date: string) => figures(touchesIn.get(date), entriesIn.get(date), firstSalesIn.get(date));
  const begins = [...new Set([...touchesIn.keys(), ...entriesIn.keys()])].sort();
  const isAnything = (date: string) => Object.values(figuresOf(date)).some((figure) => figure !== null && figure !== 0);
  const first = begins.find(isAnything);
  const last = begins.findLast(isAnything);
  const periods: unknown[] = [];
  for (let date = first; date !== undefined && last !== undefined && date <= last; date = after(date)) {
    const bounds = { start: iso(zone.startOfDate(date)), end: iso(zone.startOfDate(after(date))) };
    periods.push({ period: keyOf(date), ...bounds, ...figuresOf(date) });
    if (periods.length > MOST_PERIODS) return undefined;
  }
  return {
    groupBy,
    start: from === undefined ? null : iso(from),
    end: to === undefined ? null : iso(to),
    timezone: zone.name,
    currency: world.currency,
    unconverted: unconverted(world, entries),
    periods,
    totals: figures(touches, entries, firstSales),
  };
}
