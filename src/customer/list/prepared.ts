// How does a template of SQL become a statement? Its holes are filled, and the most recently used statements stay prepared.
import type { Sqlite, Statement } from "../../../db/connection.ts";

/** How many statements are kept prepared. */
const MOST_PREPARED = 100;

// A hole is a comment of one word, as in `ORDER BY /* order */ sort_value DESC`. The rest of its line is the default.
// So each .sql file is a whole statement as it stands, and can be pasted into a shell.
const HOLE = /(\/\* (\w+) \*\/ ).*$/gm;

/** The SQL for holes, by name. It consists of our own fragments only; values of callers are always bound. */
export type Holes = Readonly<Record<string, string>>;

/** The template with its holes filled. Throws if it has no hole with a given name. */
export function fill(template: string, holes: Holes): string {
  const open = new Set(Object.keys(holes));
  const sql = template.replace(HOLE, (whole, comment: string, name: string) => {
    open.delete(name);
    const filling = holes[name];
    return filling === undefined ? whole : `${comment}${filling}`;
  });
  if (open.size > 0) throw new Error(`The template has no hole ${[...open].join(", ")}: ${template}`);
  return sql;
}

/** Values by the name of their parameter. */
type Named = Readonly<Record<string, string | number | bigint>>;

/** Gives the statement of a template with its holes filled. The caller names the type of its rows, as with `sqlite.prepare`. */
export type Prepare = <Row>(template: string, holes?: Holes) => Statement<[values?: Named], Row>;

export function openPrepared(sqlite: Sqlite): Prepare {
  const prepared = new Map<string, Statement>(); // in order of use, the least recently used first
  return <Row>(template: string, holes: Holes = {}) => {
    const sql = fill(template, holes);
    const statement = (prepared.get(sql) ?? sqlite.prepare(sql)) as Statement<[values?: Named], Row>;
    prepared.delete(sql);
    prepared.set(sql, statement);
    const oldest = prepared.keys().next().value;
    if (prepared.size > MOST_PREPARED && oldest !== undefined) prepared.delete(oldest);
    return statement;
  };
}
