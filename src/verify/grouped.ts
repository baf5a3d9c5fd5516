// How are rows that are sorted by a number read group by group, without keeping them all in memory?

export interface Grouped<Row> {
  /** The rows of this number. Call it with ascending numbers; rows of skipped numbers go to `onSkipped`. */
  take(number: number): Row[];
  /** Skips all remaining rows. */
  end(): void;
}

/** Groups `rows`, which must ascend by `numberOf`. */
export function openGrouped<Row>(rows: Iterable<Row>, numberOf: (row: Row) => number, onSkipped: (row: Row) => void): Grouped<Row> {
  const source = rows[Symbol.iterator]();
  let next = source.next();
  const skipTo = (number: number) => {
    for (; !next.done && numberOf(next.value) < number; next = source.next()) onSkipped(next.value);
  };
  return {
    take(number) {
      skipTo(number);
      const taken: Row[] = [];
      for (; !next.done && numberOf(next.value) === number; next = source.next()) taken.push(next.value);
      return taken;
    },
    end: () => skipTo(Number.POSITIVE_INFINITY),
  };
}
