// Where on a chart is a value? Straight scales and the slots of bars, in pixels.
import { nice, ticks } from "d3-array";

export interface Scale {
  (value: number): number;
  /** About so many round values between the ends. */
  ticks(count: number): number[];
}

/** A straight scale from `[least, most]` to `[from, to]`. `rounded`: the ends are widened to round values, as for so many ticks. */
export function openScale(ends: readonly [number, number], [from, to]: readonly [number, number], rounded?: number): Scale {
  const [least, most] = rounded === undefined ? ends : nice(...ends, rounded);
  const perUnit = (to - from) / (most - least);
  return Object.assign((value: number) => from + (value - least) * perUnit, { ticks: (count: number) => ticks(least, most, count) });
}

export interface Slots {
  /** How far one bar is from the next, and how wide it is. */
  readonly step: number;
  readonly width: number;
  /** Where the bar with this index begins. */
  left(index: number): number;
}

/** So many bars side by side from `from` to `to`. `gap`: the share of a step between two of them. At both ends a fifth of a step stays free. */
export function openSlots(count: number, [from, to]: readonly [number, number], gap: number): Slots {
  const step = (to - from) / Math.max(1, count - gap + 0.4);
  const start = (from + to - step * (count - gap)) / 2;
  return { step, width: step * (1 - gap), left: (index) => start + index * step };
}
