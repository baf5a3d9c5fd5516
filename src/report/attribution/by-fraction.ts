// Who gets the units left when each touch has its floored quota? The largest fractions, found by counting them in slots. (definitions §9)

import type { Shares } from "./shares.ts";
import type { Quotas } from "./weight.ts";

/** So many slots at the most, about one for two touches. */
const MOST_SLOTS = 4096;
/** Below so many touches they are sorted. */
const FEW = 16;

/** Gives the function that shares a total by quotas, if doubles are sure of every unit: false, and nothing is shared, if not. */
export function openByFraction(clickedAt: readonly number[]) {
  let wholes = new Float64Array(0);
  let fractions = wholes;
  let inSlot = new Int32Array(1);

  function makeRoom(n: number): void {
    if (wholes.length >= n) return;
    const room = Math.min(clickedAt.length, 2 * n);
    wholes = new Float64Array(room);
    fractions = new Float64Array(room);
    inSlot = new Int32Array(slotsFor(room));
  }

  /** Puts the `units` largest fractions of these places first, of equal ones the earlier, if it is sure which they are. */
  function rank(places: number[], units: number, margin: number, from: number): boolean {
    if (places.length > 1) places.sort((a, b) => (fractions[b] as number) - (fractions[a] as number) || a - b);
    if (units === places.length) return true;
    const last = fractions[places[units - 1] ?? 0] as number;
    if (last - (fractions[places[units] ?? 0] as number) > margin) return true;
    // Fractions that differ by less than the margin are equal if they are of one instant, else nobody knows.
    const near = places.filter((place) => Math.abs((fractions[place] as number) - last) <= margin);
    return near.every((place) => clickedAt[from + place] === clickedAt[from + (near[0] ?? 0)]);
  }

  return ({ weights, scale, error }: Quotas, total: number, from: number, until: number, to: Shares): boolean => {
    const n = until - from;
    makeRoom(n);
    const slots = slotsFor(n);
    inSlot.fill(0, 0, slots);
    let left = total;
    let least = 1;
    let most = 0;
    for (let place = 0; place < n; place++) {
      const quota = (weights[from + place] as number) * scale;
      const whole = Math.floor(quota);
      const fraction = quota - whole;
      wholes[place] = whole;
      fractions[place] = fraction;
      left -= whole;
      if (fraction < least) least = fraction;
      if (fraction > most) most = fraction;
      const slot = (fraction * slots) | 0;
      inSlot[slot] = (inSlot[slot] as number) + 1;
    }
    if (least <= error || most >= 1 - error || left < 0 || left >= n) return false;
    // The slot in which the last unit is given out, and how many are given out above it.
    let slot = slots;
    let above = 0;
    while (left > 0 && above + (inSlot[slot - 1] as number) < left) above += inSlot[--slot] as number;
    slot--;
    const units = left - above;
    const [bottom, top] = left > 0 ? [slot / slots, (slot + 1) / slots] : [2, 2];
    const places: number[] = []; // of the touches in that slot
    for (let place = 0; place < n; place++) {
      const fraction = fractions[place] as number;
      wholes[place] = (wholes[place] as number) + Number(fraction >= top);
      if (fraction >= bottom && fraction < top) places.push(place);
    }
    if (units > 0) {
      const margin = 2 * error;
      if (!rank(places, units, margin, from)) return false;
      const last = fractions[places[units - 1] ?? 0] as number;
      // A neighbour just beyond the slot could be as large.
      if ((slot > 0 && last - bottom <= margin) || (slot < slots - 1 && top - (fractions[places[0] ?? 0] as number) <= margin))
        return false;
    }
    to.addEach(from, until, wholes);
    for (let index = 0; index < units; index++) to.add(from + (places[index] ?? 0), 1);
    return true;
  };
}

const slotsFor = (n: number): number => (n < FEW ? 1 : Math.min(MOST_SLOTS, 2 ** (30 - Math.clz32(n))));
