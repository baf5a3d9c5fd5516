// How is an amount shared by the age of touches? In doubles wherever they are sure of every unit, else exactly. (definitions §9, `time_decay`)
import { share } from "../../value/money.ts";
import { openByFraction } from "./by-fraction.ts";
import { openByStep } from "./by-step.ts";
import { shareRuns } from "./run.ts";
import type { Shares } from "./shares.ts";
import { type Decay, decayOf, HALF_LIFE_MS, type Quotas, weightsByAge } from "./weight.ts";

/** So many half-lives after the first weight the next ones are counted from: 2 to that power is far within a double. */
const MOST_HALF_LIVES = 500;

export interface Decaying {
  /**
   * Adds each touch's share of a total; the touches are the clicks from `from` on, before `until`, one at least.
   * Units go by largest fraction, ties to the earlier, as `share` of money.ts does it. `from` and `until` may only grow from call to call.
   */
  share(total: number, from: number, until: number, to: Shares): void;
}

/** Weighs clicks by their instants, which ascend. */
export function openDecay(clickedAt: readonly number[]): Decaying {
  const n = clickedAt.length;
  const weights = new Float64Array(n);
  const sums = new Float64Array(n + 1); // of the weights before each place
  const exact: Decay[] = [];
  const byStep = openByStep();
  const byFraction = openByFraction(clickedAt);
  let weighedUntil = 0;
  let origin = clickedAt[0] ?? 0;

  function decay(place: number): Decay {
    exact[place] ??= decayOf(clickedAt[place] as number);
    return exact[place];
  }

  /** Weighs the clicks before `until`; all touches anew when the latest is too far from where weights are counted from. */
  function weigh(from: number, until: number): void {
    if ((clickedAt[until - 1] as number) - origin > MOST_HALF_LIVES * HALF_LIFE_MS) {
      origin = clickedAt[from] as number;
      weighedUntil = from;
      sums[from] = 0;
    }
    for (; weighedUntil < until; weighedUntil++) {
      const age = (clickedAt[weighedUntil] as number) - origin;
      const whole = Math.floor(age / HALF_LIFE_MS);
      const weight = 2 ** ((age - whole * HALF_LIFE_MS) / HALF_LIFE_MS) * 2 ** whole;
      weights[weighedUntil] = weight;
      sums[weighedUntil + 1] = (sums[weighedUntil] as number) + weight;
    }
  }

  /**
   * A power is within 4 units in the last place (2^-50 in all, with its product and quotient), a sum of so many adds as many halves of
   * one, of all that was added up. Taken amply.
   */
  function quotasOf(total: number, from: number, until: number): Quotas {
    weigh(from, until);
    const all = sums[until] as number;
    const sum = all - (sums[from] as number);
    const scale = total / sum;
    return { weights, scale, error: (weights[until - 1] as number) * scale * (8e-15 + until * 2.5e-16 * (all / sum)) };
  }

  return {
    share(total, from, until, to) {
      if (clickedAt[from] === clickedAt[until - 1]) {
        const [{ each, extra } = { each: 0, extra: 0 }] = shareRuns(total, [{ count: until - from, weight: 1 }]);
        to.addToAll(from, until, each);
        to.addToAll(from, from + extra, 1);
        return;
      }
      if (total === 0) return;
      const quotas = quotasOf(total, from, until);
      if (byStep(quotas, total, from, until, to) || byFraction(quotas, total, from, until, to)) return;
      const exactly = weightsByAge(Array.from({ length: until - from }, (_, place) => decay(from + place)));
      share(BigInt(total), exactly).forEach((amount, place) => {
        to.add(from + place, Number(amount));
      });
    },
  };
}
