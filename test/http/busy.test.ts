// What does a caller see while another process holds the database: an import, a rebuild, a backup beside the server?

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect, type Sqlite } from "../../db/connection.ts";
import { createKey, listKeys } from "../../src/access/api-key.ts";
import { openWorld, type World, type WorldOptions } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

let folder: string;
let world: World;
let other: Sqlite;
let lettingGo: Timer | undefined;

/** A world on a file that another connection can hold; a statement that finds it held says so at once. */
function open(options: WorldOptions = {}): void {
  const databasePath = join(folder, "regulars.db");
  world = openWorld({ ...options, config: { databasePath, ...options.config } });
  world.workspace.database.sqlite.pragma("busy_timeout = 0");
  other = connect(databasePath);
}
const hold = () => other.exec("BEGIN IMMEDIATE");
const release = () => other.exec("ROLLBACK");
const count = async () => (await world.request<{ count: number }>("GET", "/customers/count")).body.data.count;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  clearTimeout(lettingGo);
  other.close();
  world.close();
});

const SALE = { type: "sale", orderId: "O-1", externalId: "ann", value: 10, timestamp: "2026-01-01T00:00:00Z" };
const ONCE = { "idempotency-key": "k-1" };

describe("while the database is held", () => {
  const requests: [method: string, path: string, body: unknown, headers: Record<string, string>, status: number][] = [
    ["POST", "/customers", { externalId: "bob" }, {}, 201],
    ["POST", "/customers", { externalId: "bob" }, ONCE, 201],
    ["PATCH", "/customers/ext_ann", { name: "Ann" }, {}, 200],
    ["DELETE", "/customers/ext_ann", undefined, {}, 200],
    ["POST", "/customers/ext_ann/recalculate-ltv", undefined, {}, 200],
    ["POST", "/events", { ...SALE, orderId: "O-2" }, {}, 201],
    ["POST", "/events", { ...SALE, orderId: "O-2" }, ONCE, 201],
    ["POST", "/events", [{ ...SALE, orderId: "O-2" }], {}, 200],
    ["POST", "/conversions/track", { clickId: "c-1", event: "purchase", value: 5, orderId: "O-2" }, {}, 201],
    ["GET", "/conversions/s2s?click_id=c-1&event=signup&order_id=L-1", undefined, {}, 200],
    ["PATCH", "/conversions/ord_O-1", { status: "refunded" }, {}, 200],
    ["PUT", "/rates", { currency: "EUR", date: "2026-01-01", rate: "1.1" }, {}, 200],
    ["GET", "/customers", undefined, {}, 200],
    ["GET", "/customers/ext_ann/journey", undefined, {}, 200],
    ["GET", "/customers/cohorts", undefined, {}, 200],
  ];
  for (const [method, path, body, headers, status] of requests)
    test(`${method} ${path.replace(/\?.*/, "")}${Array.isArray(body) ? " (array)" : ""}${headers === ONCE ? " (once)" : ""} waits, others are answered, and it is done when it is free`, async () => {
      open();
      await world.request("POST", "/events", SALE); // what it derives is not derived yet: reads write too
      hold();
      let settled = false;
      const asked = world.request(method, path, body, headers).finally(() => {
        settled = true;
      });
      for (let round = 0; round < 3; round++) {
        expect((await world.request("GET", "/readyz")).status).toBe(200);
        await Bun.sleep(5);
      }
      expect(settled).toBe(false);
      release();
      const answer = await asked;
      expect([answer.status, answer.body.success, answer.headers.get("idempotent-replayed")]).toEqual([status, true, null]);
      if (body !== undefined && path === "/customers") expect([answer.body.created, await count()]).toEqual([true, 2]);
    });

  test("a request that has waited long enough is 503, and nothing of it is stored", async () => {
    open({ patienceMs: 20 });
    hold();
    for (const [path, body] of [
      ["/customers", { externalId: "bob" }],
      ["/events", SALE],
      ["/events", [SALE]],
    ] as const) {
      const { status, body: told, headers } = await world.request("POST", path, body);
      expect([status, told.error?.code, headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "5"]);
    }
    release();
    expect(await count()).toBe(0);
  });

  test("the server stops all the same, and does not know when keys were last used", async () => {
    open();
    const key = createKey(world.workspace, { scopes: ["links:read"] });
    expect((await world.request("GET", "/customers/count", undefined, { authorization: `Bearer ${key}` })).status).toBe(200);
    hold();
    world.app.close();
    release();
    expect(listKeys(world.workspace)[0]?.lastUsedAt).toBeNull();
    world.app.close(); // … or knows it at the next try
    expect(listKeys(world.workspace)[0]?.lastUsedAt).toBe(world.clock.now());
  });

  test("a bad request is refused at once, and with each fault once", async () => {
    open();
    hold();
    const { status, body } = await world.request("POST", "/customers", { externalId: "", name: 5 });
    expect([status, body.error?.details?.map(({ path }) => path)]).toEqual([400, ["externalId", "name"]]);
    release();
  });
});

describe("when the database is taken between what a request stores and what it reads", () => {
  /** From the next call of a function of the ledger on, the database is held for some milliseconds. Gives a function: were they waited for? */
  function takeBefore(name: "ensureCustomerFresh" | "recomputeCustomer"): () => boolean {
    const { ledger } = world.workspace;
    const real = ledger[name];
    let isReleased = false;
    ledger[name] = (id) => {
      ledger[name] = real;
      hold();
      lettingGo = setTimeout(() => {
        release();
        isReleased = true;
      }, 15);
      real(id);
    };
    return () => isReleased;
  }

  test("a customer made is told as made, and told of once", async () => {
    open();
    const isOver = takeBefore("ensureCustomerFresh");
    const { status, body } = await world.request<{ id: string }>("POST", "/customers", { externalId: "bob" });
    expect([status, body.created, isOver()]).toEqual([201, true, true]);
    const { told } = (await world.request<{ told: object[] }>("GET", `/customers/${body.data.id}/export`)).body.data;
    expect(told).toHaveLength(1);
  });

  test("a customer erased is told as erased", async () => {
    open();
    await world.request("POST", "/events", SALE);
    await world.request("GET", "/customers/ext_ann");
    const isOver = takeBefore("recomputeCustomer");
    const { status, body } = await world.request<{ deleted: boolean }>("DELETE", "/customers/ext_ann");
    expect([status, body.data.deleted, isOver()]).toEqual([200, true, true]);
    expect((await world.request("GET", "/customers/ext_ann")).status).toBe(404);
  });
});
