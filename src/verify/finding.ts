// What was found to be wrong? Every difference counts, the first ones are kept to be shown; none of them says anything personal.

/** The most differences that are kept in full. */
const MOST_KEPT = 100;

export type Value = number | bigint | string | boolean | null | undefined;

/** One thing that is not what the log makes it. Values are as text; what is personal is not shown. */
export interface Difference {
  /** What differs: a table or report, whose row, and its column: `customer cus_…: gross_minor`. */
  readonly what: string;
  readonly stored: string;
  readonly computed: string;
}

export interface Findings {
  /** The first differences found. */
  readonly kept: readonly Difference[];
  /** How many there are, kept or not. */
  readonly count: number;
  /** How many values were compared. */
  readonly compared: number;
  /** Compares a value; `what` is asked for only when it differs. True: they are the same. */
  compare(what: () => string, stored: Value, computed: Value): boolean;
  /** The same for what is personal: that it differs is said, not how. */
  compareHidden(what: () => string, stored: Value, computed: Value): boolean;
}

/** Nothing found so far. */
export function openFindings(): Findings {
  const kept: Difference[] = [];
  let count = 0;
  let compared = 0;

  function judge(what: () => string, stored: string, computed: string, hidden: boolean): boolean {
    compared++;
    if (stored === computed) return true;
    count++;
    if (kept.length < MOST_KEPT)
      kept.push(hidden ? { what: what(), stored: "(not shown)", computed: "another" } : { what: what(), stored, computed });
    return false;
  }
  const toText = (value: Value) => (value === null || value === undefined ? "nothing" : String(value));

  return {
    kept,
    get count() {
      return count;
    },
    get compared() {
      return compared;
    },
    compare: (what, stored, computed) => judge(what, toText(stored), toText(computed), false),
    compareHidden: (what, stored, computed) => judge(what, toText(stored), toText(computed), true),
  };
}
