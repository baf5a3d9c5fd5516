// Which statements of questions that differ from time to time are kept prepared?
import type { Sqlite, Statement } from "../../../db/connection.ts";

/** So many different questions are kept prepared. */
const MOST_PREPARED = 100;

/** Gives the statement of a text made of our own fragments only; values are bound. */
export type Prepare = (sql: string) => Statement;

export function openPrepared(sqlite: Sqlite): Prepare {
  const prepared = new Map<string, Statement>(); // in order of use, the longest unused first
  return (sql) => {
    const statement = prepared.get(sql) ?? sqlite.prepare(sql);
    prepared.delete(sql);
    prepared.set(sql, statement);
    const oldest = prepared.keys().next().value;
    if (prepared.size > MOST_PREPARED && oldest !== undefined) prepared.delete(oldest);
    return statement;
  };
}
