// What is answered to a delivery, what is remembered of it, and what does it take to be let in?
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLog } from "../../../src/host/log.ts";
import { openWorld, type World } from "../../harness.ts";
import { sign } from "../../provider/sign.ts";
import { waitUntil } from "../../wait-until.ts";
import { type Delivery, deliver, EVERY_PROVIDER, SECRETS } from "./story.ts";

const AT = 1_770_000_000;
let serial = 0;

function stripe(type: string, object: object, more: object = {}): Delivery {
  serial += 1;
  return { body: { id: `evt_${serial}`, type, created: AT, livemode: true, data: { object }, ...more } };
}
const charge = (more: object = {}) => ({
  id: "ch_1",
  amount: 1000,
  captured: true,
  created: AT,
  currency: "usd",
  customer: "cus_1",
  payment_intent: "pi_1",
  status: "succeeded",
  ...more,
});
const order = (more: object = {}): Delivery => ({
  body: {
    id: 1,
    currency: "USD",
    customer: { id: 7, email: "seven@example.com" },
    processed_at: "2026-02-01T10:00:00Z",
    total_price: "10.00",
    ...more,
  },
  headers: { "x-shopify-topic": "orders/paid", "x-shopify-shop-domain": "my-shop.myshopify.com" },
});

interface Source {
  source: string;
  isOn: boolean;
  lastDeliveryAt: string | null;
  deliveries: number;
  conflicts: number;
  refused: number;
  badSignatures: number;
  waitingRefunds: number;
  counts: { type: string; result: string; reason: string | null; count: number }[];
  unnamedSales: { currency: string; sales: number; value: number }[];
  fields: { field: string; count: number }[];
}
interface State {
  sources: Source[];
  dataRequests: { customerId: string; export: string }[];
  deliveries: { type: string; result: string; reason: string | null; detail: string | null; entries: string[] }[];
}

const open = (config: Parameters<typeof openWorld>[0] = {}) => openWorld({ ...config, config: { ...EVERY_PROVIDER, ...config?.config } });
const stateOf = async (world: World) => (await world.request<State>("GET", "/webhooks")).body.data;
async function sourceOf(world: World, name = "stripe"): Promise<Source> {
  const found = (await stateOf(world)).sources.find(({ source }) => source === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

test("a wrong signature is 401, stores nothing and is counted", async () => {
  const world = open();
  const answer = await deliver(world, "stripe", stripe("charge.succeeded", charge()), "whsec_another");
  expect(answer.status).toBe(401);
  expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 0 });
  const stored = world.workspace.database.sqlite.prepare("SELECT 1 FROM webhook_count").pluck();
  await waitUntil("the bad signature is stored", () => stored.get() === 1);
  expect(await sourceOf(world)).toMatchObject({ badSignatures: 1 });
  expect(await sourceOf(world)).toMatchObject({ deliveries: 0, lastDeliveryAt: null });
  await world.close();
});

test("a replay after five minutes is 401", async () => {
  const world = open();
  const delivery = stripe("charge.succeeded", charge());
  const text = JSON.stringify(delivery.body);
  const headers = { authorization: "", ...sign("stripe", text, SECRETS.stripe, world.clock.now()) };
  world.clock.set(world.clock.now() + 301_000);
  expect((await world.request("POST", "/webhooks/stripe", text, headers)).status).toBe(401);
  await world.close();
});

test("without its secret a path is not there, and the log says what to set", async () => {
  const lines: string[] = [];
  const log = openLog("info", async (batch) => void lines.push(...batch.split("\n")));
  const world = openWorld({ log });
  for (let count = 0; count < 3; count += 1) expect((await deliver(world, "polar", { body: {} })).status).toBe(404);
  await log.flush();
  expect(lines.filter((line) => line.includes("set POLAR_WEBHOOK_SECRET"))).toHaveLength(1);
  await world.close();
});

