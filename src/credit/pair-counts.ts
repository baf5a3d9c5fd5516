// How many customers are credited for a key in a period, by the day before on which they were? How are these counts written as bytes?
import { openNumberReader, openNumberWriter } from "./number.ts";
import { CREDITED, NEVER } from "./sums.ts";

/** Days before are written as their distance to the one before in the list. `NEVER` is 0, and the first day that there is follows. */
const FIRST_DAY = -2;
const toNumber = (previous: number) => (previous === NEVER ? 0 : previous - FIRST_DAY + 1);
const toPrevious = (number: number) => (number === 0 ? NEVER : number - 1 + FIRST_DAY);

/** Counts by the day before, with one for each of `CREDITED`. */
export type PairCounts = ReadonlyMap<number, Float64Array>;

/** The counts that were written as bytes, with more of them added, as bytes again. Days before ascend; those whose counts are all 0 are left out. */
export function addPairCounts(bytes: Uint8Array, more: PairCounts): Uint8Array {
  const { take, takeSigned, isAtEnd } = openNumberReader(bytes);
  const { put, putSigned, bytes: written } = openNumberWriter();
  const added = [...more].sort(([a], [b]) => a - b);
  const counts = new Float64Array(CREDITED.length);
  let lastTaken = 0;
  let lastPut = 0;
  const takeNext = () => (isAtEnd() ? Number.POSITIVE_INFINITY : lastTaken + take());
  let next = takeNext();
  for (let place = 0; next < Number.POSITIVE_INFINITY || place < added.length; ) {
    const of = added[place];
    const number = Math.min(next, of === undefined ? Number.POSITIVE_INFINITY : toNumber(of[0]));
    counts.fill(0);
    if (number === next) {
      for (let credited = 0; credited < counts.length; credited++) counts[credited] = takeSigned();
      lastTaken = number;
      next = takeNext();
    }
    if (of !== undefined && toNumber(of[0]) === number) {
      for (let credited = 0; credited < counts.length; credited++)
        counts[credited] = (counts[credited] as number) + (of[1][credited] as number);
      place++;
    }
    if (counts.every((count) => count === 0)) continue;
    put(number - lastPut);
    for (const count of counts) putSigned(count);
    lastPut = number;
  }
  return written();
}

/** Calls `add` with the counts of each day before, ascending, until it gives false. */
export function eachPairCount(bytes: Uint8Array, add: (previous: number, counts: Float64Array) => boolean): void {
  const { take, takeSigned, isAtEnd } = openNumberReader(bytes);
  const counts = new Float64Array(CREDITED.length);
  for (let number = 0; !isAtEnd(); ) {
    number += take();
    for (let credited = 0; credited < counts.length; credited++) counts[credited] = takeSigned();
    if (!add(toPrevious(number), counts)) return;
  }
}
