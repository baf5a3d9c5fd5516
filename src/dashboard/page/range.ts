// Which days does the dashboard look at, and which lie before them? Days are plain dates of the workspace's zone, and both ends are in the range.
import { month, plainDay } from "./format.ts";

/** `start` and `end` are plain dates; undefined: open on that side. */
export interface Range {
  readonly start: string | undefined;
  readonly end: string | undefined;
  /** It was chosen as a number of days, even where these happen to be whole months. */
  readonly isOfDays?: boolean;
}

export const PRESETS = [
  ["30d", "Last 30 days"],
  ["90d", "Last 90 days"],
  ["this-month", "This month"],
  ["last-month", "Last month"],
  ["12m", "Last 12 months"],
  ["this-year", "This year"],
  ["last-year", "Last year"],
  ["all", "All time"],
] as const;
export const DEFAULT_RANGE = "12m";

const toDate = (plain: string): Date => new Date(`${plain}T00:00:00Z`);
const toPlain = (date: Date): string => date.toISOString().slice(0, 10);

export function addDays(plain: string, days: number): string {
  const date = toDate(plain);
  date.setUTCDate(date.getUTCDate() + days);
  return toPlain(date);
}

/** The same day of another month, or the last one of a month that is too short. */
export function addMonths(plain: string, months: number): string {
  const date = toDate(plain);
  const wanted = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const last = new Date(Date.UTC(wanted.getUTCFullYear(), wanted.getUTCMonth() + 1, 0)).getUTCDate();
  wanted.setUTCDate(Math.min(date.getUTCDate(), last));
  return toPlain(wanted);
}

const firstOfMonth = (plain: string): string => `${plain.slice(0, 8)}01`;
export const lastOfMonth = (plain: string): string => addDays(addMonths(firstOfMonth(plain), 1), -1);
/** Days from one plain date to another, both counted. */
export const daysIn = (start: string, end: string): number =>
  Math.round((toDate(end).getTime() - toDate(start).getTime()) / 86_400_000) + 1;

const CUSTOM = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/;
const isPlain = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(toDate(text).getTime()) && toPlain(toDate(text)) === text;

/** The text of a range between two days, as in the URL. */
export const customRange = (start: string, end: string): string => `${start}..${end}`;

/** The two days of a custom range; undefined for anything else. */
export function parseCustom(text: string): { start: string; end: string } | undefined {
  const [, start = "", end = ""] = CUSTOM.exec(text) ?? [];
  return isPlain(start) && isPlain(end) && start <= end ? { start, end } : undefined;
}

/** The days that a text of the URL means; `today` is the plain date in the workspace's zone. Nonsense means the default. */
export function toRange(text: string, today: string): Range {
  const custom = parseCustom(text);
  if (custom) return custom;
  const begin = firstOfMonth(today);
  switch (text) {
    case "30d":
      return { start: addDays(today, -29), end: today, isOfDays: true };
    case "90d":
      return { start: addDays(today, -89), end: today, isOfDays: true };
    case "this-month":
      return { start: begin, end: today };
    case "last-month":
      return { start: addMonths(begin, -1), end: addDays(begin, -1) };
    case "this-year":
      return { start: `${today.slice(0, 4)}-01-01`, end: today };
    case "last-year": {
      const year = Number(today.slice(0, 4)) - 1;
      return { start: `${year}-01-01`, end: `${year}-12-31` };
    }
    case "all":
      return { start: undefined, end: undefined };
    default:
      return { start: addMonths(begin, -11), end: today };
  }
}

/** How a range is named, and how the range before it is. */
export function rangeName(text: string): string {
  return PRESETS.find(([name]) => name === text)?.[1] ?? (parseCustom(text) ? "Custom" : "Last 12 months");
}

/** `Dec 2025 – Nov 2026` for whole months (the current one counts as whole), else the days. */
export function rangeDates({ start, end, isOfDays = false }: Range, today: string): string {
  if (start === undefined || end === undefined) return "";
  const isWhole = !isOfDays && start.endsWith("-01") && (end === lastOfMonth(end) || end === today);
  if (isWhole) {
    const [from, to] = [month(start.slice(0, 7)), month(end.slice(0, 7))];
    return from === to ? from : `${from} – ${to}`;
  }
  return start === end ? plainDay(start) : `${plainDay(start)} – ${plainDay(end)}`;
}

/** The months from the first of a month up to `end`; undefined if the range does not begin with a month, or ends within one that is over. */
function monthsOf(start: string, end: string, today: string): number | undefined {
  if (!start.endsWith("-01") || (end !== lastOfMonth(end) && end !== today)) return undefined;
  const [from, to] = [toDate(start), toDate(end)];
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth() + 1;
}

/**
 * The range before: as many calendar months if these are months, else as many days. If the last month is not over, neither is the
 * one that it is compared with. Undefined for an open range.
 */
export function rangeBefore({ start, end, isOfDays = false }: Range, today: string): (Range & { readonly name: string }) | undefined {
  if (start === undefined || end === undefined) return undefined;
  const months = isOfDays ? undefined : monthsOf(start, end, today);
  if (months !== undefined) {
    const before = addMonths(end, -months);
    const name = months === 12 ? "year before" : months === 1 ? "month before" : `${months} months before`;
    return { start: addMonths(start, -months), end: end === lastOfMonth(end) ? lastOfMonth(before) : before, name };
  }
  const days = daysIn(start, end);
  return { start: addDays(start, -days), end: addDays(start, -1), name: days === 1 ? "day before" : `${days} days before` };
}

/** The grouping that gives a range a readable number of bars: at most about 60. */
export function naturalGrouping({ start, end }: Range): "day" | "week" | "month" {
  if (start === undefined || end === undefined) return "month";
  const days = daysIn(start, end);
  return days <= 45 ? "day" : days <= 200 ? "week" : "month";
}

/** How many calendar months a range touches, and the last of them. */
export function monthSpan({ start, end }: Range, today: string): { readonly months: number | undefined; readonly end: string } {
  const last = end ?? today;
  if (start === undefined) return { months: undefined, end: last.slice(0, 7) };
  const [from, to] = [toDate(start), toDate(last)];
  return { months: (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth() + 1, end: last.slice(0, 7) };
}
