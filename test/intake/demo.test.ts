// Does POST /demo fill an empty database once, without holding up other requests?
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../../db/connection.ts";
import { openDemo } from "../../src/intake/demo/fill.ts";
import { openWorld } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** No test is about how long it takes, however busy the machine is. */
const DEADLINE_MS = 600_000;

test("an empty database is filled once, and others are answered meanwhile", async () => {
  const world = openWorld({ now: "2026-03-01T12:00:00Z", deadlineMs: DEADLINE_MS });
  const order: string[] = [];
  const filled = world.request<{ entries: number }>("POST", "/demo").then((reply) => {
    order.push("filled");
    return reply;
  });
  const again = await world.request("POST", "/demo");
  expect([again.status, again.body.error?.code]).toEqual([409, "CONFLICT"]);
  expect((await world.request("GET", "/healthz")).status).toBe(200);
  order.push("asked");
  const { status, body } = await filled;
  expect([status, order]).toEqual([200, ["asked", "filled"]]);
  expect((await world.request<{ count: number }>("GET", "/customers/count")).body.data.count).toBe(2000);
  const stored = world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get();
  expect(body.data.entries).toBe(Number(stored));
  const third = await world.request("POST", "/demo");
  expect([third.status, third.body.error?.message]).toEqual([409, "The database is not empty. The demo only goes into a new one."]);
  world.close();
});

test("the shop can be taken back, and then put there again", async () => {
  const world = openWorld({ now: "2026-03-01T12:00:00Z", deadlineMs: DEADLINE_MS });
  const { importId } = (await world.request<{ importId: number }>("POST", "/demo")).body.data;
  expect((await world.request("DELETE", `/imports/${importId}`)).status).toBe(202);
  await world.workspace.imports.idle();
  expect((await world.request<{ count: number }>("GET", "/customers/count")).body.data.count).toBe(0);
  const left =
    "SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM rate) + (SELECT count(*) FROM claim) + (SELECT count(*) FROM external_id)";
  expect(world.workspace.database.sqlite.prepare(left).pluck().get()).toBe(0);
  expect((await world.request("POST", "/demo")).status).toBe(200);
  expect((await world.request<{ count: number }>("GET", "/customers/count")).body.data.count).toBe(2000);
  await world.close();
});

test.each([
  ["an entry", "POST", "/events", { type: "click", clickId: "c" }],
  ["a customer", "POST", "/customers", { externalId: "ann" }],
  ["a rate", "PUT", "/rates", { currency: "EUR", date: "2026-01-01", rate: "1.1" }],
])("a database with %s is left alone", async (_, method, path, body) => {
  const world = openWorld();
  await world.request(method, path, body);
  expect((await world.request("POST", "/demo")).status).toBe(409);
  expect(Number(world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get())).toBeLessThanOrEqual(1);
  world.close();
});

test("the whole shop is stored although another process takes the database in between", async () => {
  const databasePath = join(temporaryFolder(), "regulars.db");
  const world = openWorld({ now: "2026-03-01T12:00:00Z", config: { databasePath } });
  world.workspace.database.sqlite.pragma("busy_timeout = 0");
  const other = connect(databasePath);
  const filled = openDemo(world.workspace).fill(500);
  for (let holds = 0; holds < 5; holds += 1) {
    await Bun.sleep(100);
    other.exec("BEGIN IMMEDIATE");
    await Bun.sleep(20);
    other.exec("ROLLBACK");
  }
  const stored = world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck();
  expect((await filled).entries).toBe(Number(stored.get()));
  expect((await world.request<{ count: number }>("GET", "/customers/count")).body.data.count).toBe(2000);
  other.close();
  await world.close();
});
