// What do the activities of customers add to the totals of attribution? Sums in memory, until they are stored together.
import { MODELS, type Model } from "./model.ts";

/** The grouping of all customers with a sale, whatever their touches: it has one key, 0. */
export const EVERYBODY = 3;
/** The period before of who was never credited before. */
export const NEVER = -1_000_000;
/** What credit counts customers by: the touches that get a weight above 0 under a model. */
export const CREDITED = ["last", "first", "every"] as const;
export type Credited = (typeof CREDITED)[number];

/** Which touches a model gives credit to. */
export const creditedBy = (model: Model): Credited => (model === "last" || model === "first" ? model : "every");

/** Figures of a total by their place: touches, clicks, ten-thousandths of sales by each model, and minor units by each model. */
export const TOUCHES = 0;
export const CLICKS = 1;
export const SALES = 2;
export const MINOR = SALES + MODELS.length;
export const FIGURES = MINOR + MODELS.length;

/** More than the groupings, and than the days that there are. */
const GROUPINGS = 4;
const DAYS = 2 ** 18;
/** Days are numbered from here, because a zone west of UTC is still in 1969 when 1970 begins. */
const FIRST_DAY = -2;
/** Sums of more minor units than this begin anew, so that none exceeds 2^53 − 1. */
const MOST_MINOR = 2 ** 51;

/** The key of a grouping on a day, as one number. */
export const toSpot = (grouping: number, key: number, day: number) => (key * GROUPINGS + grouping) * DAYS + day - FIRST_DAY;
export function fromSpot(spot: number): { grouping: number; key: number; day: number } {
  const offset = spot % DAYS;
  const rest = (spot - offset) / DAYS;
  const grouping = rest % GROUPINGS;
  return { grouping, key: (rest - grouping) / GROUPINGS, day: offset + FIRST_DAY };
}

/** Sums by key and day. `pairs` are customers by the day before on which they were credited for the key, with a count for each of `CREDITED`. */
export interface Part {
  readonly totals: Map<number, Float64Array>;
  readonly pairs: Map<number, Map<number, Float64Array>>;
}

export interface CreditSums {
  /** What has been added, in parts that are added up when they are stored. */
  readonly parts: readonly Part[];
  /** How many totals and counts there are. */
  size(): number;
  /** The figures of a key on a day, to add to. */
  totalOf(grouping: number, key: number, day: number): Float64Array;
  /** Counts a customer who is credited for a key on a day, and was last on the day `previous`. */
  count(credited: number, grouping: number, key: number, day: number, previous: number, sign: number): void;
  /** Says how many minor units are going to be added. */
  expect(minor: number): void;
}

/** Is any of these figures not 0? */
export function isSomething(figures: Float64Array): boolean {
  for (let index = 0; index < figures.length; index++) if (figures[index] !== 0) return true;
  return false;
}

/** Sums that are empty at first. */
export function openCreditSums(): CreditSums {
  const newPart = (): Part => ({ totals: new Map(), pairs: new Map() });
  let part = newPart();
  let minor = 0;
  const parts = [part];
  return {
    parts,
    size: () => parts.reduce((sum, { totals, pairs }) => sum + totals.size + pairs.size, 0),
    totalOf(grouping, key, day) {
      const spot = toSpot(grouping, key, day);
      let figures = part.totals.get(spot);
      if (figures === undefined) {
        figures = new Float64Array(FIGURES);
        part.totals.set(spot, figures);
      }
      return figures;
    },
    count(credited, grouping, key, day, previous, sign) {
      const spot = toSpot(grouping, key, day);
      let byPrevious = part.pairs.get(spot);
      if (byPrevious === undefined) {
        byPrevious = new Map();
        part.pairs.set(spot, byPrevious);
      }
      let counts = byPrevious.get(previous);
      if (counts === undefined) {
        counts = new Float64Array(CREDITED.length);
        byPrevious.set(previous, counts);
      }
      counts[credited] = (counts[credited] as number) + sign;
    },
    expect(more) {
      minor += more;
      if (minor <= MOST_MINOR) return;
      minor = more;
      part = newPart();
      parts.push(part);
    },
  };
}
