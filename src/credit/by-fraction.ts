// Which touches get the units that are left after each got its quota, rounded down? Those
// with the largest fractions, found by counting fractions in slots. (definitions §9)

import type { Shares } from "./shares.ts";
import type { Quotas } from "./weight.ts";

/** The most slots. There is about one slot for two touches. */
const MOST_SLOTS = 4096;
/** Fewer touches than this share one slot, so they are sorted. */
const FEW = 16;

/**
 * Gives the function that shares a total among the touches in [from, until) by their quotas, and adds the shares to `to`. If doubles are too
 * imprecise to be sure of every unit, it shares nothing and gives false. `touchedAt` are the instants of all touches, ascending.
 */
export function openByFraction(touchedAt: readonly number[]) {
  let wholes = new Float64Array(0);
  let fractions = wholes;
  let inSlot = new Int32Array(1);

  function makeRoom(n: number): void {
    if (wholes.length >= n) return;
    const room = Math.min(touchedAt.length, 2 * n);
    wholes = new Float64Array(room);
    fractions = new Float64Array(room);
    inSlot = new Int32Array(slotsFor(room));
  }

  /**
   * Sorts the places so that the `units` largest fractions come first, and earlier
   * touches before later ones. False: it is not sure which are the largest.
   */
  function rank(places: number[], units: number, margin: number, from: number): boolean {
    if (places.length > 1) places.sort((a, b) => (fractions[b] as number) - (fractions[a] as number) || a - b);
    if (units === places.length) return true;
    const last = fractions[places[units - 1] ?? 0] as number;
    if (last - (fractions[places[units] ?? 0] as number) > margin) return true;
    // Fractions that differ by less than the margin are equal if the touches are of one instant. Otherwise their order is unknown.
    const near = places.filter((place) => Math.abs((fractions[place] as number) - last) <= margin);
    return near.every((place) => touchedAt[from + place] === touchedAt[from + (near[0] ?? 0)]);
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
    // The slot of the last fraction that gets a unit, and how many fractions above that slot get one.
    let slot = slots;
    let above = 0;
    while (left > 0 && above + (inSlot[slot - 1] as number) < left) above += inSlot[--slot] as number;
    slot--;
    const units = left - above;
    const [bottom, top] = left > 0 ? [slot / slots, (slot + 1) / slots] : [2, 2];
    const places: number[] = []; // the touches in that slot
    for (let place = 0; place < n; place++) {
      const fraction = fractions[place] as number;
      wholes[place] = (wholes[place] as number) + Number(fraction >= top);
      if (fraction >= bottom && fraction < top) places.push(place);
    }
    if (units > 0) {
      const margin = 2 * error;
      if (!rank(places, units, margin, from)) return false;
      const last = fractions[places[units - 1] ?? 0] as number;
      // A fraction just outside the slot could be equal.
      if ((slot > 0 && last - bottom <= margin) || (slot < slots - 1 && top - (fractions[places[0] ?? 0] as number) <= margin))
        return false;
    }
    to.addEach(from, until, wholes);
    for (let index = 0; index < units; index++) to.add(from + (places[index] ?? 0), 1);
    return true;
  };
}

const slotsFor = (n: number): number => (n < FEW ? 1 : Math.min(MOST_SLOTS, 2 ** (30 - Math.clz32(n))));
