// What differs from the log? All differences are counted, and the first ones are kept to be printed. They contain no personal data.

/** How many differences are kept. */
const MOST_KEPT = 100;

export type Value = number | bigint | string | boolean | null | undefined;

/** One value that does not follow from the log. Values are text; personal data is not shown. */
export interface Difference {
  /** The table or report, its row and its column, such as `customer cus_…: gross_minor`. */
  readonly what: string;
  readonly stored: string;
  readonly computed: string;
}

export interface Findings {
  /** The first differences found. */
  readonly kept: readonly Difference[];
  /** How many differences there are, kept or not. */
  readonly count: number;
  /** How many values were compared. */
  readonly compared: number;
  /** Compares a value, as text. `what` is called only if it differs. True: the values are equal. */
  compare(what: () => string, stored: Value, computed: Value): boolean;
  /** The same for personal data: the difference is reported without the values. */
  compareHidden(what: () => string, stored: Value, computed: Value): boolean;
}

/** Findings that are empty at first. */
export function openFindings(): Findings {
  const kept: Difference[] = [];
  let count = 0;
  let compared = 0;

  function note(what: () => string, stored: string, computed: string, hidden: boolean): boolean {
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
    compare: (what, stored, computed) => note(what, toText(stored), toText(computed), false),
    compareHidden: (what, stored, computed) => note(what, toText(stored), toText(computed), true),
  };
}