test("any of several secrets is good, and /api too", async () => {
  const world = open({ config: { stripeSecrets: ["whsec_new00", SECRETS.stripe] } });
  expect(await deliver(world, "stripe", stripe("charge.succeeded", charge()))).toMatchObject({ status: 200, result: "recorded" });
  await world.close();
});

test("a signed body that is no JSON is 400, and neither is any number of bytes beyond 5 MiB taken", async () => {
  const world = open();
  expect((await deliver(world, "stripe", { body: "no json" })).status).toBe(400);
  expect((await deliver(world, "stripe", { body: " ".repeat(5 * 1024 ** 2 + 1) })).status).toBe(413);
  await world.close();
});

test("recorded, duplicate, conflict, ignored: each with its reason", async () => {
  const world = open();
  const first = stripe("charge.succeeded", charge());
  expect(await deliver(world, "stripe", first)).toEqual({ status: 200, received: true, result: "recorded" });
  expect(await deliver(world, "stripe", first)).toEqual({ status: 200, received: true, result: "duplicate" });
  expect(await deliver(world, "stripe", stripe("charge.succeeded", charge()))).toEqual({
    status: 200,
    received: true,
    result: "duplicate",
  });
  expect(await deliver(world, "stripe", stripe("charge.succeeded", charge({ amount: 1200 })))).toMatchObject({
    result: "conflict",
    reason: "it was told before with other money, which stays",
  });
  expect(await deliver(world, "stripe", stripe("radar.early_fraud_warning.created", {}))).toMatchObject({
    result: "ignored",
    reason: "this type of event brings nothing",
  });
  const { sources, deliveries } = await stateOf(world);
  expect(sources.find(({ source }) => source === "stripe")).toMatchObject({ isOn: true, deliveries: 5, conflicts: 1, refused: 0 });
  expect(deliveries.map(({ result, detail }) => [result, detail])).toEqual([
    ["ignored", null],
    ["conflict", "10.00 USD stays, 12.00 USD was told later"],
    ["duplicate", null],
    ["duplicate", null],
    ["recorded", null],
  ]);
  expect(deliveries.at(-1)?.entries).toEqual([expect.stringMatching(/^ent_/)]);
  await world.close();
});

test("an order that was edited after it was paid keeps its first value, and both are shown", async () => {
  const world = open();
  await deliver(world, "shopify", order());
  await deliver(world, "shopify", order({ total_price: "15.00" }));
  expect((await world.request<{ grossRevenue: number }>("GET", "/customers/als_shopify%3Amy-shop%3A7")).body.data.grossRevenue).toBe(10);
  expect((await stateOf(world)).deliveries[0]?.detail).toBe("10.00 USD stays, 15.00 USD was told later");
  await world.close();
});

test("test mode stays out, unless it is asked for", async () => {
  const test = stripe("charge.succeeded", charge(), { livemode: false });
  const world = open();
  expect(await deliver(world, "stripe", test)).toMatchObject({ result: "ignored", reason: expect.stringContaining("WEBHOOK_TEST_MODE") });
  const tester = open({ config: { webhookTestMode: true } });
  expect(await deliver(tester, "stripe", test)).toMatchObject({ result: "recorded" });
  await world.close();
  await tester.close();
});

test("a sale of nobody is summed once, however often it is delivered", async () => {
  const world = open();
  const till = order({ customer: null });
  for (const each of [till, till, order({ id: 2, customer: null, total_price: "5.50" })])
    expect(await deliver(world, "shopify", each)).toMatchObject({ result: "ignored", reason: "it names nobody" });
  expect((await sourceOf(world, "shopify")).unnamedSales).toEqual([{ currency: "USD", sales: 2, value: 15.5 }]);
  expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 0 });
  await world.close();
});

