// Where do random choices come from? From the seed that a drill prints and a name for each use, so that one use does not shift another.
import { type Chance, chanceOf } from "../oracle/arrange.ts";

export type { Chance };

/** Random numbers for one use: the same for the same seed and names. */
export function chanceFor(seed: number, ...names: readonly (string | number)[]): Chance {
  return chanceOf(new DataView(new Bun.CryptoHasher("sha256").update([seed, ...names].join(" ")).digest().buffer).getUint32(0));
}

/** A whole number from `least` to `most`. */
export function between(chance: Chance, least: number, most: number): number {
  return least + chance.pick(most - least + 1);
}

/** One of a list. */
export function oneOf<T>(chance: Chance, list: readonly T[]): T {
  const found = list[chance.pick(list.length)];
  if (found === undefined) throw new RangeError("Cannot choose from an empty list");
  return found;
}
