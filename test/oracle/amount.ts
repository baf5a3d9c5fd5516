// How is money calculated exactly? As whole minor units in BigInt (definitions §3).

/** Decimals of the currencies that the tests use (ISO 4217). */
const DECIMALS: Readonly<Record<string, number>> = { USD: 2, EUR: 2, GBP: 2, JPY: 0, KWD: 3, CLF: 4 };

export function decimalsOf(currency: string): number {
  const decimals = DECIMALS[currency];
  if (decimals === undefined) throw new Error(`The oracle does not know the decimals of ${currency}.`);
  return decimals;
}

/** An exact decimal: digits over 10^scale. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

export function readDecimal(value: number | string): Decimal {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (!match) throw new Error(`not a decimal: ${value}`);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  let digits = BigInt(whole + fraction) * (sign ? -1n : 1n);
  let scale = fraction.length - Number(exponent);
  for (; scale < 0; scale += 1) digits *= 10n;
  for (; scale > 0 && digits % 10n === 0n; scale -= 1) digits /= 10n;
  return { digits, scale };
}

/** Minor units; undefined if the value has more decimals than the currency. */
export function minorOf(value: Decimal, currency: string): bigint | undefined {
  const decimals = decimalsOf(currency);
  return value.scale > decimals ? undefined : value.digits * 10n ** BigInt(decimals - value.scale);
}

/** Rounds half away from zero. The denominator must be above 0. */
export function divide(numerator: bigint, denominator: bigint): bigint {
  const half = (2n * (numerator < 0n ? -numerator : numerator) + denominator) / (2n * denominator);
  return numerator < 0n ? -half : half;
}

/** digits over 10^decimals as the number of an answer. */
export function wireNumber(digits: bigint, decimals: number): number {
  const text = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, "0");
  const point = text.length - decimals;
  const size = Number(`${text.slice(0, point)}.${text.slice(point)}0`);
  return digits < 0n ? -size : size;
}

export function major(minor: bigint, currency: string): number {
  return wireNumber(minor, decimalsOf(currency));
}

/** Converts minor units of one currency into those of another, at a rate. */
export function convert(minor: bigint, from: string, rate: string, to: string): bigint {
  const { digits, scale } = readDecimal(rate);
  return divide(minor * digits * 10n ** BigInt(decimalsOf(to)), 10n ** BigInt(decimalsOf(from) + scale));
}

/** Money per customer, in major units; null for no customers. */
export function mean(minor: bigint, count: number, currency: string): number | null {
  return count === 0 ? null : major(divide(minor, BigInt(count)), currency);
}

/** A ratio with 4 decimals; null for a zero denominator. */
export function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : wireNumber(divide(BigInt(numerator) * 10_000n, BigInt(denominator)), 4);
}

/** Splits whole units by weight: the floor of each share, then the rest by largest fraction, ties to the earlier (definitions §9). */
export function shares(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  const parts = weights.map((weight, index) => ({ index, whole: (total * weight) / sum, fraction: (total * weight) % sum }));
  let left = parts.reduce((rest, part) => rest - part.whole, total);
  const byFraction = [...parts].sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1));
  for (const part of byFraction) {
    if (left === 0n) break;
    part.whole += 1n;
    left -= 1n;
  }
  return parts.map((part) => part.whole);
}
