// How often does a long check let signals and the progress bar through?

/** After how many rows a check calls its `Pace`. */
export const PACE = 1000;

/** Takes how many rows are done, and resolves when the check may go on. */
export type Pace = (done: number) => Promise<void>;
