// What is a condition that a list is asked for? SQL with its values, and what is known of it that makes it quick to answer.

/** A condition on `customer AS c`, with the values that it binds. */
export interface Condition {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
  /** It looks at the text. */
  readonly search?: {
    /** What customer_search can be asked for; undefined: it does not know so short a text. */
    readonly phrase: string | undefined;
    /** Parts of it that are quickly found there, which whoever is meant has. */
    readonly trigrams: readonly string[];
    /** The whole is in the text of nobody but whom the condition means. */
    readonly isExact: boolean;
  };
  /** Every index of a sort has the columns that it looks at. */
  readonly isInEverySort?: boolean;
  /** It bounds the first touch: whom it means lie together in the order of that. */
  readonly boundsFirstTouch?: boolean;
  readonly inTotals?: InTotals;
}

/** What a condition is in the totals: the days of a first touch, the key of a grouping, a figure of cohorts, or one of curves. */
export type InTotals =
  | { readonly days: string; readonly cohort?: string }
  | { readonly grouping: "source" | "campaign" }
  | { readonly figure: string }
  | { readonly cells: string; readonly sum: string };
