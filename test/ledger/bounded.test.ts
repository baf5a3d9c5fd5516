// Does every write change a bounded number of rows, whatever history it meets? And do the figures come out the same in the end?
import { describe, expect, test } from "bun:test";
import { openWorld, type World } from "../harness.ts";

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** Counts the rows that each write changes from now on. */
function watchWrites(world: World): { readonly most: number; readonly last: number } {
  const { database, ledger } = world.workspace;
  const total = database.sqlite.prepare("SELECT total_changes()").pluck();
  const state = { most: 0, last: 0 };
  const { write } = ledger;
  const watched = <T>(work: () => T): T => {
    const before = Number(total.get());
    const result = write(work);
    state.last = Number(total.get()) - before;
    state.most = Math.max(state.most, state.last);
    return result;
  };
  Object.defineProperty(ledger, "write", { value: watched });
  return state;
}

const send = async (world: World, body: unknown) => expect((await world.request("POST", "/events", body)).status).toBeLessThan(300);
const customer = async (world: World, id: string) =>
  (await world.request<{ ltv: number; sales: number; refunds: number; grossRevenue: number }>("GET", `/customers/ext_${id}`)).body.data;

describe("a write changes few rows", () => {
  test("when a click of very many conversions gets a visitor, and the visitor a name", async () => {
    const world = openWorld();
    for (let round = 0; round < 2; round += 1)
      await send(
        world,
        many(1000, (index) => ({ type: "sale", orderId: `o-${round}-${index}`, clickId: "shared", value: 1 })),
      );
    const writes = watchWrites(world);
    await send(world, { type: "click", clickId: "shared", visitorId: "v-1" });
    expect(writes.last).toBeLessThan(100);
    expect((await world.request("POST", "/customers", { externalId: "ann", visitorId: "v-1" })).status).toBe(201);
    expect(writes.most).toBeLessThan(1000);
    await world.workspace.ledger.catchUp();
    expect(await customer(world, "ann")).toMatchObject({ sales: 2000, ltv: 2000 });
    await world.close();
  });

  test("when a sale of very many refunds gets one more, wherever it belongs, and when its status changes", async () => {
    const world = openWorld();
    const refund = (index: number) => ({ type: "refund", eventId: `r-${index}`, orderId: "o", value: 1, timestamp: 1_770_000_000 + index });
    await send(world, { type: "sale", orderId: "o", externalId: "ann", value: 5000, timestamp: 1_760_000_000 });
    await send(world, many(1000, refund));
    await send(
      world,
      many(500, (index) => refund(1000 + index)),
    );
    await world.workspace.ledger.catchUp();
    const writes = watchWrites(world);
    await send(world, refund(2000));
    expect(writes.most).toBeLessThan(10);
    await send(world, refund(-1000));
    expect(writes.most).toBeLessThan(600);
    for (const status of ["rejected", "approved"]) {
      expect((await world.request("PATCH", "/conversions/ord_o", { status })).status).toBe(200);
      expect(writes.most).toBeLessThan(1200);
      await world.workspace.ledger.catchUp();
      expect(await customer(world, "ann")).toMatchObject(
        status === "approved" ? { grossRevenue: 5000, refunds: 1502, ltv: 3498 } : { grossRevenue: 0, refunds: 0, ltv: 0 },
      );
    }
    await world.close();
  });

  test("and reads few: the refunds of a sale are not added up for one more, and a rebuild adds them up again", async () => {
    const world = openWorld();
    const { sqlite } = world.workspace.database;
    const refunded = sqlite.prepare<[], number>("SELECT refunded_minor FROM entry WHERE type = 2").pluck();
    const refund = (eventId: string, value: number) => ({ type: "refund", eventId, orderId: "o", value, timestamp: 1_770_000_000 });
    await send(world, { type: "sale", orderId: "o", externalId: "ann", value: 50, timestamp: 1_760_000_000 });
    await send(world, [refund("r-1", 1), refund("r-2", 2)]);
    expect(refunded.get()).toBe(300);
    sqlite.exec("UPDATE entry SET refunded_minor = 4000 WHERE type = 2"); // as if there were more refunds
    expect((await world.request("POST", "/events", refund("r-3", 11))).status).toBe(409);
    await send(world, refund("r-3", 5));
    expect(refunded.get()).toBe(4500);
    await world.workspace.ledger.rebuild();
    expect(refunded.get()).toBe(800);
    expect(await customer(world, "ann")).toMatchObject({ refunds: 8, ltv: 42 });
    await world.close();
  });

  test("when a rate of very many sales arrives; a customer is shown with it at once, and the reports say what they lack", async () => {
    const world = openWorld();
    for (let round = 0; round < 2; round += 1)
      await send(
        world,
        many(1000, (index) => ({
          type: "sale",
          orderId: `o-${round}-${index}`,
          externalId: `user-${index % 300}`,
          value: 1,
          currency: "EUR",
        })),
      );
    await world.workspace.ledger.catchUp();
    const { database } = world.workspace;
    expect((await world.request("PUT", "/rates", { currency: "EUR", date: "2020-01-01", rate: "2" })).status).toBe(200);
    expect(database.sqlite.prepare("SELECT count(*) FROM pending_rate").pluck().get()).toBe(1);
    expect(await customer(world, "user-299")).toMatchObject({ sales: 6, ltv: 12 });
    expect((await world.request("PUT", "/rates", { currency: "EUR", date: "2020-01-01", rate: "3" })).status).toBe(200);
    await world.workspace.ledger.catchUp();
    for (const id of ["user-150", "user-200", "user-299"]) expect(await customer(world, id)).toMatchObject({ sales: 6, ltv: 18 });
    expect(database.sqlite.prepare("SELECT count(*) FROM pending_rate").pluck().get()).toBe(0);
    await world.close();
  });

  test("when a name that very many profile updates say gets another owner", async () => {
    const world = openWorld();
    const email = "everybody@example.com";
    for (const externalId of many(800, (index) => `user-${index}`)) await world.request("POST", "/customers", { externalId, email });
    await world.workspace.ledger.catchUp();
    const writes = watchWrites(world);
    await send(world, [{ type: "lead", eventId: "l", externalId: "first", email, timestamp: 1_600_000_000 }]);
    expect(writes.most).toBeGreaterThan(250);
    expect(writes.most).toBeLessThan(600);
    await world.workspace.ledger.catchUp();
    const { body } = await world.request<{ externalId: string }[]>("GET", `/customers?email=${email}`);
    expect(body.data.map(({ externalId }) => externalId)).toContain("first");
    const owner = world.workspace.database.sqlite.prepare("SELECT count(*) FROM pending_reassignment").pluck();
    expect(owner.get()).toBe(0);
    await world.close();
  });

  test("when it is tried out who becomes part of whom by an alias of very many rows", async () => {
    const world = openWorld();
    await send(world, { type: "lead", eventId: "l", email: "ann@example.com", aliases: ["first"] });
    for (let round = 0; round < 2; round += 1)
      await send(
        world,
        many(1000, (index) => ({ type: "lead", eventId: `l-${round}-${index}`, aliases: ["many", "first"] })),
      );
    await world.workspace.ledger.catchUp();
    const writes = watchWrites(world);
    expect((await world.request("POST", "/customers", { externalId: "ann", aliases: ["many"] })).status).toBe(201);
    expect(writes.most).toBeLessThan(4000);
    await world.workspace.ledger.catchUp();
    const owned = world.workspace.database.sqlite.prepare<[], number>("SELECT count(*) FROM entry GROUP BY customer_id ORDER BY 1").pluck();
    expect(owned.all()).toEqual([1, 2000]);
    await world.close();
  });

  test("when somebody is told a name who was told very many: each column is written once", async () => {
    const world = openWorld();
    for (const name of many(300, (index) => `Ann ${index}`)) await world.request("POST", "/customers", { externalId: "ann", name });
    await world.workspace.ledger.catchUp();
    const writes = watchWrites(world);
    const { body } = await world.request<{ name: string }>("POST", "/customers", { externalId: "ann", name: "Ann" });
    expect(body.data.name).toBe("Ann");
    expect(writes.most).toBeLessThan(100);
    await world.close();
  });

  test("when somebody is told a name while the refunds of their sale are being worked in: the write does not wait for them", async () => {
    const world = openWorld({ reassignAtOnce: 1, deadlineMs: 5000 });
    await send(world, { type: "sale", orderId: "o", externalId: "ann", value: 50 });
    await send(
      world,
      many(20, (index) => ({ type: "refund", eventId: `r-${index}`, orderId: "o", value: 1 })),
    );
    await world.workspace.ledger.catchUp();
    expect((await world.request("PATCH", "/conversions/ord_o", { status: "rejected" })).status).toBe(200);
    expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM pending_sale").pluck().get()).toBe(1);
    const { status, body } = await world.request<{ name: string; ltv: number }>("POST", "/customers", { externalId: "ann", name: "Ann" });
    expect([status, body.data]).toMatchObject([200, { name: "Ann", ltv: 0 }]);
    await world.close();
  });
});

test("whoever looks for a creation, or for the same profile update, does not read all of a customer's", async () => {
  const { workspace, close } = openWorld();
  const indexesOf = (condition: string) =>
    workspace.database.sqlite
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN SELECT 1 FROM profile_update WHERE ${condition}`)
      .all()
      .map(({ detail }) => / INDEX (\w+)/.exec(detail)?.[1])
      .filter((name) => name !== undefined);
  expect(indexesOf("customer_id = 1 AND is_creation AND at >= 5")).toEqual(["profile_update_creation"]);
  expect(indexesOf("customer_id = 1 AND called_at = 5 AND key = ''")).toEqual(["profile_update_called"]);
  await close();
});
