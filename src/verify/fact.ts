// What are one customer's figures? Facts, cells of the curves and unconverted
// sales, from their entries in log order (definitions §3, §4, §6, §8).
import { CLICK, LEAD, REFUND, SALE } from "../../db/schema.ts";
import type { Calendar } from "../value/calendar.ts";

/** An entry of a customer with its values by the log. Amounts are in minor units, as in the table `entry`. */
export interface OwnEntry {
  readonly id: number;
  readonly type: number;
  readonly at: number;
  readonly key: string;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly clickId: string | null;
  readonly isCounted: boolean;
  readonly value: bigint;
  readonly appliedRefund: bigint | null;
  readonly amount: bigint | null;
  /** `currency` and `saleAt` of a refund are those of its sale. */
  readonly currency: string;
  readonly saleAt: number;
}

/** The creation of a customer by POST /customers. */
export interface Creation {
  readonly at: number;
  readonly type: number;
  readonly key: string;
  readonly source: string | null;
  readonly campaign: string | null;
}

export interface Facts {
  readonly firstTouchAt: number | null;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly clickId: string | null;
  readonly lastSeenAt: number | null;
  /** How many entries the customer owns. */
  readonly entries: number;
  readonly hasLead: boolean;
  readonly sales: number;
  readonly gross: bigint;
  readonly refunds: bigint;
  readonly firstSaleAt: number | null;
  readonly lastSaleAt: number | null;
}

const isSale = (entry: OwnEntry) => entry.type === SALE && entry.isCounted && entry.amount !== null;
const isRefund = (entry: OwnEntry) => entry.type === REFUND && entry.isCounted && entry.amount !== null;
const sum = (entries: readonly OwnEntry[]) => entries.reduce((all, { amount }) => all + (amount ?? 0n), 0n);

/**
 * The figures of a customer. `entries`, and `touches`, which are the
 * entries and the creation, are in log order. Amounts are in minor units.
 */
export function factsOf(entries: readonly OwnEntry[], touches: readonly (OwnEntry | Creation)[]): Facts {
  const [first] = touches;
  const sales = entries.filter(isSale);
  return {
    firstTouchAt: first?.at ?? null,
    source: first ? (first.source ?? "(direct)") : null,
    campaign: first ? (first.campaign ?? "(none)") : null,
    clickId: entries.find((entry) => entry.type === CLICK)?.clickId ?? null,
    lastSeenAt: touches.at(-1)?.at ?? null,
    entries: entries.length,
    hasLead: entries.some((entry) => entry.type === LEAD && entry.isCounted),
    sales: sales.length,
    gross: sum(sales),
    refunds: sum(entries.filter(isRefund)),
    firstSaleAt: sales[0]?.at ?? null,
    lastSaleAt: sales.at(-1)?.at ?? null,
  };
}

export interface Cell {
  readonly month: number;
  readonly period: number;
  revenue: bigint;
  activeMonth: bigint; // 1 in the first cell of the month with a sale
  activePeriod: bigint; // 1 in the first cell of the period with a sale
  newPaying: bigint; // 1 in the cell of the first sale
  sold: boolean;
}

/** The cells of a customer, sorted by calendar month and then by elapsed period (definitions §8). Entries after `now` are left out. */
export function cellsOf(entries: readonly OwnEntry[], firstTouchAt: number, now: number, calendar: Calendar): Cell[] {
  const cells = new Map<string, Cell>();
  let isFirstSale = true;
  for (const entry of entries) {
    if (entry.at > now || !(isSale(entry) || isRefund(entry))) continue;
    const [month, period] = [calendar.monthOf(entry.at), calendar.elapsedPeriod(firstTouchAt, entry.at)];
    const name = `${month} ${period}`;
    const cell = cells.get(name) ?? { month, period, revenue: 0n, activeMonth: 0n, activePeriod: 0n, newPaying: 0n, sold: false };
    cells.set(name, cell);
    cell.revenue += (entry.type === SALE ? 1n : -1n) * (entry.amount ?? 0n);
    if (entry.type !== SALE) continue;
    cell.sold = true;
    if (isFirstSale) cell.newPaying = 1n;
    isFirstSale = false;
  }
  const sorted = [...cells.values()].sort((a, b) => a.month - b.month || a.period - b.period);
  const sold = sorted.filter((cell) => cell.sold);
  const months = new Set<number>();
  const periods = new Set<number>();
  for (const cell of sold) {
    if (!months.has(cell.month)) cell.activeMonth = 1n;
    if (!periods.has(cell.period)) cell.activePeriod = 1n;
    months.add(cell.month);
    periods.add(cell.period);
  }
  return sorted;
}

/** The month of everything after the clock, later than all months of the curves. */
const FUTURE_MONTH = 999_999;

/**
 * Sales without a rate by month and currency. `figures` are the number of sales,
 * their value and their refunds, in minor units of that currency (definitions §3).
 */
export function unconvertedOf(
  entries: readonly OwnEntry[],
  now: number,
  calendar: Calendar,
): { month: number; currency: string; figures: [bigint, bigint, bigint] }[] {
  const sums = new Map<string, { month: number; currency: string; figures: [bigint, bigint, bigint] }>();
  for (const entry of entries) {
    if (!entry.isCounted || entry.amount !== null || (entry.type !== SALE && entry.type !== REFUND)) continue;
    const listedAt = Math.max(entry.at, entry.saleAt); // a refund is listed only together with its sale
    const month = listedAt <= now ? calendar.monthOf(listedAt) : FUTURE_MONTH;
    const name = `${month} ${entry.currency}`;
    const found = sums.get(name) ?? { month, currency: entry.currency, figures: [0n, 0n, 0n] };
    sums.set(name, found);
    if (entry.type === SALE) {
      found.figures[0] += 1n;
      found.figures[1] += entry.value;
    } else found.figures[2] += entry.appliedRefund ?? 0n;
  }
  return [...sums.values()];
}
