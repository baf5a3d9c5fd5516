// How is an amount shared by the age of touches? With doubles where they are precise
// enough for every unit, and otherwise with exact integers. (definitions §9, `time_decay`)
import { share } from "../value/money.ts";
import { openByFraction } from "./by-fraction.ts";
import { openByStep } from "./by-step.ts";
import { shareRuns } from "./run.ts";
import type { Shares } from "./shares.ts";
import { type Decay, decayOf, HALF_LIFE_MS, type Quotas, weightsByAge } from "./weight.ts";

/**
 * Weights are relative to an origin. After this many half-lives, a new origin is set, because 2 to a higher power might exceed a double.
 */
const MOST_HALF_LIVES = 500;

export interface DecayModel {
  /**
   * Shares a total among the touches in [from, until), at least one, and adds the shares to `to`. Units that are left go to the largest
   * fractions, and among equal ones to the earlier touch, as in `share` of money.ts. `from` and `until` may only grow from call to call.
   */
  share(total: number, from: number, until: number, to: Shares): void;
}

/** The model `time_decay` for a customer's touches. `touchedAt` are their instants, ascending, in milliseconds since 1970 UTC. */
export function openDecay(touchedAt: readonly number[]): DecayModel {
  const n = touchedAt.length;
  const weights = new Float64Array(n);
  const sums = new Float64Array(n + 1); // sums[i] is the sum of the weights before place i
  const exact: Decay[] = [];
  const byStep = openByStep();
  const byFraction = openByFraction(touchedAt);
  let weighedUntil = 0;
  let origin = touchedAt[0] ?? 0;

  function decay(place: number): Decay {
    exact[place] ??= decayOf(touchedAt[place] as number);
    return exact[place];
  }

  /** Computes the weights of the touches before `until`. If the last one is too far from the origin, all touches get new weights. */
  function weigh(from: number, until: number): void {
    if ((touchedAt[until - 1] as number) - origin > MOST_HALF_LIVES * HALF_LIFE_MS) {
      origin = touchedAt[from] as number;
      weighedUntil = from;
      sums[from] = 0;
    }
    for (; weighedUntil < until; weighedUntil++) {
      const age = (touchedAt[weighedUntil] as number) - origin;
      const whole = Math.floor(age / HALF_LIFE_MS);
      const weight = 2 ** ((age - whole * HALF_LIFE_MS) / HALF_LIFE_MS) * 2 ** whole;
      weights[weighedUntil] = weight;
      sums[weighedUntil + 1] = (sums[weighedUntil] as number) + weight;
    }
  }

  /**
   * The quotas of a total, with a generous bound of their error. A power is within 4 units in the last place, which with its product and
   * quotient makes 2^-50. A sum of n terms adds at most n halves of a unit in the last place of everything that was added up.
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
      if (touchedAt[from] === touchedAt[until - 1]) {
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
