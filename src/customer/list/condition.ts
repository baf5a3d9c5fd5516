// What is a condition of a list? SQL with its values, and hints for answering it quickly.

/** A condition on `customer AS c`, with its bound values. */
export interface Condition {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
  /** Present if the condition searches the text of a customer. */
  readonly search?: TextSearch;
  /** It holds for one customer at most, who is found by their id. */
  readonly isOfOne?: boolean;
  /** The index of every sort contains the columns of the condition. */
  readonly isInEverySort?: boolean;
  /** It bounds the first touch, so its matches are close together in customer_first_touch. */
  readonly boundsFirstTouch?: boolean;
  /** It bounds the first counted sale, so its matches are close together in customer_first_sale. */
  readonly boundsFirstSale?: boolean;
  /** It bounds the last counted sale, so its matches are close together in customer_by_last_sale_at. */
  readonly boundsLastSale?: boolean;
  /** It bounds the time of the last entry, so its matches are close together in customer_by_last_seen_at. */
  readonly boundsLastSeen?: boolean;
  /** It is the source, or a period with a counted sale: both can be told from customer_by_source and customer_cell. */
  readonly isSource?: boolean;
  readonly isSalePeriod?: boolean;
  /** It is an email, which few have: they are found in customer_by_email. */
  readonly isEmail?: boolean;
  /** The same condition on the totals of the reports; absent if they cannot express it. */
  readonly inTotals?: InTotals;
}

/** A text as queries of customer_search. */
export interface TextSearch {
  /** The text as a phrase; undefined if it is too short for the search index. */
  readonly phrase: string | undefined;
  /** Parts of the text of three characters, as phrases. Whoever has the text has all of them. */
  readonly trigrams: readonly string[];
  /** Everybody whom the index finds by the phrase has the text. */
  readonly isExact: boolean;
}

/** A figure of the cohort reports, or the difference to all customers. */
export type CohortFigure = "all" | "with a lead" | "without a lead" | "paying" | "not paying" | "repeat";

/** A condition on totals: days of the first touch, a key of a grouping, a figure of cohorts, or a figure of LTV curves. */
export type InTotals =
  /** The days are bound as `‹days›From` and `‹days›To`. `cohort` is the same condition on `ltv_cell AS m`, for a whole month. */
  | { readonly days: "week" | "month"; readonly cohort?: string }
  /** The key is bound under the name of the grouping. */
  | { readonly grouping: "source" | "campaign" }
  | { readonly figure: CohortFigure }
  /** The sum of this column of `ltv_cell AS m` over these cells. */
  | { readonly curve: "active_month" | "active_period" | "new_paying"; readonly cells: string };

export type Values = Record<string, string | number>;

/** The values of all conditions, in one object. */
export const valuesOf = (conditions: readonly Condition[]): Values => Object.assign({}, ...conditions.map(({ values }) => values));

/** Fills the hole `conditions`: all of them must hold. */
export const allOf = (conditions: readonly Condition[]): string => conditions.map(({ sql }) => sql).join(" AND ") || "TRUE";
