// Does a database hold what its migrations make, and nothing else? A trigger that somebody added would run with every write:
// it could widen a key, or keep what an erasure destroys.
import { openBlank } from "./blank.ts";
import type { SqlFunctions, Sqlite } from "./connection.ts";
import { MIGRATIONS, type Migration } from "./migrate.ts";
import { Unusable } from "./unusable.ts";

interface SchemaObject {
  readonly type: "table" | "index" | "trigger" | "view";
  readonly name: string;
  readonly table: string;
  readonly sql: string | null;
}

/** SQLite keeps its own tables under names that no one else may use (SQLite manual, "Internal Schema Objects"). */
const OBJECTS = "SELECT type, name, tbl_name AS \"table\", sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/** What tells an object from another. A table or an index is known by its name; what a trigger or a view does is in its text. */
function toIdentity({ type, name, table, sql }: SchemaObject): string {
  const text = type === "trigger" || type === "view" ? (sql ?? "").replaceAll(/\s+/g, " ") : "";
  return JSON.stringify([type, name, table, text]);
}

function objectsOf(sqlite: Sqlite): SchemaObject[] {
  return sqlite.prepare<[], SchemaObject>(OBJECTS).all();
}

/**
 * The objects of a database that these migrations, which it has run, do not make: `trigger widen_key on api_key`.
 * `functions` are those that migrations may call.
 */
export function findForeignObjects(sqlite: Sqlite, functions: SqlFunctions, migrations: readonly Migration[] = MIGRATIONS): string[] {
  const blank = openBlank(functions, migrations);
  try {
    const own = new Set(objectsOf(blank).map(toIdentity));
    return objectsOf(sqlite)
      .filter((object) => !own.has(toIdentity(object)))
      .map(({ type, name, table }) => (type === "trigger" || type === "index" ? `${type} ${name} on ${table}` : `${type} ${name}`));
  } finally {
    blank.close();
  }
}

/** Throws Unusable that names what does not belong into the database. */
export function refuseForeignObjects(sqlite: Sqlite, path: string, functions: SqlFunctions, migrations?: readonly Migration[]): void {
  const [first, ...others] = findForeignObjects(sqlite, functions, migrations);
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  throw new Unusable(
    `The database ${path} holds what regulars did not make: ${first}${more}`,
    "find out who added it, then drop it with the sqlite3 program, or restore a backup from before",
  );
}
