// What is the sum of each touch's shares of all sales? Kept so that an equal
// share of many consecutive touches is added in two steps, however many they are.

export interface Shares {
  /** Adds an amount to one touch. */
  add(place: number, amount: number): void;
  /** Adds `amounts[0]` to the touch `from`, `amounts[1]` to the next one, and so on, before `until`. */
  addEach(from: number, until: number, amounts: Float64Array): void;
  /** Adds an amount to each touch in [from, until). */
  addToAll(from: number, until: number, amount: number): void;
  /** The sum of each touch, by its place. */
  added(): Float64Array;
}

/** Sums of 0 for this many touches. They are exact for whole numbers up to 2^53 − 1. */
export function openShares(touches: number): Shares {
  const own = new Float64Array(touches);
  // steps[i] is how much more touch i gets than touch i − 1 from amounts that were added to several touches.
  let steps: Float64Array | undefined;
  return {
    add(place, amount) {
      own[place] = (own[place] as number) + amount;
    },
    addEach(from, until, amounts) {
      for (let place = from; place < until; place++) own[place] = (own[place] as number) + (amounts[place - from] as number);
    },
    addToAll(from, until, amount) {
      steps ??= new Float64Array(touches + 1);
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
