// What is one condition of a list? SQL with its values, and what makes it quick to answer.

/** A condition on `customer AS c`, with the values that it binds. */
export interface Condition {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
  /** Present if the condition searches the text of a customer. */
  readonly search?: TextSearch;
  /** The index of every sort has the columns that the condition looks at. */
  readonly isInEverySort?: boolean;
  /** It bounds the first touch: those who meet it lie together in customer_first_touch. */
  readonly boundsFirstTouch?: boolean;
  /** How the totals of the reports say the same; absent: they cannot. */
  readonly inTotals?: InTotals;
}

/** What customer_search can be asked about a text. */
export interface TextSearch {
  /** The text as a phrase; undefined: it is too short for the search index. */
  readonly phrase: string | undefined;
  /** Phrases of three characters. Whoever has the text has all of them. */
  readonly trigrams: readonly string[];
  /** The index finds nobody for the phrase who does not have the text. */
  readonly isExact: boolean;
}

/** A column that reports total, or the rest of all customers. */
export type CohortFigure = "all" | "with a lead" | "without a lead" | "paying" | "not paying" | "repeat";

/** A condition in terms of the totals: days of the first touch, a key of a grouping, a figure of cohorts, or a figure of LTV curves. */
export type InTotals =
  /** The days are bound as `‹days›From` and `‹days›To`; `cohort` is the same on `ltv_cell AS m`, if they are whole months. */
  | { readonly days: "week" | "month"; readonly cohort?: string }
  /** The key is bound by the name of the grouping. */
  | { readonly grouping: "source" | "campaign" }
  | { readonly figure: CohortFigure }
  /** The column of `ltv_cell AS m` to be summed, and over which cells. */
  | { readonly curve: "active_month" | "active_period" | "new_paying"; readonly cells: string };

export type Values = Record<string, string | number>;

/** The values of all conditions together. */
export const valuesOf = (conditions: readonly Condition[]): Values => Object.assign({}, ...conditions.map(({ values }) => values));

/** Fills the hole `conditions`: all of them hold. */
export const allOf = (conditions: readonly Condition[]): string => conditions.map(({ sql }) => sql).join(" AND ") || "TRUE";
