// How often does a long look at everything let signals and the progress bar through?

/** After so many rows. */
export const PACE = 1000;

/** Told how many rows are done; resolves when it is time to go on. */
export type Pace = (done: number) => Promise<void>;
