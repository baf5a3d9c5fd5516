// What do all customers add up to? Sums are kept in plain maps and compared with a table of totals.
import type { Database } from "../../db/database.ts";
import type { Findings } from "./finding.ts";

/** Sums by key. A key is the list of the values in a row's key columns. */
export interface Sums {
  add(key: readonly (number | string)[], figures: readonly bigint[]): void;
  /** The figures of a key. Undefined: nothing was added. */
  get(key: readonly (number | string)[]): readonly bigint[] | undefined;
  entries(): Iterable<[key: (number | string)[], figures: readonly bigint[]]>;
}

/** Sums that are empty at first. */
export function openSums(): Sums {
  const sums = new Map<string, bigint[]>();
  return {
    add(key, figures) {
      const name = JSON.stringify(key);
      const before = sums.get(name);
      sums.set(name, before ? figures.map((figure, index) => figure + (before[index] ?? 0n)) : [...figures]);
    },
    get: (key) => sums.get(JSON.stringify(key)),
    *entries() {
      for (const [name, figures] of sums) yield [JSON.parse(name) as (number | string)[], figures];
    },
  };
}

export interface TotalsTable {
  readonly name: string;
  readonly keys: readonly string[];
  readonly figures: readonly string[];
}

/** Compares a stored table of totals with the sums. A row of zeros equals a missing row. */
export function compareTotals({ sqlite }: Database, table: TotalsTable, sums: Sums, findings: Findings): void {
  const { name, keys, figures } = table;
  const seen = new Set<string>();
  const compareRow = (key: readonly (number | string)[], stored: readonly bigint[], computed: readonly bigint[]) =>
    figures.forEach((column, index) => {
      const what = () => `${name} ${keys.map((each, place) => `${each}=${key[place]}`).join(" ")}: ${column}`;
      findings.compare(what, stored[index] ?? 0n, computed[index] ?? 0n);
    });
  const columns = [...keys, ...figures.map((column) => `cast(${column} AS TEXT)`)].join(", ");
  for (const row of sqlite.prepare<[], (number | string)[]>(`SELECT ${columns} FROM ${name}`).raw().iterate()) {
    const key = row.slice(0, keys.length);
    seen.add(JSON.stringify(key));
    compareRow(key, row.slice(keys.length).map(BigInt), sums.get(key) ?? []);
  }
  for (const [key, computed] of sums.entries()) if (!seen.has(JSON.stringify(key))) compareRow(key, [], computed);
}
