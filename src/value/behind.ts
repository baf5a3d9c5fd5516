// What does an answer lack? Reports and lists may be read before everything that was acknowledged is derived, and then say so.

export interface Behind {
  /** How many acknowledged entries, or other changes, are not in it yet; at least 1. */
  readonly entries: number;
  /** Everything that was acknowledged before this instant is in it. In milliseconds since 1970 UTC. */
  readonly asOfAt: number;
}
