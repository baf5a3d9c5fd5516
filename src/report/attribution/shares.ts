// What did each click get of all sales together? Kept so that a share equal for many clicks in a row is added in two steps, however many they are.

export interface Shares {
  /** Adds so much to one click. */
  add(place: number, amount: number): void;
  /** Adds the first of these amounts to the click `from`, the next to the next one, on to before `until`. */
  addEach(from: number, until: number, amounts: Float64Array): void;
  /** Adds so much to each click from `from` on, before `until`. */
  addToAll(from: number, until: number, amount: number): void;
  /** What each click has got, by its place. */
  added(): Float64Array;
}

/** Opens shares of nothing, for so many clicks. Sums are of whole numbers, exact up to 2^53 − 1. */
export function openShares(clicks: number): Shares {
  const own = new Float64Array(clicks);
  // steps[i] is what click i gets more than click i − 1.
  let steps: Float64Array | undefined;
  return {
    add(place, amount) {
      own[place] = (own[place] as number) + amount;
    },
    addEach(from, until, amounts) {
      for (let place = from; place < until; place++) own[place] = (own[place] as number) + (amounts[place - from] as number);
    },
    addToAll(from, until, amount) {
      steps ??= new Float64Array(clicks + 1);
      steps[from] = (steps[from] as number) + amount;
      steps[until] = (steps[until] as number) - amount;
    },
    added() {
      if (steps === undefined) return own;
      let level = 0;
      return own.map((amount, place) => {
        level += steps?.[place] ?? 0;
        return amount + level;
      });
    },
  };
}
