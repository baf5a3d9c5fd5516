// How is a file of SQL with several statements run? Each statement is prepared once, and bound by the names of its parameters.

import type { Sqlite, Statement } from "../../db/connection.ts";

/** Values by the names of parameters, without their colon. The driver binds numbers as REAL, which integer columns store as INTEGER. */
export type Values = Readonly<Record<string, number | null>>;

/** Prepares the statements of a file, in order. A `;` ends a statement where it ends a line. */
export function prepareAll(sqlite: Sqlite, sql: string): Statement[] {
  return sql
    .split(/;[ \t]*\n/)
    .filter((text) => text.replace(/^\s*--.*$/gm, "").trim() !== "")
    .map((text) => sqlite.prepare(text));
}

/** Prepares a file and gives a function that runs it. Values that no statement names are left out; a name without a value throws. */
export function openScript(sqlite: Sqlite, sql: string): (values: Values) => void {
  const statements = prepareAll(sqlite, sql);
  return (values) => {
    for (const statement of statements) statement.run(values);
  };
}
