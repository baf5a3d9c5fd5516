// How much does a touch weigh by its age? (definitions §9, `time_decay`)

/** Time decay halves a touch every 7 days. */
export const HALF_LIFE_MS = 7 * 86_400_000;
/** Bits after the point of a mantissa. */
const BITS = 160n;
const ONE = 1n << BITS;
/** ln 2 to 60 decimals (OEIS A002162). */
const LN2_DIGITS = 693147180559945309417232121458176568075500134360255254120680n;
const LN2 = (LN2_DIGITS << BITS) / 10n ** 60n;

/**
 * 2^(part ÷ 7 days) × 2^160 for 0 ≤ part < 7 days, by the series of e^(x ln 2). It is off by less than 2^8 units, so by less than
 * 2^−152 of itself: of 10^12 minor units among 1,000 touches, two could change places only where fractions differ by under 10^−29.
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

/** 2^(at ÷ 7 days) as mantissa × 2^exponent: what a click weighs against any other, whichever sale looks back at it. */
export interface Decay {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** The decay of a click at an instant, in milliseconds. Clicks a multiple of 7 days apart have one mantissa, so exact powers of 2 between them. */
export function decayOf(at: number): Decay {
  const exponent = Math.floor(at / HALF_LIFE_MS);
  return { mantissa: mantissaOf(at - exponent * HALF_LIFE_MS), exponent };
}

/** The weights of touches by time: 2^(−age ÷ 7 days) but for a factor that they have in common. */
export function weightsByAge(touches: readonly Decay[]): bigint[] {
  const least = touches[0]?.exponent ?? 0; // touches ascend in time
  return touches.map(({ mantissa, exponent }) => mantissa << BigInt(exponent - least));
}

/** What doubles know of the touches of a sale. */
export interface Quotas {
  /** What clicks weigh, by their places, but for a factor that they have in common; ascending. */
  readonly weights: Float64Array;
  /** A touch's quota of the total is its weight times this. */
  readonly scale: number;
  /** How far a quota may be off. */
  readonly error: number;
}
