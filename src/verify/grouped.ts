// How are rows in order of a number taken group by group, without holding them all?

export interface Grouped<Row> {
  /** The rows of this number; numbers are asked for in ascending order. Rows of numbers passed over go to `stray`. */
  take(number: number): Row[];
  /** Passes over what is left. */
  end(): void;
}

/** `rows` ascend by `numberOf`. */
export function openGrouped<Row>(rows: Iterable<Row>, numberOf: (row: Row) => number, stray: (row: Row) => void): Grouped<Row> {
  const source = rows[Symbol.iterator]();
  let next = source.next();
  const skipTo = (number: number) => {
    for (; !next.done && numberOf(next.value) < number; next = source.next()) stray(next.value);
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
