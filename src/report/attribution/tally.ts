// How much has each source, campaign or link earned? The figures of the attribution of everybody, however they were found. (definitions §9)

/** What a key has earned under a model. Sales are in ten-thousandths, money is in minor units. */
export interface Earned {
  customers: number;
  sales: number | bigint;
  netMinor: number | bigint;
}

/** The figures of a key. `earned` has one for each model, in the order in which they were asked for. */
export interface KeyTally {
  touches: number;
  clicks: number;
  readonly earned: readonly Earned[];
}

export interface Tally {
  /** By the text of the key. Each was touched in the range, or a sale of the range gives it credit under one of the models. */
  readonly keys: ReadonlyMap<string, KeyTally>;
  /** All customers with a sale in the range, and the sums of all keys. */
  readonly totals: { readonly touches: number; readonly clicks: number } & Readonly<Earned>;
}
