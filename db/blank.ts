// How is a new database in memory created quickly? The migrations run once per process. Later databases are copies, which take a twentieth of the time.
import { connect, connectToBytes, type SqlFunctions, type Sqlite, setUp } from "./connection.ts";
import { type Migration, migrate } from "./migrate.ts";

const IN_MEMORY = ":memory:";
const BLANKS = new WeakMap<readonly Migration[], Buffer>();

function createBlank(functions: SqlFunctions, migrations: readonly Migration[]): Buffer {
  const sqlite = connect(IN_MEMORY);
  try {
    setUp(sqlite, functions);
    migrate(sqlite, IN_MEMORY, migrations);
    return sqlite.serialize();
  } finally {
    sqlite.close();
  }
}

/** The same as what the first `openBlank` does, with a pause before each migration, so that a server is not held up. */
export async function prepareBlank(functions: SqlFunctions, migrations: readonly Migration[], pause: () => Promise<void>): Promise<void> {
  if (BLANKS.has(migrations)) return;
  const sqlite = connect(IN_MEMORY);
  try {
    setUp(sqlite, functions);
    for (let done = 1; done <= migrations.length; done += 1) {
      await pause();
      migrate(sqlite, IN_MEMORY, migrations.slice(0, done));
    }
    await pause();
    BLANKS.set(migrations, sqlite.serialize());
  } finally {
    sqlite.close();
  }
}

/** Opens a new database in memory, set up and migrated. SQL, including that of migrations, may call `functions`. Throws Unusable. */
export function openBlank(functions: SqlFunctions, migrations: readonly Migration[]): Sqlite {
  const blank = BLANKS.get(migrations) ?? createBlank(functions, migrations);
  BLANKS.set(migrations, blank);
  const sqlite = connectToBytes(blank);
  setUp(sqlite, functions);
  return sqlite;
}
