// How is money read, written, converted, averaged and shared without losing a cent? (definitions §3 and §9; all money arithmetic is here)

import { decimalsOf } from "./currency.ts";

export { decimalsOf } from "./currency.ts";

/** The largest absolute value of an amount, in minor units (definitions §3). */
export const MAX_MINOR = 10 ** 12;

/** The number of decimals of a currency that was checked before. Throws RangeError for an unknown one. */
export function requireDecimals(currency: string): number {
  const decimals = decimalsOf(currency);
  if (decimals === undefined) throw new RangeError(`There is no currency ${currency}.`);
  return decimals;
}

const DECIMAL = /^(-?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads a decimal exactly: `99.99` is 9999n at scale 2. Zeros at the end of the fraction are dropped, so each value has one form.
 * Text is digits with an optional minus, fraction and exponent, as in JSON; leading zeros are allowed. A number is read as the
 * shortest decimal that stands for it, which is how it is written. Undefined for anything else.
 */
export function parseDecimal(value: number | string): { digits: bigint; scale: number } | undefined {
  const parts = DECIMAL.exec(String(value));
  if (parts === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts;
  let digits = BigInt(sign + whole + fraction);
  let scale = fraction.length - Number(exponent);
  if (scale < 0) {
    digits *= 10n ** BigInt(-scale);
    scale = 0;
  }
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n;
    scale--;
  }
  return { digits, scale };
}

/**
 * Converts major units to minor units of a currency with `decimals` decimals. The sign is kept.
 * Undefined if the value is not a decimal, has more decimals, or is beyond `MAX_MINOR`.
 */
export function toMinor(value: number | string, decimals: number): number | undefined {
  const decimal = parseDecimal(value);
  if (decimal === undefined || decimal.scale > decimals) return undefined;
  const minor = decimal.digits * 10n ** BigInt(decimals - decimal.scale);
  return minor > MAX_MINOR || minor < -MAX_MINOR ? undefined : Number(minor);
}

/** A decimal as text with at most `decimals` decimals, rounded half away from zero. */
export function roundDecimal({ digits, scale }: { digits: bigint; scale: number }, decimals: number): string {
  const minor = divideRounded(digits * 10n ** BigInt(decimals), 10n ** BigInt(scale));
  return toDecimalText(minor, decimals);
}

/** Converts minor units to major units as exact decimal text, for any size: 12345n at 2 decimals is `123.45`. */
export function toDecimalText(minor: bigint, decimals: number): string {
  if (minor < 0n) return `-${toDecimalText(-minor, decimals)}`;
  const text = String(minor).padStart(decimals + 1, "0");
  return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

/**
 * Converts minor units to a number of major units, for answers: 12345 at 2 decimals is 123.45.
 *
 * @throws {RangeError} beyond 2^53 − 1 minor units, where a number would be rounded
 */
export function toMajor(minor: number | bigint, decimals: number): number {
  const exact = Number(minor);
  if (!Number.isSafeInteger(exact)) throw new RangeError(`Cannot write the amount exactly: ${minor} minor units`);
  // Both operands are exact integers, and IEEE 754 division rounds correctly. So this is the double nearest to the decimal.
  return exact === 0 ? 0 : exact / 10 ** decimals;
}

/**
 * Converts minor units of one currency to minor units of another. `rate` is decimal text: how many major units of the second are worth
 * one of the first. Rounds once, half away from zero (definitions §3).
 *
 * @throws {RangeError} if the rate is not a decimal
 */
export function convert(minor: bigint, fromDecimals: number, rate: string, toDecimals: number): bigint {
  const decimal = parseDecimal(rate);
  if (decimal === undefined) throw new RangeError(`Cannot convert at this rate: ${rate}`);
  return divideRounded(minor * decimal.digits * 10n ** BigInt(toDecimals), 10n ** BigInt(fromDecimals + decimal.scale));
}

/** Divides a sum of minor units by a count. Returns major units, rounded to the minor unit half away from zero; null for a count of 0. */
export function average(sumMinor: bigint, count: number | bigint, decimals: number): number | null {
  const divisor = BigInt(count);
  return divisor === 0n ? null : toMajor(divideRounded(sumMinor, divisor), decimals);
}

/** A ratio, rounded to 4 decimals half away from zero; null if the denominator is 0. */
export function ratio(numerator: number | bigint, denominator: number | bigint): number | null {
  const divisor = BigInt(denominator);
  return divisor === 0n ? null : toMajor(divideRounded(BigInt(numerator) * 10_000n, divisor), 4);
}

/**
 * Shares a total in proportion to weights, so that the shares add up to it exactly. Each share is rounded down. Then the shares with the
 * largest fractions get one more unit each, until none is left. Of equal fractions, the earlier comes first (definitions §9).
 *
 * @throws {RangeError} for a negative total or weight, or weights that add up to 0
 */
export function share(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  if (total < 0n || sum <= 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError(`Cannot share ${total} among ${weights.length} weights that add up to ${sum}`);
  }
  const shares = weights.map((weight) => (total * weight) / sum);
  const left = Number(shares.reduce((rest, one) => rest - one, total));
  const fractions = weights.map((weight, index) => ({ index, fraction: (total * weight) % sum }));
  fractions.sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1));
  for (const { index } of fractions.slice(0, left)) shares[index] = (shares[index] ?? 0n) + 1n;
  return shares;
}

function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const top = numerator < 0n ? -numerator : numerator;
  const bottom = denominator < 0n ? -denominator : denominator;
  const rounded = (2n * top + bottom) / (2n * bottom);
  return negative ? -rounded : rounded;
}