test("no sale is lost for a bad field: it is trimmed or left out, and counted", async () => {
  const world = open();
  const billing = { email: "not an address", name: `\u0007 ${"x".repeat(300)}`, address: { country: "QQ" } };
  const metadata = { userId: "u".repeat(256), utm_source: "s\n".repeat(10) };
  const told = stripe("charge.succeeded", charge({ billing_details: billing, metadata }));
  expect(await deliver(world, "stripe", told)).toMatchObject({ result: "recorded" });
  const { body } = await world.request<{ name: string; email: null; source: string }>("GET", "/customers/als_stripe%3Acus_1");
  expect(body.data).toMatchObject({ name: "x".repeat(255), email: null, country: null, grossRevenue: 10, source: "s ".repeat(10).trim() });
  expect((await sourceOf(world)).fields.map(({ field }) => field)).toEqual(["country", "email", "externalId", "name", "source"]);
  await world.close();
});

test("what cannot be stored at all is refused, counted, and answered 200", async () => {
  const world = open();
  expect(await deliver(world, "stripe", stripe("charge.succeeded", charge({ currency: "xyz" })))).toMatchObject({
    status: 200,
    result: "refused",
    reason: "currency cannot be stored",
  });
  expect(await sourceOf(world)).toMatchObject({ refused: 1 });
  await world.close();
});

test("a refund in another currency than its sale is refused", async () => {
  const world = open();
  await deliver(world, "stripe", stripe("charge.succeeded", charge()));
  const refund = { id: "re_1", amount: 100, charge: "ch_1", payment_intent: "pi_1", created: AT, currency: "eur", status: "succeeded" };
  expect(await deliver(world, "stripe", stripe("refund.created", refund))).toMatchObject({ result: "refused" });
  await world.close();
});

test("refunds that wait for their sale are counted until it comes", async () => {
  const world = open();
  const refund = { id: "re_1", amount: 100, charge: "ch_1", payment_intent: "pi_1", created: AT, currency: "usd", status: "succeeded" };
  await deliver(world, "stripe", stripe("refund.created", refund));
  expect((await sourceOf(world)).waitingRefunds).toBe(1);
  await deliver(world, "stripe", stripe("charge.succeeded", charge()));
  expect((await sourceOf(world)).waitingRefunds).toBe(0);
  await world.close();
});

test("secrets are neither in the database nor in the log", async () => {
  const lines: string[] = [];
  const log = openLog("debug", async (batch) => void lines.push(batch));
  const folder = mkdtempSync(join(tmpdir(), "regulars-secrets-"));
  const databasePath = join(folder, "regulars.db");
  const world = open({ log, config: { databasePath } });
  await deliver(world, "stripe", stripe("charge.succeeded", charge()));
  await deliver(world, "stripe", stripe("charge.succeeded", charge()), "whsec_another");
  expect((await deliver(world, "stripe", { body: "no json" })).status).toBe(400);
  await log.flush();
  await world.close();
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
  for (const text of [...lines, ...files]) expect(text.includes(SECRETS.stripe)).toBe(false);
  rmSync(folder, { recursive: true });
});

test("the last thousand deliveries are kept, and nothing personal of them", async () => {
  const world = open();
  const insert = world.workspace.database.sqlite.prepare(
    "INSERT INTO webhook_delivery (source, type, result, reason, entries, at) VALUES ('stripe', 't', 'ignored', '', '[]', 0)",
  );
  for (let count = 0; count < 1200; count += 1) insert.run();
  const secretive = charge({ customer: "cus_secret", billing_details: { email: "ann@secret.example", name: "Ann Secret" } });
  await deliver(world, "stripe", stripe("charge.succeeded", secretive));
  const { deliveries } = (await world.request<State>("GET", "/webhooks?limit=1000")).body.data;
  expect(deliveries).toHaveLength(1000);
  const tables = ["count", "field", "delivery", "unnamed_sale", "waiting_refund", "erasure", "data_request"];
  const rows = tables.map((name) => world.workspace.database.sqlite.prepare(`SELECT * FROM webhook_${name}`).all());
  expect(JSON.stringify(rows)).not.toMatch(/secret/i);
  await world.close();
});
