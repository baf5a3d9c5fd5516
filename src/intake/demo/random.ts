// Where do the demo's random numbers come from? The same seed gives the same shop every time.

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
  /** An item of the list, chosen by weight. */
  weighted<T extends { weight: number }>(list: readonly T[]): T;
  /** An exponentially distributed number with this mean. */
  wait(mean: number): number;
}

/** The generator "mulberry32" by Tommy Ettinger. Its 32 bits of state are enough for a demo. */
export function openRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: (list) => required(list[Math.floor(next() * list.length)]),
    weighted(list) {
      let left = next() * list.reduce((sum, { weight }) => sum + weight, 0);
      const found = list.find(({ weight }) => {
        left -= weight;
        return left < 0;
      });
      return required(found ?? list.at(-1));
    },
    wait: (mean) => -Math.log(1 - next()) * mean,
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("Cannot pick from an empty list.");
  return value;
}
