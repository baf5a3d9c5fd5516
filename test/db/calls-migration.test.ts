// Are the calls of an earlier version decided anew, too, and is the first blank database made in turns?
import { expect, test } from "bun:test";
import { openBlank, prepareBlank } from "../../db/blank.ts";
import { connect, setUp } from "../../db/connection.ts";
import { MIGRATIONS, migrate } from "../../db/migrate.ts";
import { sqlFunctions } from "../../src/ledger/sql-functions.ts";
import { openCalendar } from "../../src/value/calendar.ts";

const functions = sqlFunctions(openCalendar("UTC"));
const CALLS = MIGRATIONS.findIndex(({ name }) => name === "0027_calls");

test("what an update would have been becomes what its call said, after the entries that had come", () => {
  const sqlite = connect(":memory:");
  setUp(sqlite, functions);
  migrate(sqlite, ":memory:", MIGRATIONS.slice(0, CALLS));
  sqlite.exec(`INSERT INTO customer (id, external_id, created_at, updated_at) VALUES (1, 'ann', 0, 0);
    INSERT INTO entry (id, type, at, key, defaulted, received_at, customer_id, status) VALUES (1, 1, 5, 'l1', 0, 10, 1, 'approved'), (2, 1, 5, 'l2', 0, 30, 1, 'approved');`);
  const insert = sqlite.prepare(
    "INSERT INTO profile_update (customer_id, is_creation, at, called_at, key, profile, otherwise) VALUES (1, 0, 20, 20, 'ann', '{}', ?)",
  );
  insert.run(JSON.stringify({ imports: [1], at: 7, source: "news", campaign: null }));
  insert.run(null);
  migrate(sqlite, ":memory:");
  expect(sqlite.prepare("SELECT call FROM profile_update ORDER BY id").pluck().all()).toEqual([
    '{"after":1,"createdAt":7,"source":"news","campaign":null}',
    null,
  ]);
  sqlite.close();
});

test("the first blank database is made with a pause for each migration, and is the same", async () => {
  const own = [...MIGRATIONS];
  let pauses = 0;
  await prepareBlank(functions, own, async () => {
    pauses += 1;
  });
  expect(pauses).toBe(own.length + 1);
  const schemaOf = (migrations: typeof MIGRATIONS) => {
    const sqlite = openBlank(functions, migrations);
    const schema = sqlite.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
    sqlite.close();
    return schema;
  };
  expect(schemaOf(own)).toEqual(schemaOf(MIGRATIONS));
});
