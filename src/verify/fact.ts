// What are one customer's figures? Facts, cells of the curves and unconverted
// sales, from their entries in log order (definitions §3, §4, §6, §8).
import { CLICK, LEAD, REFUND, SALE } from "../../db/schema.ts";
import type { Calendar } from "../value/calendar.ts";
import { touchesOf } from "./touch.ts";

/** An entry of a customer with its values by the log. Amounts are in minor units, as in the table `entry`. */
export interface OwnEntry {
  readonly id: number;
  readonly type: number;
  readonly at: number;
  readonly key: string;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly link: string | null;
  readonly clickId: string | null;
  readonly isCounted: boolean;
  readonly value: bigint;
  readonly appliedRefund: bigint | null;
  readonly amount: bigint | null;
  /** `currency` and `saleAt` of a refund are those of its sale. */
  readonly currency: string;
  readonly saleAt: number;
  /** Of a refund, the key of its sale. */
  readonly saleKey: string | null;
}

/** The creation of a customer by POST /customers. */
export interface Creation {
  readonly at: number;
  readonly type: number;
  readonly key: string;
  readonly source: string | null;
  readonly campaign: string | null;
  /** Always null: a creation has no link. */
  readonly link: string | null;
  readonly clickId: string | null;
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
  readonly firstSale: bigint | null;
  /** How many touches they have in attribution, and how many of these are clicks (definitions §9). */
  readonly touches: number;
  readonly clicks: number;
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
  const ofAttribution = touchesOf(touches);
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
    firstSale: sales[0]?.amount ?? null,
    touches: ofAttribution.length,
    clicks: ofAttribution.filter(({ type }) => type === CLICK).length,
  };
}

export interface Cell {
  readonly day: number;
  readonly month: number;
  readonly period: number;
  sales: bigint;
  gross: bigint;
  refunds: bigint;
  firstSale: bigint; // the value of the first sale, if it is in this cell
  activeMonth: bigint; // 1 in the first cell of the month with a sale
  activePeriod: bigint; // 1 in the first cell of the period with a sale
  newPaying: bigint; // 1 in the cell of the first sale
}

/** The month and period of everything after the clock, later than all of the curves. */
export const FUTURE = 999_999;

/** The cells of a customer by day and elapsed period (definitions §7, §8). What is after `now` is in no curve. */
export function cellsOf(entries: readonly OwnEntry[], firstTouchAt: number, now: number, calendar: Calendar): Cell[] {
  const cells = new Map<string, Cell>();
  const months = new Set<number>();
  const periods = new Set<number>();
  let isFirstSale = true;
  for (const entry of entries) {
    if (!(isSale(entry) || isRefund(entry))) continue;
    const isFuture = entry.at > now;
    const day = calendar.dayOf(entry.at);
    const month = isFuture ? FUTURE : calendar.monthOf(entry.at);
    const period = isFuture ? FUTURE : calendar.elapsedPeriod(firstTouchAt, entry.at);
    const nothing = { sales: 0n, gross: 0n, refunds: 0n, firstSale: 0n, activeMonth: 0n, activePeriod: 0n, newPaying: 0n };
    const cell = cells.get(`${day} ${period}`) ?? { day, month, period, ...nothing };
    cells.set(`${day} ${period}`, cell);
    if (entry.type === REFUND) {
      cell.refunds += entry.amount ?? 0n;
      continue;
    }
    cell.sales += 1n;
    cell.gross += entry.amount ?? 0n;
    if (isFirstSale) {
      cell.firstSale = entry.amount ?? 0n;
      cell.newPaying = 1n;
    }
    isFirstSale = false;
    if (isFuture) continue;
    if (!months.has(month)) cell.activeMonth = 1n;
    if (!periods.has(period)) cell.activePeriod = 1n;
    months.add(month);
    periods.add(period);
  }
  return [...cells.values()];
}

/** Sales without a rate, or refunds of them: `figures` are their number, value and refunds, in minor units of that currency. */
export interface Unconverted {
  readonly month: number;
  readonly saleDay: number;
  /** The day of the sale, or of its refund. */
  readonly entryDay: number;
  readonly currency: string;
  readonly figures: [sales: bigint, gross: bigint, refunds: bigint];
}

/** Sales without a rate and their refunds by month, days and currency (definitions §3). */
export function unconvertedOf(entries: readonly OwnEntry[], now: number, calendar: Calendar): Unconverted[] {
  const sums = new Map<string, Unconverted>();
  for (const entry of entries) {
    if (!entry.isCounted || entry.amount !== null || (entry.type !== SALE && entry.type !== REFUND)) continue;
    const listedAt = Math.max(entry.at, entry.saleAt); // a refund is listed only together with its sale
    const month = listedAt <= now ? calendar.monthOf(listedAt) : FUTURE;
    const [saleDay, entryDay] = [calendar.dayOf(entry.saleAt), calendar.dayOf(entry.at)];
    const name = `${month} ${saleDay} ${entryDay} ${entry.currency}`;
    const found = sums.get(name) ?? { month, saleDay, entryDay, currency: entry.currency, figures: [0n, 0n, 0n] };
    sums.set(name, found);
    if (entry.type === SALE) {
      found.figures[0] += 1n;
      found.figures[1] += entry.value;
    } else found.figures[2] += entry.appliedRefund ?? 0n;
  }
  return [...sums.values()];
}
