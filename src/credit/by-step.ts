// Which consecutive touches get the same share, when there are many touches
// and few units? Found without visiting each touch. (definitions §9)

import type { Shares } from "./shares.ts";
import type { Quotas } from "./weight.ts";

/** With fewer touches for each run, visiting each touch is faster. */
const LEAST_IN_RUN = 12;
/** When a guess chooses this many touches too many or too few, the rest is corrected one by one. */
const NEAR = 16;
const MOST_GUESSES = 4;

/** The first place in [from, until) whose weight is at least `least`, or `until`. Weights ascend. */
function firstOf(weights: Float64Array, least: number, from: number, until: number): number {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((weights[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Gives the function that shares a total among the touches in [from, until) by their quotas, and adds the shares to `to`. If runs are short,
 * or doubles are too imprecise to be sure of every unit, it shares nothing and gives false.
 * Quotas ascend, so touches with the same whole part are a run. Within a run fractions ascend too, so the units that are left go to the
 * ends of runs.
 */
export function openByStep() {
  const edges: number[] = []; // edges[r] is the first place of run r
  const cuts: number[] = []; // cuts[r] is the first place of run r that gets one unit more

  return ({ weights, scale, error }: Quotas, total: number, from: number, until: number, to: Shares): boolean => {
    const n = until - from;
    const lowest = Math.floor((weights[from] as number) * scale);
    const runs = Math.floor((weights[until - 1] as number) * scale) - lowest + 1;
    if (runs * LEAST_IN_RUN > n) return false;
    const fraction = (place: number, run: number) => (weights[place] as number) * scale - (lowest + run);
    let left = total;
    edges[0] = from;
    for (let run = 0; run < runs; run++) {
      const begin = edges[run] as number;
      const end = run === runs - 1 ? until : firstOf(weights, (lowest + run + 1) / scale, begin, until);
      edges[run + 1] = end;
      if (begin === end) continue;
      if (fraction(begin, run) <= error || fraction(end - 1, run) >= 1 - error) return false;
      left -= (lowest + run) * (end - begin);
    }
    if (left < 0 || left >= n) return false;

    // Find a fraction above which there are about as many touches as units are left, by linear interpolation.
    let [low, above, high, below] = [0, n, 1, 0];
    let chosen = 0;
    for (let guess = 0; guess < MOST_GUESSES; guess++) {
      const cut = low + ((high - low) * (above - left)) / (above - below);
      chosen = 0;
      for (let run = 0; run < runs; run++) {
        const end = edges[run + 1] as number;
        const first = firstOf(weights, (lowest + run + cut) / scale, edges[run] as number, end);
        cuts[run] = first;
        chosen += end - first;
      }
      if (Math.abs(chosen - left) <= NEAR) break;
      if (chosen > left) [low, above] = [cut, chosen];
      else [high, below] = [cut, chosen];
    }
    for (;;) {
      // The smallest fraction that is chosen, and the largest that is not.
      let [last, lastRun, next, nextRun] = [2, 0, -1, 0];
      for (let run = 0; run < runs; run++) {
        const cut = cuts[run] as number;
        if (cut < (edges[run + 1] as number)) {
          const chosenFraction = fraction(cut, run);
          if (chosenFraction < last) [last, lastRun] = [chosenFraction, run];
        }
        if (cut > (edges[run] as number)) {
          const otherFraction = fraction(cut - 1, run);
          if (otherFraction > next) [next, nextRun] = [otherFraction, run];
        }
      }
      if (chosen === left) {
        if (last - next <= 2 * error) return false;
        break;
      }
      if (chosen > left) {
        cuts[lastRun] = (cuts[lastRun] as number) + 1;
        chosen--;
      } else {
        cuts[nextRun] = (cuts[nextRun] as number) - 1;
        chosen++;
      }
    }
    for (let run = 0; run < runs; run++) {
      to.addToAll(edges[run] as number, edges[run + 1] as number, lowest + run);
      to.addToAll(cuts[run] as number, edges[run + 1] as number, 1);
    }
    return true;
  };
}
