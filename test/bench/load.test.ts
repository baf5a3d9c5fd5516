// Is a database that the bench loads in bulk the same as the intake would have made of the entries?
import { expect, test } from "bun:test";
import type { Sqlite } from "../../db/connection.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openWorld as openMemory } from "../harness.ts";
import { loadRows } from "./load.ts";
import { openWorld, toWire } from "./world.ts";

const world = openWorld({ name: "sample", customers: 120, entries: 1500 });
/** Notes of the server, and totals by numbers of texts, which are given in the order in which customers are derived. */
const OWN = ["setting", "migration", "change", "credit_key", "customer_activity", "credit_total", "credit_customer", "credit_delta"];
const TIMES = new Set(["received_at", "created_at", "updated_at"]);

/** Every row of every table of the log and of derived data, without the time at which it was written. */
function contentOf(sqlite: Sqlite): Record<string, unknown[]> {
  const tables = sqlite
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%' AND name NOT IN (${OWN.map((name) => `'${name}'`).join(", ")})`,
    )
    .pluck()
    .all() as string[];
  const rowsOf = (table: string) =>
    (sqlite.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]).map((row) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !TIMES.has(column))),
    );
  return Object.fromEntries(tables.map((table) => [table, rowsOf(table)]));
}

test("A bulk load and the intake make the same tables of the same entries", async () => {
  const [taken, loaded] = [openMemory(), openMemory()];
  const results = openEvents(taken.workspace).many([...world.facts()].map((fact) => toWire(fact, world.size.customers)));
  expect(results.filter((result) => "error" in result)).toEqual([]);
  loadRows(loaded.workspace, world);
  for (const { workspace: context } of [taken, loaded]) await context.ledger.catchUp();
  const [ours, theirs] = [contentOf(loaded.workspace.database.sqlite), contentOf(taken.workspace.database.sqlite)];
  expect(Object.keys(ours).length).toBeGreaterThan(10);
  for (const table of Object.keys(theirs)) expect({ [table]: ours[table] }).toEqual({ [table]: theirs[table] });
  taken.close();
  loaded.close();
});
