// What does a clock on the wall show at an instant, and which instant does it mean? Intl is asked and searched; nothing is computed (definitions §2).

const DAY = 86_400_000;

export interface Wall {
  year: number;
  month: number; // 1–12
  day: number;
  time: number; // milliseconds since local midnight
}

/** A time zone as arithmetic on wall clocks. It is slow on purpose, and caches the answers of Intl. */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** By how many milliseconds the wall clock is ahead of UTC at an instant. */
  #offset(at: number): number {
    const second = Math.floor(at / 1000) * 1000;
    const known = this.#offsets.get(second);
    if (known !== undefined) return known;
    const parts: Record<string, number> = {};
    for (const part of this.#format.formatToParts(second)) parts[part.type] = Number(part.value);
    const shown = Date.UTC(parts.year ?? 0, (parts.month ?? 0) - 1, parts.day, parts.hour, parts.minute, parts.second);
    this.#offsets.set(second, shown - second);
    return shown - second;
  }

  wallOf(at: number): Wall {
    const shown = at + this.#offset(at);
    const date = new Date(shown);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      time: shown - Math.floor(shown / DAY) * DAY,
    };
  }

  /** The first instant at which the wall clock shows this. If it never does, the instant is later by the gap. Month and day may overflow. */
  instantOf(wall: Wall): number {
    const shown = Date.UTC(wall.year, wall.month - 1, wall.day) + wall.time;
    const before = this.#offset(shown - 1.5 * DAY);
    const after = this.#offset(shown + 1.5 * DAY);
    const instants = [shown - before, shown - after].filter((at) => at + this.#offset(at) === shown);
    return instants.length > 0 ? Math.min(...instants) : shown - before;
  }

  /** Months since year 0. */
  monthOf(at: number): number {
    const { year, month } = this.wallOf(at);
    return year * 12 + month - 1;
  }

  startOfMonth(month: number): number {
    return this.instantOf({ year: Math.floor(month / 12), month: (month % 12) + 1, day: 1, time: 0 });
  }

  /** The local date as `2026-02-01`. */
  dateOf(at: number): string {
    const { year, month, day } = this.wallOf(at);
    return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  }

  startOfDate(date: string, plusDays = 0): number {
    const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
    return this.instantOf({ year, month, day: day + plusDays, time: 0 });
  }

  /** The date of the Monday of the ISO week of an instant. */
  mondayOf(at: number): string {
    const date = new Date(`${this.dateOf(at)}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
    return date.toISOString().slice(0, 10);
  }

  /** `firstAt` plus k months, by anniversary with end-of-month clamp (definitions §8). */
  anniversary(firstAt: number, k: number): number {
    const first = this.wallOf(firstAt);
    const month = first.year * 12 + first.month - 1 + k;
    const year = Math.floor(month / 12);
    const length = new Date(Date.UTC(year, (month % 12) + 1, 0)).getUTCDate();
    return this.instantOf({ year, month: (month % 12) + 1, day: Math.min(first.day, length), time: first.time });
  }

  /** Whole months since `firstAt`: the number of the last anniversary. */
  monthsLived(firstAt: number, at: number): number {
    let k = Math.max(0, this.monthOf(at) - this.monthOf(firstAt) - 2);
    while (this.anniversary(firstAt, k + 1) <= at) k += 1;
    return k;
  }
}

/** `2026-02` of months since year 0. */
export function monthKey(month: number): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
}

/** `2026-W08` of the date of a Monday. The year of the week is that of its Thursday. */
export function weekKey(monday: string): string {
  const thursday = new Date(`${monday}T00:00:00Z`);
  thursday.setUTCDate(thursday.getUTCDate() + 3);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY));
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** The date a number of days later. */
export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** Parses an instant in any form of the API (definitions §2): ISO with an offset, a plain date, Unix seconds or milliseconds. */
export function readInstant(value: string | number, zone: Zone): number {
  if (typeof value === "number") return Math.floor(Math.abs(value) < 1e11 ? Number((value * 1000).toFixed(3)) : value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return zone.startOfDate(value);
  return Date.parse(value.replace(/(\.\d{3})\d+/, "$1"));
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
