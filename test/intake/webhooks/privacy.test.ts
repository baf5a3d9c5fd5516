// Is somebody erased when their shop asks for it, and is a request for their data listed until it is closed?
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorld, type World } from "../../harness.ts";
import { waitUntil } from "../../wait-until.ts";
import { type Delivery, deliver, EVERY_PROVIDER } from "./story.ts";

function topic(name: string, body: object, shop = "my-shop"): Delivery {
  const domain = `${shop}.myshopify.com`;
  return { body: { shop_domain: domain, ...body }, headers: { "x-shopify-topic": name, "x-shopify-shop-domain": domain } };
}
const order = (id: number, buyer: number, shop = "my-shop") =>
  topic(
    "orders/paid",
    {
      id,
      currency: "USD",
      customer: { id: buyer, email: `buyer${buyer}@secret.example`, first_name: "Ann", last_name: `Secret${buyer}` },
      processed_at: "2026-02-01T10:00:00Z",
      total_price: "10.00",
    },
    shop,
  );
const person = (id: number) => ({ customer: { id, email: `buyer${id}@secret.example`, phone: null } });

const open = (config = {}) => openWorld({ config: { ...EVERY_PROVIDER, ...config } });
const find = (world: World, buyer: number, shop = "my-shop") =>
  world.request<{ id: string; email: string }>("GET", `/customers/als_${encodeURIComponent(`shopify:${shop}:${buyer}`)}`);
const due = (world: World) => world.workspace.database.sqlite.prepare("SELECT count(*) FROM webhook_erasure").pluck().get();
const erasuresDone = (world: World) => waitUntil("the erasures are done", () => due(world) === 0);
const revenueOf = async (world: World) =>
  (await world.request<{ totals: { revenue: number; customers: number } }>("GET", "/customers/cohorts")).body.data.totals;

test("customers/redact erases the person and keeps the numbers, once and again", async () => {
  const world = open();
  for (const each of [order(1, 7), order(2, 8)]) await deliver(world, "shopify", each);
  const before = await revenueOf(world);
  expect(await deliver(world, "shopify", topic("customers/redact", person(7)))).toMatchObject({ status: 200, result: "recorded" });
  await erasuresDone(world);
  expect([(await find(world, 7)).status, (await find(world, 8)).status]).toEqual([404, 200]);
  expect(await revenueOf(world)).toEqual(before);
  expect(await deliver(world, "shopify", topic("customers/redact", person(7)))).toMatchObject({ status: 200, result: "ignored" });
  expect(await deliver(world, "shopify", order(1, 7))).toMatchObject({ result: "duplicate" });
  expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 1 });
  await world.close();
});

test("somebody known by email alone is found by it", async () => {
  const world = open();
  await world.request("POST", "/events", { type: "lead", eventId: "l", email: "buyer9@secret.example" });
  await deliver(world, "shopify", topic("customers/redact", person(9)));
  await erasuresDone(world);
  expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 0 });
  await world.close();
});

test("shop/redact erases everybody of that shop, and nobody of another", async () => {
  const world = open();
  for (const each of [order(1, 7), order(2, 8), order(3, 9, "my-shop-2")]) await deliver(world, "shopify", each);
  expect(await deliver(world, "shopify", topic("shop/redact", {}))).toMatchObject({ result: "recorded" });
  await erasuresDone(world);
  expect([(await find(world, 7)).status, (await find(world, 8)).status, (await find(world, 9, "my-shop-2")).status]).toEqual([
    404, 404, 200,
  ]);
  await world.close();
});

test("an erasure that is due when the server stops is carried out by the next one, and no byte is left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "regulars-redact-"));
  const databasePath = join(folder, "regulars.db");
  const world = open({ databasePath });
  await deliver(world, "shopify", order(1, 7));
  const { id } = (await find(world, 7)).body.data;
  world.workspace.database.sqlite.prepare("INSERT INTO webhook_erasure SELECT id FROM customer").run();
  await world.close();
  const next = open({ databasePath });
  await erasuresDone(next);
  expect((await next.request("GET", `/customers/${id}`)).status).toBe(404);
  await next.close();
  expect(readFileSync(databasePath).includes("secret.example")).toBe(false);
  rmSync(folder, { recursive: true });
});

test("a request for data is listed with the path of the export until it is closed", async () => {
  const world = open();
  await deliver(world, "shopify", order(1, 7));
  for (let count = 0; count < 2; count += 1)
    expect((await deliver(world, "shopify", topic("customers/data_request", person(7)))).status).toBe(200);
  const { id } = (await find(world, 7)).body.data;
  const requests = async () =>
    (await world.request<{ dataRequests: { customerId: string; export: string }[] }>("GET", "/webhooks")).body.data.dataRequests;
  const [request, ...others] = await requests();
  expect([request, others]).toMatchObject([{ customerId: id, export: `/customers/${id}/export`, source: "shopify" }, []]);
  const exported = await world.request("GET", request?.export ?? "");
  expect(exported.text).toContain("buyer7@secret.example");
  expect((await world.request("DELETE", `/webhooks/data-requests/${id}`)).status).toBe(200);
  expect((await world.request("DELETE", `/webhooks/data-requests/${id}`)).status).toBe(404);
  expect(await requests()).toEqual([]);
  await world.close();
});

test("a request of somebody who is erased is closed with them; one of nobody is answered 200", async () => {
  const world = open();
  await deliver(world, "shopify", order(1, 7));
  await deliver(world, "shopify", topic("customers/data_request", person(7)));
  await world.request("DELETE", `/customers/${(await find(world, 7)).body.data.id}`);
  expect((await world.request<{ dataRequests: unknown[] }>("GET", "/webhooks")).body.data.dataRequests).toEqual([]);
  expect(await deliver(world, "shopify", topic("customers/data_request", person(99)))).toMatchObject({ status: 200, result: "ignored" });
  await world.close();
});

test("an event that is delivered again brings nobody back", async () => {
  const world = open();
  const invoice: Delivery = {
    body: {
      id: "evt_invoice",
      type: "invoice.paid",
      created: 1_770_000_000,
      livemode: true,
      data: { object: { id: "in_1", customer: "cus_7", customer_email: "seven@secret.example" } },
    },
  };
  await deliver(world, "stripe", invoice);
  const { id } = (await world.request<{ id: string }>("GET", "/customers/als_stripe%3Acus_7")).body.data;
  await world.request("DELETE", `/customers/${id}`);
  expect(await deliver(world, "stripe", invoice)).toMatchObject({ result: "duplicate" });
  expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 0 });
  await world.close();
});
