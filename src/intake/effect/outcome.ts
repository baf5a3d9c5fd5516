// What became of one delivery of a provider?

/** From the one that says most of a delivery to the one that says least: a delivery of several effects has the first that any of them has. */
export const RESULTS = ["conflict", "refused", "recorded", "duplicate", "ignored"] as const;
export type Result = (typeof RESULTS)[number];

/** A sale that names nobody, such as one at a till. It is in no figure. */
export interface UnnamedSale {
  readonly orderId: string;
  readonly currency: string;
  /** In minor units. */
  readonly value: number;
}

/** The result of one effect. */
export interface Effected {
  readonly result: Result;
  /** Why nothing was stored, in words that are the same for all of its kind; empty: something was, or it was stored before. */
  readonly reason?: string;
  /** Of a conflict: both values. */
  readonly detail?: string | undefined;
  /** The row id of its entry. */
  readonly entryId?: number;
  /** Fields that were trimmed or left out. */
  readonly fields?: readonly string[];
  /** The sale, if it was ignored because it names nobody. */
  readonly unnamed?: UnnamedSale | undefined;
}

export interface Outcome {
  readonly result: Result;
  readonly reason: string;
  readonly detail: string | null;
  readonly entryIds: readonly number[];
  readonly fields: readonly string[];
  readonly unnamed: UnnamedSale | undefined;
}

/** The outcome of a delivery with these effects. */
export function toOutcome(effected: readonly Effected[]): Outcome {
  const result = RESULTS.find((each) => effected.some((effect) => effect.result === each)) ?? "ignored";
  const decisive = effected.find((effect) => effect.result === result);
  return {
    result,
    reason: decisive?.reason ?? "",
    detail: decisive?.detail ?? null,
    entryIds: effected.flatMap(({ entryId }) => (entryId === undefined ? [] : [entryId])),
    fields: effected.flatMap(({ fields = [] }) => fields),
    unnamed: effected.find(({ unnamed }) => unnamed)?.unnamed,
  };
}
