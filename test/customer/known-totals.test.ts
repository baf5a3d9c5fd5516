// Is a number remembered for the same conditions, and only until somebody writes?
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect, connectReader } from "../../db/connection.ts";
import { openKnownTotals } from "../../src/customer/list/known-totals.ts";
import { openCustomerList } from "../../src/customer/list/list-customers.ts";
import { openWorld } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { toConditions } from "./conditions.ts";
import { openManyCustomers } from "./many-customers.ts";

const BING = [{ sql: "c.source = :source", values: { source: "bing" } }];
const GOOGLE = [{ sql: "c.source = :source", values: { source: "google" } }];

test("a number is that of the same conditions with the same values, until the version changes", () => {
  let version: number | undefined = 1;
  const known = openKnownTotals(() => version);
  known.keep(BING, 7);
  known.keep([], 9);
  expect([known.find(BING), known.find(GOOGLE), known.find([])]).toEqual([7, undefined, 9]);
  version = 2;
  expect([known.find(BING), known.find([])]).toEqual([undefined, undefined]);
  known.keep(BING, 8);
  expect(known.find(BING)).toBe(8);
  version = undefined;
  known.keep(GOOGLE, 5);
  expect([known.find(BING), known.find(GOOGLE)]).toEqual([undefined, undefined]);
});

test("a list of many that is remembered is the same as one that is counted, and follows a write", () => {
  const world = openWorld();
  const path = join(temporaryFolder(), "many.db");
  const made = openManyCustomers(world.workspace.calendar);
  made.sqlite.exec(`VACUUM INTO '${path}'`);
  made.close();
  const sqlite = connectReader(path);
  const data = sqlite.prepare<[], number>("PRAGMA data_version").pluck();
  const list = openCustomerList(sqlite, () => data.get());
  const fresh = openCustomerList(connectReader(path));
  const everybody = toConditions({ search: "user_" }, world.workspace);
  const page = (offset: number) => ({ conditions: everybody, sortBy: "ltv", sortOrder: "desc", limit: 5, offset }) as const;
  for (const offset of [0, 500, 12_000, 23_000]) expect(list.list(page(offset))).toEqual(fresh.list(page(offset)));
  const { total } = list.list(page(0));
  expect(list.count(everybody)).toBe(total);
  const writer = connect(path);
  writer.exec("UPDATE customer SET search_text = 'somebody else' WHERE id = 2");
  expect([list.list(page(0)).total, list.count(everybody)]).toEqual([total - 1, total - 1]);
  for (const each of [writer, sqlite]) each.close();
  world.close();
});
