// Does a database contain only what its migrations create? A trigger that somebody added would run with every write:
// it could give a key more scopes, or keep what an erasure destroys.
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

/** Everything but SQLite's own tables, whose names nobody else may use (SQLite manual, "Internal Schema Objects"). */
const OBJECTS = "SELECT type, name, tbl_name AS \"table\", sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/** What an object is compared by. The name is enough for a table or an index. What a trigger or a view does is in its text. */
function toIdentity({ type, name, table, sql }: SchemaObject): string {
  const text = type === "trigger" || type === "view" ? (sql ?? "").replaceAll(/\s+/g, " ") : "";
  return JSON.stringify([type, name, table, text]);
}

function objectsOf(sqlite: Sqlite): SchemaObject[] {
  return sqlite.prepare<[], SchemaObject>(OBJECTS).all();
}

/**
 * The objects of a database that its migrations do not create, such as `trigger widen_key on api_key`.
 * `migrations` are those that it has run; they may call `functions`.
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

/** Throws Unusable that names the first object that does not belong in the database, and counts the others. */
export function refuseForeignObjects(sqlite: Sqlite, path: string, functions: SqlFunctions, migrations?: readonly Migration[]): void {
  const [first, ...others] = findForeignObjects(sqlite, functions, migrations);
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  throw new Unusable(
    `The database ${path} holds what regulars did not make: ${first}${more}`,
    "find out who added it, then drop it with the sqlite3 program, or restore a backup from before",
  );
}
