// Does a database contain only what its migrations create? A trigger that somebody added would run with every write:
// it could give a key more scopes, or keep what an erasure destroys.
import { openBlank } from "./blank.ts";
import type { SqlFunctions, Sqlite } from "./connection.ts";
import { MIGRATIONS, type Migration } from "./migrate.ts";
import objectsText from "./objects.ndjson" with { type: "text" };
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

/** The sum of the migrations' texts, for which a list of objects is right. */
function sumOf(migrations: readonly Migration[]): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(migrations)).digest("hex");
}

/** The objects that migrations create, by running them on a new database. */
function createdBy(migrations: readonly Migration[], functions: SqlFunctions): string[] {
  const blank = openBlank(functions, migrations);
  try {
    return objectsOf(blank).map(toIdentity);
  } finally {
    blank.close();
  }
}

/** The text of `objects.ndjson`: the sum of all migrations, and what they create. `bun run contract` writes it. */
export function describeObjects(functions: SqlFunctions): string {
  return `${[sumOf(MIGRATIONS), ...createdBy(MIGRATIONS, functions).sort()].join("\n")}\n`;
}

/** The same, from the file if it is of these migrations: to run them takes longer than anything else of a start. */
function readCreatedBy(migrations: readonly Migration[], functions: SqlFunctions): string[] {
  const [sum, ...written] = objectsText.trimEnd().split("\n");
  return sum === sumOf(migrations) ? written : createdBy(migrations, functions);
}

/**
 * The objects of a database that its migrations do not create, such as `trigger widen_key on api_key`.
 * `migrations` are those that it has run; they may call `functions`.
 */
export function findForeignObjects(sqlite: Sqlite, functions: SqlFunctions, migrations: readonly Migration[] = MIGRATIONS): string[] {
  const own = new Set(readCreatedBy(migrations, functions));
  return objectsOf(sqlite)
    .filter((object) => !own.has(toIdentity(object)))
    .map(({ type, name, table }) => (type === "trigger" || type === "index" ? `${type} ${name} on ${table}` : `${type} ${name}`));
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
