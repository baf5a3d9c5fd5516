// How is an SQL file with several statements run? Each statement is prepared once, and its parameters are bound by name.

import type { Sqlite, Statement } from "../../db/connection.ts";

/** Values by the names of parameters, without their colon. The driver binds numbers as REAL, which integer columns store as INTEGER. */
export type Values = Readonly<Record<string, number | null>>;

/** The statements of a file, in order. A statement ends at a `;` at the end of a line. */
export function statementsOf(sql: string): string[] {
  return sql.split(/;[ \t]*\n/).filter((text) => text.replace(/^\s*--.*$/gm, "").trim() !== "");
}

/** Prepares the statements of a file, in order. `Row` is the row of each of them. */
export function prepareAll<Row = unknown>(sqlite: Sqlite, sql: string): Statement<unknown[], Row>[] {
  return statementsOf(sql).map((text) => sqlite.prepare<unknown[], Row>(text));
}

/** Prepares a file and returns a function that runs it. Values that no statement names are ignored; a parameter without a value throws. */
export function openScript(sqlite: Sqlite, sql: string): (values: Values) => void {
  const statements = prepareAll(sqlite, sql);
  return (values) => {
    for (const statement of statements) statement.run(values);
  };
}
