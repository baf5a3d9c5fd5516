// How is an amount shared by the age of touches? In doubles wherever they are sure of every unit, else exactly. (definitions §9, `time_decay`)
import { share } from "../money.ts";
import { shareRuns } from "./run.ts";
import { type Decay, decayOf, HALF_LIFE_MS, weightsByAge } from "./weight.ts";

/**
 * How far a double may be off, of itself: a power is within 4 units in the last place (2^-50 in all, with its division), a sum of n
 * adds n halves of one. Taken amply.
 */
const errorOf = (n: number) => 8e-15 + n * 2.5e-16;

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
    for (let i = 0; i < n; i++) {
      const weight = (mantissas[from + i] ?? 0) * 2 ** ((exponents[from + i] ?? 0) - newest);
      shares[i] = weight;
      sum += weight;
    }
    const fractions = new Float64Array(n);
    const order = new Uint32Array(n);
    let left = total;
    let most = 0;
    for (let i = 0; i < n; i++) most = Math.max(most, (total * (shares[i] ?? 0)) / sum);
    const error = most * errorOf(n);
    for (let i = 0; i < n; i++) {
      const quota = (total * (shares[i] ?? 0)) / sum;
      const whole = Math.floor(quota);
      const fraction = quota - whole;
      if (fraction <= error || 1 - fraction <= error) return undefined;
      shares[i] = whole;
      fractions[i] = fraction;
      order[i] = i;
      left -= whole;
    }
    if (left < 0 || left >= n) return undefined;
    order.sort((a, b) => (fractions[b] ?? 0) - (fractions[a] ?? 0) || a - b);
    if (left > 0 && !isSure(order, fractions, left, 2 * error, from)) return undefined;
    for (let place = 0; place < left; place++) {
      const i = order[place] ?? 0;
      shares[i] = (shares[i] ?? 0) + 1;
    }
    return shares;
  }

  /** Is it sure who is before the cut? Those too near to it to tell must be of one instant: their fractions are equal. */
  function isSure(order: Uint32Array, fractions: Float64Array, cut: number, margin: number, from: number): boolean {
    const fractionAt = (place: number) => fractions[order[place] ?? 0] ?? 0;
    const instantAt = (place: number) => clickedAt[from + (order[place] ?? 0)];
    const [last, next] = [fractionAt(cut - 1), fractionAt(cut)];
    if (last - next > margin) return true;
    const instant = instantAt(cut);
    for (let place = cut - 1; place >= 0 && fractionAt(place) - next <= margin; place--) if (instantAt(place) !== instant) return false;
    for (let place = cut + 1; place < order.length && last - fractionAt(place) <= margin; place++)
      if (instantAt(place) !== instant) return false;
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
