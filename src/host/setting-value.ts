// How is the text of a setting read? Each function throws an Error whose message completes "NAME must be …".
import { decimalsOf } from "../value/currency.ts";

/** Reads the text of one setting. Throws an Error whose message completes "NAME must be …". */
export type Read<T> = (text: string) => T;

/** A whole number within bounds. */
export const whole =
  (minimum: number, maximum: number): Read<number> =>
  (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum && value <= maximum)) throw new Error(`a whole number from ${minimum} to ${maximum}`);
    return value;
  };

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration in milliseconds. */
export const duration: Read<number> = (text) => {
  const [, count, unit] = /^(\d{1,5})(s|m|h|d)$/.exec(text) ?? [];
  const milliseconds = Number(count) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (!(milliseconds >= 10_000 && milliseconds <= 366 * 86_400_000)) throw new Error("a duration from 10s to 366d, such as 30m, 24h or 7d");
  return milliseconds;
};

const BYTES: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** A size in bytes; 0: none. */
export const bytes: Read<number> = (text) => {
  const [, count, unit] = /^(\d{1,15})(kB|MB|GB|TB)?$/.exec(text) ?? [];
  const value = Number(count) * (unit === undefined ? 1 : (BYTES[unit] ?? Number.NaN));
  if (!(value === 0 || (value >= 1e6 && value <= 1e15))) throw new Error("0, or a size from 1MB to 1000TB, such as 500MB or 20GB");
  return value;
};

/** One of some words. */
export const word =
  <const T extends string>(words: readonly T[]): Read<T> =>
  (text) => {
    const found = words.find((each) => each === text);
    if (found === undefined) throw new Error(`one of ${words.join(", ")}`);
    return found;
  };

export const flag: Read<boolean> = (text) => word(["true", "false"])(text) === "true";

/** Names in lower case, with commas between. */
export const names: Read<readonly string[]> = (text) =>
  text
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");

export const asIs: Read<string> = (text) => text;

/** The name of a time zone. */
export const timezone: Read<string> = (text) => {
  try {
    // An offset such as +01:00 is a zone to Intl, but has no name and no daylight saving.
    if (/^[+-]/.test(text)) throw new RangeError();
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone && text;
  } catch {
    throw new Error("the IANA name of a time zone, such as Europe/Berlin");
  }
};

/** The code of a currency. */
export const currency: Read<string> = (text) => {
  if (decimalsOf(text) === undefined) throw new Error("an ISO 4217 currency code in upper case, such as USD");
  return text;
};

/** A path without a trailing slash. */
export const basePath: Read<string> = (text) => {
  const path = text.replace(/\/$/, "");
  if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(path)) throw new Error("a path that begins with a slash, such as /analytics");
  return path;
};

/** Names of hosts in lower case, with commas between. */
export const hostNames: Read<readonly string[]> = (text) => {
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  if (!names.every((name) => /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(name)))
    throw new Error("host names with commas between, such as stats.example.com");
  return names;
};

/** A key that an operator has chosen. */
export const adminKey: Read<string> = (text) => {
  if (text.length < 16 || !/^[\x21-\x7e]+$/.test(text)) throw new Error("at least 16 ASCII characters without spaces");
  return text;
};

/** Several, with commas between them. */
export const list =
  (pattern: RegExp, what: string): Read<readonly string[]> =>
  (text) => {
    const items = text.split(",").map((item) => item.trim());
    if (!items.every((item) => pattern.test(item))) throw new Error(what);
    return items;
  };

/** An instant in milliseconds since 1970 UTC. */
export const instant: Read<number> = (text) => {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Error("an ISO 8601 time with Z or an offset, such as 2026-02-01T10:00:00Z");
  return at;
};
