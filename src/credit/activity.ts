// What does attribution know of one customer? Their touches and counted sales, and how these are written as bytes.
import type { Sale } from "./credit.ts";
import { openNumberReader, openNumberWriter } from "./number.ts";

/** What touches are grouped by. A grouping's number is its place in this list. */
export const GROUPINGS = ["source", "campaign", "link"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Touches and counted sales with a value in the reporting currency, both in log order. */
export interface Activity {
  /** The instants of the touches, in milliseconds since 1970 UTC. */
  readonly touchedAt: number[];
  readonly isClick: boolean[];
  /** The keys of the touches, as rows of `credit_key`: for each grouping, one for each touch. */
  readonly keys: readonly [number[], number[], number[]];
  readonly sales: Sale[];
}

/** How many touches and sales of an activity come before. */
export interface Place {
  readonly touches: number;
  readonly sales: number;
}
export const BEGINNING: Place = { touches: 0, sales: 0 };

export const emptyActivity = (): Activity => ({ touchedAt: [], isClick: [], keys: [[], [], []], sales: [] });
export const endOf = ({ touchedAt, sales }: Activity): Place => ({ touches: touchedAt.length, sales: sales.length });

/** When the last touch or sale before a place was; 0 if there is none. */
const lastAt = ({ touchedAt, sales }: Activity, { touches, sales: sold }: Place) =>
  Math.max(touchedAt[touches - 1] ?? 0, sales[sold - 1]?.at ?? 0);

const CLICK = 0;
const OTHER_TOUCH = 1;
const SALE = 2;
const KINDS = 4;

/** The touches and sales from a place on, as bytes. Bytes from one place on continue those before it. */
export const encodeActivity = (activity: Activity, since: Place = BEGINNING): Uint8Array => encodeUntil(activity, since, endOf(activity));

/** The same for a whole activity, with a yield after at most so many touches and as many sales. */
export function* encodeInSteps(activity: Activity, most: number): Generator<void, Uint8Array> {
  const pieces: Uint8Array[] = [];
  const { touches, sales } = endOf(activity);
  for (let since = BEGINNING; since.touches < touches || since.sales < sales; ) {
    const end = placeWithin(activity, { touches: Math.min(touches, since.touches + most), sales: Math.min(sales, since.sales + most) });
    pieces.push(encodeUntil(activity, since, end));
    since = end;
    yield;
  }
  return Buffer.concat(pieces);
}

/** The last place before or at another one that has all touches of its sales, and none after the next sale. */
function placeWithin({ sales }: Activity, { touches, sales: sold }: Place): Place {
  let last = sold;
  while (last > 0 && (sales[last - 1]?.touchesUpTo ?? 0) > touches) last--;
  return { touches: Math.min(touches, sales[last]?.touchesUpTo ?? touches), sales: last };
}

/**
 * Each touch or sale is a few whole numbers: its distance to the one before in milliseconds × 4 + its kind; then the keys of a touch, or the
 * net value of a sale.
 */
function encodeUntil(activity: Activity, since: Place, end: Place): Uint8Array {
  const { touchedAt, isClick, keys, sales } = activity;
  const { put, bytes } = openNumberWriter();
  let before = lastAt(activity, since);
  let touch = since.touches;
  const putTouches = (until: number) => {
    for (; touch < until; touch++) {
      const at = touchedAt[touch] as number;
      put((at - before) * KINDS + (isClick[touch] ? CLICK : OTHER_TOUCH));
      for (const own of keys) put(own[touch] as number);
      before = at;
    }
  };
  for (let index = since.sales; index < end.sales; index++) {
    const { at, netMinor, touchesUpTo } = sales[index] as Sale;
    putTouches(touchesUpTo);
    put((at - before) * KINDS + SALE);
    put(netMinor);
    before = at;
  }
  putTouches(end.touches);
  return bytes();
}

/** The activity that was written as these bytes. */
export function decodeActivity(bytes: Uint8Array): Activity {
  const { activity, more } = openDecoder(bytes);
  more(Number.POSITIVE_INFINITY);
  return activity;
}

/** The same, with a yield after about `most` touches and sales. */
export function* decodeInSteps(bytes: Uint8Array, most: number): Generator<void, Activity> {
  const { activity, more } = openDecoder(bytes);
  while (more(most)) yield;
  return activity;
}

/** `more` reads up to so many touches and sales into the activity, and gives whether there may be more. */
function openDecoder(bytes: Uint8Array): { activity: Activity; more(most: number): boolean } {
  const activity = emptyActivity();
  const { touchedAt, isClick, keys, sales } = activity;
  const { take, isAtEnd } = openNumberReader(bytes);
  let at = 0;
  return {
    activity,
    more(most) {
      let left = most;
      for (; left > 0 && !isAtEnd(); left--) {
        const head = take();
        const kind = head % KINDS;
        at += (head - kind) / KINDS;
        if (kind === SALE) {
          sales.push({ at, netMinor: take(), touchesUpTo: touchedAt.length });
          continue;
        }
        touchedAt.push(at);
        isClick.push(kind === CLICK);
        for (const own of keys) own.push(take());
      }
      return left === 0;
    },
  };
}
