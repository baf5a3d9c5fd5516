// Are all entries of a person found in short reads, in order and each once, without a look at those of others?
import { expect, test } from "bun:test";
import { openPersonEntryIds } from "../../src/customer/person-entry-ids.ts";
import { openWorld } from "../harness.ts";

const EMAIL = "ann@example.com";
const ALIAS = "stripe:cus_1";

test("entries that they own and entries that name them are found, whatever the order of their timestamps", async () => {
  const world = openWorld();
  const send = (body: unknown) => world.request("POST", "/events", body);
  await world.request("POST", "/customers", { externalId: "ann", email: EMAIL, aliases: [ALIAS] });
  await send({ type: "sale", orderId: "o", externalId: "bob", value: 100 });
  const named = [{ externalId: "ann" }, { email: EMAIL }, { aliases: [ALIAS] }];
  const entries = Array.from({ length: 60 }, (_, index) => {
    const names = named[index % 3];
    if (index % 4 === 3) return { type: "refund", eventId: `r-${index}`, orderId: "o", value: 1, ...names };
    const timestamp = 1_770_000_000 - (index % 5 === 0 ? 0 : index); // many at one instant, the others in the opposite order
    return [
      { type: "lead", eventId: `l-${index}`, timestamp, ...names },
      { type: "lead", eventId: `b-${index}`, externalId: "bob" },
    ];
  }).flat();
  expect((await send(entries)).status).toBe(200);
  const { sqlite } = world.workspace.database;
  const isOurs = "email IS ? OR aliases IS NOT NULL OR external_id IS 'ann'";
  const expected = sqlite.prepare<[string], number>(`SELECT id FROM entry WHERE ${isOurs} ORDER BY id`).pluck().all(EMAIL);
  expect(expected).toHaveLength(60);
  const ann = Number(sqlite.prepare("SELECT id FROM customer WHERE external_id = 'ann'").pluck().get());
  const names = [["externalId", ["ann"] as string[]] as const, ["email", [EMAIL]] as const, ["alias", [ALIAS]] as const];
  for (const [atOnce, sortedAtOnce] of [
    [2, 5],
    [7, 1],
    [100, 1000],
  ]) {
    const found = [...openPersonEntryIds(sqlite, atOnce, sortedAtOnce).find(ann, names)];
    expect(found.filter((id) => id !== undefined)).toEqual(expected);
  }
  await world.close();
});

test("no query sorts, or reads entries that it leaves out", async () => {
  const world = openWorld();
  const { sqlite } = world.workspace.database;
  const queries: string[] = [];
  const { prepare } = sqlite;
  const watched = {
    prepare(sql: string) {
      queries.push(sql);
      return prepare.call(sqlite, sql);
    },
  };
  openPersonEntryIds(watched as unknown as typeof sqlite);
  expect(queries).toHaveLength(6);
  for (const sql of queries) {
    const values = { value: 1, after: 0, customerId: 1, at: 0, type: 0, id: 0 };
    const plan = sqlite.prepare<object, { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(values);
    expect(plan.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^SEARCH entry(_alias)? USING .* \((\w+=\? AND )+(rowid|entry_id|\(at,type\))>/),
    ]);
  }
  await world.close();
});
