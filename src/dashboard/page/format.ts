// How are amounts, shares, numbers and dates written? Exactly as the API says them, with a true minus, and "–" for what cannot be said.

/** What cannot be said, such as a ratio over zero. */
export const NOTHING = "–";

type Figure = number | null | undefined;

/** Intl's formats, made once for each use. */
const formats = new Map<string, Intl.NumberFormat>();
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat("en-US", options);
  formats.set(key, made);
  return made;
}

/** A true minus, and none before zero. */
function write(value: Figure, format: Intl.NumberFormat): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const text = format.format(value === 0 ? 0 : value);
  return /[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", "");
}

/** How many decimals an amount of this currency has; 2 for a code that Intl does not know. */
export function decimalsOf(currency: string): number {
  return numberFormat({ style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount to the minor unit: `$80,202.47`. */
export function money(value: Figure, currency: string): string {
  return write(value, numberFormat({ style: "currency", currency, currencyDisplay: "narrowSymbol" }));
}

/** An amount without its minor units: `$80,202`. */
export function wholeMoney(value: Figure, currency: string): string {
  return write(value, numberFormat({ style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 0 }));
}

/** An amount for an axis: `$15k`. */
export function shortMoney(value: Figure, currency: string): string {
  const options = { notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 } as const;
  return write(value, numberFormat({ style: "currency", currency, currencyDisplay: "narrowSymbol", ...options })).replace("K", "k");
}

/** An amount to the minor unit without its currency, for cells whose table says it: `41.91`. */
export function bareMoney(value: Figure, currency: string): string {
  const digits = decimalsOf(currency);
  return write(value, numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }));
}

/** The largest of these amounts that is still written to the minor unit. */
const LARGEST_EXACT = 10_000;

/** How the amounts of a column are written: all to the minor unit, or, when one of them is large, all without it. */
export function moneyColumn(values: readonly Figure[], currency: string): (value: Figure) => string {
  const isLarge = values.some((value) => Math.abs(value ?? 0) >= LARGEST_EXACT);
  return isLarge ? (value) => wholeMoney(value, currency) : (value) => money(value, currency);
}

/** `1,234`; sales under a model may have parts: `12.5`. */
export function count(value: Figure, decimals = 0): string {
  return write(value, numberFormat({ maximumFractionDigits: decimals, minimumFractionDigits: decimals }));
}

/** A share such as 0.5312 as `53.1%`. */
export function percent(value: Figure, decimals = 1): string {
  return write(value, numberFormat({ style: "percent", minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
}

/** A change such as 0.18 as `18%`; 12.3 as `13×`, because nobody reads 1,230%. */
export function change(value: number): string {
  const size = Math.abs(value);
  if (size >= 9.995) return `${count(size + 1)}×`;
  return percent(size, size < 0.0995 ? 1 : 0);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const plural = (number: number, unit: string): string => `${count(number)} ${unit}${number === 1 ? "" : "s"}`;

/** A length of time in its largest unit: `17 hours`, `3 days`. */
export function duration(milliseconds: number): string {
  if (milliseconds < MINUTE) return "under a minute";
  if (milliseconds < HOUR) return plural(Math.floor(milliseconds / MINUTE), "minute");
  if (milliseconds < DAY) return plural(Math.floor(milliseconds / HOUR), "hour");
  return plural(Math.floor(milliseconds / DAY), "day");
}

/** How long ago an instant was: `16 days ago`. */
export function ago(at: string, now: number): string {
  const passed = now - Date.parse(at);
  if (passed < 0) return `in ${duration(-passed)}`;
  return passed < MINUTE ? "just now" : `${duration(passed)} ago`;
}

/** Writes instants in a time zone. */
export interface DateFormat {
  /** `18 Mar 2026` */
  day(at: string | number | null): string;
  /** `13:25` */
  time(at: string): string;
  /** `18 Mar 2026, 13:25` */
  moment(at: string): string;
  /** The plain date there: `2026-03-18`. */
  plain(at: string | number): string;
}

/** Opens the dates of the workspace's zone. */
export function dateFormat(timeZone: string): DateFormat {
  const days = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short", year: "numeric" });
  const times = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const plains = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const day = (at: string | number | null) => (at === null ? NOTHING : days.format(new Date(at)).replace("Sept", "Sep"));
  const time = (at: string) => times.format(new Date(at));
  return { day, time, moment: (at) => `${day(at)}, ${time(at)}`, plain: (at) => plains.format(new Date(at)) };
}

let utc: DateFormat | undefined;
/** Made when it is first needed, because Intl takes its time. */
const utcDates = (): DateFormat => (utc ??= dateFormat("UTC"));

/** A plain date such as `2026-03-18` as `18 Mar 2026`. */
export const plainDay = (date: string): string => utcDates().day(`${date}T00:00:00Z`);

/** A month such as `2026-03` as `Mar 2026`. */
export const month = (key: string): string => plainDay(`${key}-01`).replace(/^\S+ /, "");

/** The name of a period of a report: `2026-03-18` as `18 Mar 2026`, `2026-03` as `Mar 2026`, `2026-W12` as `W12 2026`. */
export function period(key: string): string {
  const week = /^(\d{4})-(W\d\d)$/.exec(key);
  if (week) return `${week[2]} ${week[1]}`;
  return key.length === 7 ? month(key) : plainDay(key);
}

/** The name of a period on an axis, without its year. */
export const shortPeriod = (key: string): string => period(key).replace(/ \d{4}$/, "");

/** `CA` as `Canada`. */
export const country = (code: string): string => new Intl.DisplayNames(["en"], { type: "region" }).of(code) ?? code;

/** Two letters for somebody without a picture. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}
