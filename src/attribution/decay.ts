// How is an amount shared by the age of touches? In doubles wherever they are sure of every unit, else exactly. (definitions §9, `time_decay`)
import { share } from "../money.ts";
import { cutBetween } from "./cut.ts";
import { shareRuns } from "./run.ts";
import { type Decay, decayOf, HALF_LIFE_MS, weightsByAge } from "./weight.ts";

/**
 * How far a double may be off, of itself: a power is within 4 units in the last place (2^-50 in all, with its division), a sum of n
 * adds n halves of one. Taken amply.
 */
const errorOf = (n: number) => 8e-15 + n * 2.5e-16;

/** 2^-n: what a touch weighs after n half-lives. Beyond these it is 0 in a double, where nothing is sure. */
const HALVES = Float64Array.from({ length: 1075 }, (_, n) => 2 ** -n);

export interface Decaying {
  /**
   * Adds each touch's share of a total to `to`; the touches are the clicks from `from` on, before `until`.
   * Units go by largest fraction, ties to the earlier, as `share` of money.ts does it.
   */
  share(total: number, from: number, until: number, to: Float64Array): void;
}

/** Weighs clicks by their instants, which ascend. */
export function openDecay(clickedAt: readonly number[]): Decaying {
  const exponents = clickedAt.map((at) => Math.floor(at / HALF_LIFE_MS));
  const mantissas = clickedAt.map((at, index) => 2 ** ((at - (exponents[index] ?? 0) * HALF_LIFE_MS) / HALF_LIFE_MS));
  const exact: Decay[] = [];
  const decay = (index: number) => {
    exact[index] ??= decayOf(clickedAt[index] ?? 0);
    return exact[index];
  };

  /** The shares of touches if doubles are sure of each; else undefined. */
  function quickly(total: number, from: number, until: number): Float64Array | undefined {
    const n = until - from;
    const shares = new Float64Array(n);
    const newest = exponents[until - 1] ?? 0;
    let sum = 0;
    let heaviest = 0;
    for (let i = 0; i < n; i++) {
      const weight = (mantissas[from + i] ?? 0) * (HALVES[newest - (exponents[from + i] ?? 0)] ?? 0);
      shares[i] = weight;
      sum += weight;
      if (weight > heaviest) heaviest = weight;
    }
    const fractions = new Float64Array(n);
    let left = total;
    const error = ((total * heaviest) / sum) * errorOf(n);
    for (let i = 0; i < n; i++) {
      const quota = (total * (shares[i] ?? 0)) / sum;
      const whole = Math.floor(quota);
      const fraction = quota - whole;
      if (fraction <= error || 1 - fraction <= error) return undefined;
      shares[i] = whole;
      fractions[i] = fraction;
      left -= whole;
    }
    if (left < 0 || left >= n) return undefined;
    return left === 0 || giveUnits(shares, fractions, left, 2 * error, from) ? shares : undefined;
  }

  /** One unit more to each of the `left` largest fractions, unless it is not sure which they are: those too near to the cut must be of one instant. */
  function giveUnits(shares: Float64Array, fractions: Float64Array, left: number, margin: number, from: number): boolean {
    const { last, next } = cutBetween(fractions.slice(), left);
    const sure = last - next > margin ? last : next + margin;
    let instant: number | undefined;
    let rest = left;
    for (let i = 0; i < fractions.length; i++) {
      const fraction = fractions[i] ?? 0;
      if (last - next > margin ? fraction >= sure : fraction > sure) {
        shares[i] = (shares[i] ?? 0) + 1;
        rest--;
      } else if (last - next <= margin && fraction >= last - margin) {
        instant ??= clickedAt[from + i];
        if (clickedAt[from + i] !== instant) return false;
      }
    }
    // Their fractions are equal: the earlier come first.
    for (let i = 0; rest > 0; i++) {
      const fraction = fractions[i] ?? 0;
      if (fraction < last - margin || fraction > sure) continue;
      shares[i] = (shares[i] ?? 0) + 1;
      rest--;
    }
    return true;
  }

  return {
    share(total, from, until, to) {
      const add = (index: number, amount: number) => {
        to[index] = (to[index] ?? 0) + amount;
      };
      if (clickedAt[from] === clickedAt[until - 1]) {
        const [{ each, extra } = { each: 0, extra: 0 }] = shareRuns(total, [{ count: until - from, weight: 1 }]);
        for (let index = from; index < until; index++) add(index, index - from < extra ? each + 1 : each);
        return;
      }
      if (total === 0) return;
      const quick = quickly(total, from, until);
      if (quick) for (let index = from; index < until; index++) add(index, quick[index - from] ?? 0);
      else {
        const weights = weightsByAge(Array.from({ length: until - from }, (_, place) => decay(from + place)));
        share(BigInt(total), weights).forEach((amount, place) => {
          add(from + place, Number(amount));
        });
      }
    },
  };
}
