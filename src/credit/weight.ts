// What is the weight of a touch by its age? (definitions §9, `time_decay`)

/** The weight of a touch halves every 7 days. */
export const HALF_LIFE_MS = 7 * 86_400_000;
/** Fraction bits of a mantissa. */
const BITS = 160n;
const ONE = 1n << BITS;
/** ln 2 to 60 decimals (OEIS A002162). */
const LN2_DIGITS = 693147180559945309417232121458176568075500134360255254120680n;
const LN2 = (LN2_DIGITS << BITS) / 10n ** 60n;

/**
 * 2^(part ÷ 7 days) × 2^160 for 0 ≤ part < 7 days, by the Taylor series of e^(x ln 2). The error is below 2^8 units, which is a relative
 * error below 2^−152. When 10^12 minor units are shared among 1,000 touches, this changes the order of two fractions only if they differ by
 * less than 10^−29.
 */
function mantissaOf(part: number): bigint {
  const x = (LN2 * BigInt(part)) / BigInt(HALF_LIFE_MS);
  let sum = ONE;
  let term = ONE;
  for (let n = 1n; term > 0n; n++) {
    term = ((term * x) >> BITS) / n;
    sum += term;
  }
  return sum;
}

/** 2^(at ÷ 7 days) as mantissa × 2^exponent. It is the weight of a touch relative to any other touch, whichever sale looks back at it. */
export interface Decay {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/**
 * The decay of a touch at an instant, in milliseconds since 1970 UTC. Touches that are a
 * multiple of 7 days apart have the same mantissa, so their ratio is an exact power of 2.
 */
export function decayOf(at: number): Decay {
  const exponent = Math.floor(at / HALF_LIFE_MS);
  return { mantissa: mantissaOf(at - exponent * HALF_LIFE_MS), exponent };
}

/** The weights of touches, which ascend in time: 2^(−age ÷ 7 days), all multiplied by the same factor. */
export function weightsByAge(touches: readonly Decay[]): bigint[] {
  const least = touches[0]?.exponent ?? 0;
  return touches.map(({ mantissa, exponent }) => mantissa << BigInt(exponent - least));
}

/** The quotas of the touches of a sale, in doubles. */
export interface Quotas {
  /** The weights of touches by their places, ascending, all multiplied by the same factor. */
  readonly weights: Float64Array;
  /** The quota of a touch, which is its exact share of the total, is its weight times this. */
  readonly scale: number;
  /** The largest error of a quota. */
  readonly error: number;
}
