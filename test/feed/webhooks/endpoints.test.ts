// Are endpoints made, changed and deleted as they say, and do the feed, the doctor and the metrics know them?
import { expect, test } from "bun:test";
import { join } from "node:path";
import { tellImport } from "../../../db/change.ts";
import { createKey, listKeys, revokeKey } from "../../../src/access/api-key.ts";
import type { Config } from "../../../src/host/config.ts";
import { openEvents } from "../../../src/intake/events.ts";
import { lookAtEndpoints } from "../../../src/ops/doctor/endpoints.ts";
import { readEndpointStates } from "../../../src/ops/endpoint-state.ts";
import { ADMIN_KEY, type World } from "../../harness.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { sale } from "../reading.ts";
import { makeEndpoint, openHooked, openReceiver, settle } from "./receiver.ts";

interface Shown {
  id: string;
  events: string[];
  threshold: number | null;
  waiting: number;
  secret?: string;
}

test("a secret is shown once, and is in no later answer", async () => {
  const world = openHooked();
  const body = { url: "https://a.example/", events: ["ltv.reached", "entry.created"], threshold: 49.5 };
  const headers = { "idempotency-key": "k-1" };
  const made = await world.request<Shown>("POST", "/webhook-endpoints", body, headers);
  expect(made.body.data).toMatchObject({ events: body.events, threshold: 49.5, waiting: 0 });
  expect(made.body.data.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const again = await world.request<Shown>("POST", "/webhook-endpoints", body, headers);
  expect([again.status, again.body.data.id, again.body.data.secret]).toEqual([200, made.body.data.id, null as never]);
  for (const path of ["/webhook-endpoints", "/changes", `/webhook-endpoints/${made.body.data.id}/deliveries`])
    expect((await world.request("GET", path)).text).not.toContain("whsec_");
  expect((await world.request("GET", "/changes/rows")).text).toContain("whsec_"); // a second server must go on signing
  const { sqlite } = world.workspace.database;
  expect(JSON.stringify(sqlite.prepare("SELECT * FROM idempotency").all())).not.toContain("whsec_");
  await world.close();
});

test("what is not said stays; ltv.reached needs a threshold; a deleted endpoint takes what waits along", async () => {
  const world = openHooked();
  const { id } = await makeEndpoint(world, "http://127.0.0.1:1/", ["entry.created"]);
  const change = (body: object) => world.request<Shown>("PATCH", `/webhook-endpoints/${id}`, body);
  expect((await change({ events: ["ltv.reached"] })).body.error?.details).toEqual([
    { path: "threshold", message: "is required for ltv.reached" },
  ]);
  expect((await change({ events: ["ltv.reached"], threshold: 5 })).body.data).toMatchObject({ events: ["ltv.reached"], threshold: 5 });
  expect((await change({ events: ["ltv.reached", "entry.created"] })).body.data).toMatchObject({ threshold: 5 });
  expect((await change({ threshold: 0.001 })).status).toBe(400);
  await world.request("POST", "/events", sale("o-1"));
  await settle(world);
  expect((await world.request<Shown[]>("GET", "/webhook-endpoints")).body.data).toMatchObject([{ waiting: 2 }]);
  expect((await world.request("DELETE", `/webhook-endpoints/${id}`)).status).toBe(200);
  const { sqlite } = world.workspace.database;
  for (const table of ["webhook_endpoint", "webhook_message", "webhook_once"])
    expect(sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
  const told = (await world.request("GET", "/changes?limit=1000")).text;
  for (const type of ["endpoint.created", "endpoint.updated", "endpoint.deleted"]) expect(told).toContain(`"type":"${type}","id":"${id}"`);
  await world.close();
});

test("the doctor and the metrics say which endpoint is paused, late or failed", async () => {
  const world = openHooked();
  const { sqlite } = world.workspace.database;
  const look = () => lookAtEndpoints(sqlite, world.workspace.config, world.clock.now());
  expect(look()).toMatchObject({ level: "ok", text: "none are set up" });
  const authorization = `Bearer ${createKey(world.workspace, { scopes: ["webhooks:write"] })}`;
  const { id } = await makeEndpoint(world, "http://127.0.0.1:1/", ["entry.created"], {}, { authorization });
  await world.request("POST", "/events", sale("o-1"));
  await settle(world);
  expect(look()).toMatchObject({ level: "ok", text: `${id}: 1 waiting` });
  world.clock.set(world.clock.now() + 2 * 3_600_000);
  expect(look()).toMatchObject({ level: "warn", text: expect.stringContaining(`1 messages wait for ${id}`) });
  revokeKey(world.workspace, listKeys(world.workspace)[0]?.id ?? "");
  expect(look().text).toContain(`nothing is sent to ${id}, because its key is revoked`);
  const tried = await world.request("POST", `/webhook-endpoints/${id}/test`);
  expect(tried.body.data).toMatchObject({ state: "failed", problem: "the key of the endpoint is revoked or has expired" });
  const { text } = await world.request("GET", "/metrics");
  expect(text).toContain(`regulars_webhook_endpoint_waiting{endpoint="${id}"} 1\n`);
  expect(text).toContain(`regulars_webhook_endpoint_active{endpoint="${id}"} 0\n`);
  await world.request("PATCH", `/webhook-endpoints/${id}`, {});
  sqlite.exec("UPDATE webhook_endpoint SET failed_at = 0");
  expect(look().text).toContain(`${id} has not answered for three days`);
  await world.close();
});

test("an endpoint made with ADMIN_KEY goes on under another ADMIN_KEY, and is paused without one", async () => {
  const databasePath = join(temporaryFolder(), "regulars.db");
  const receiver = openReceiver();
  const under = async (adminKey: string | undefined, work: (world: World) => Promise<unknown>) => {
    const world = openHooked({ config: { databasePath, adminKey } as Partial<Config> });
    await work(world);
    await world.close();
  };
  await under(ADMIN_KEY, (world) => makeEndpoint(world, receiver.url, ["entry.created"]));
  const buy = async (world: World, orderId: string) => {
    await openEvents(world.workspace).one(sale(orderId));
    await settle(world);
    const { database, config } = world.workspace;
    return lookAtEndpoints(database.sqlite, config, world.clock.now());
  };
  await under("another-admin-key", async (world) => expect((await buy(world, "o-1")).level).toBe("ok"));
  expect(receiver.received).toHaveLength(1);
  await under(undefined, async (world) => {
    expect((await buy(world, "o-2")).text).toContain("because ADMIN_KEY is not set");
    const [state] = readEndpointStates(world.workspace.database.sqlite, false, world.clock.now());
    expect(state).toMatchObject({ state: "paused", keyId: "admin" });
    expect(world.workspace.dispatcher.endpoints.list().map(world.workspace.dispatcher.stateOf)).toEqual(["paused"]);
  });
  expect(receiver.received).toHaveLength(1);
  receiver.close();
});

test("the end of an import is told with its counts", async () => {
  const [world, receiver] = [openHooked(), openReceiver()];
  await makeEndpoint(world, receiver.url, ["import.finished"]);
  const { database } = world.workspace;
  database.write(() => tellImport(database.sqlite, { accepted: 3, duplicates: 1, rejected: 0 }));
  await settle(world);
  expect(receiver.received[0]?.body).toMatchObject({ type: "import.finished", data: { accepted: 3, duplicates: 1, rejected: 0 } });
  receiver.close();
  await world.close();
});

test("of many updates of a customer that wait, one is sent, as they are then", async () => {
  const [world, receiver] = [openHooked(), openReceiver()];
  receiver.answer(() => new Response("", { status: 500 }));
  await makeEndpoint(world, receiver.url, ["customer.updated"]);
  for (let place = 1; place <= 4; place++) {
    await world.request("POST", "/events", sale(`o-${place}`, { externalId: "ann" }));
    await settle(world);
  }
  expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM webhook_message").pluck().get()).toBe(1);
  receiver.answer(() => new Response(""));
  world.clock.set(world.clock.now() + 2000);
  await settle(world);
  expect(receiver.received.at(-1)?.body.data.customer).toMatchObject({ sales: 4 });
  receiver.close();
  await world.close();
});

test("an update that comes while one is being sent is sent after it", async () => {
  const [world, receiver] = [openHooked(), openReceiver()];
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  receiver.answer(async () => {
    await mayAnswer;
    return new Response("");
  });
  await makeEndpoint(world, receiver.url, ["customer.updated"]);
  await world.request("POST", "/events", sale("o-1", { externalId: "ann" }));
  await world.workspace.ledger.catchUp();
  const first = world.workspace.dispatcher.step();
  while (receiver.received.length === 0) await Bun.sleep(1);
  await world.request("POST", "/events", sale("o-2", { externalId: "ann" }));
  await world.workspace.ledger.catchUp();
  const second = world.workspace.dispatcher.step();
  answer();
  await Promise.all([first, second]);
  await settle(world);
  expect(receiver.received.map(({ body }) => body.data.customer?.sales)).toEqual([1, 2]);
  receiver.close();
  await world.close();
});
