// Do the official server libraries of Segment and RudderStack work with nothing but their host changed?
import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { createKey } from "../../../src/access/api-key.ts";
import { openWorld } from "../../harness.ts";

const world = openWorld({ now: "2026-02-02T00:00:00Z" });
const key = createKey(world.workspace, { scopes: ["conversions:write"] });
const statuses: number[] = [];
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const response = await world.app.fetch(request);
    statuses.push(response.status);
    return response;
  },
});
const host = `http://127.0.0.1:${server.port}`;
afterAll(async () => {
  await server.stop(true);
  await world.close();
});

const README = readFileSync(join(import.meta.dir, "../../../README.md"), "utf8");
/** Makes a client as the line of the README with these words does, at the test's server. */
function clientOf<Client>(words: string, name: string, Class: unknown): Client {
  const line = README.split("\n").find((each) => each.includes(words) && each.startsWith("new ")) ?? "";
  return new Function(name, `return ${line.replace("rg_…", key).replace("https://stats.example.com", host)}`)(Class) as Client;
}

const timestamp = (time: string) => new Date(`2026-02-01T${time}:00Z`);
const PAGE = { url: "https://shop.example/?utm_source=news", referrer: "https://news.example/" };
const ORDER = (id: string) => ({ order_id: id, total: 19.990000000000002, currency: "USD", coupon: "HALF" });

async function expectStory(externalId: string): Promise<void> {
  const customer = await world.request<object>("GET", `/customers/ext_${externalId}`);
  expect(customer.body.data).toMatchObject({
    email: `${externalId}@example.com`,
    name: "Ann",
    country: "DE",
    source: "news",
    ltv: 14.99,
    grossRevenue: 19.99,
    sales: 1,
  });
  const journey = await world.request<{ summary: object }>("GET", `/customers/ext_${externalId}/journey?summary=true`);
  expect(journey.body.data.summary).toMatchObject({ clicks: 1, leads: 1, sales: 1, refundCount: 1 });
  expect([...new Set(statuses)]).toEqual([200]);
}

test("@segment/analytics-node", async () => {
  const errors: unknown[] = [];
  const analytics = clientOf<Analytics>("@segment/analytics-node", "Analytics", Analytics);
  analytics.on("error", (error) => void errors.push(error));
  analytics.page({ anonymousId: "a-seg", name: "Home", properties: PAGE, timestamp: timestamp("09:00") });
  analytics.track({ anonymousId: "a-seg", event: "Signed Up", timestamp: timestamp("09:05") });
  analytics.identify({
    ...{ userId: "seg", anonymousId: "a-seg", timestamp: timestamp("09:06") },
    traits: { email: "seg@example.com", name: "Ann", address: { country: "DE" }, plan: "pro" },
  });
  analytics.track({ userId: "seg", event: "Order Completed", properties: ORDER("seg-1"), timestamp: timestamp("10:00") });
  analytics.track({ userId: "seg", event: "Order Refunded", properties: { order_id: "seg-1", total: 5 }, timestamp: timestamp("11:00") });
  analytics.group({ userId: "seg", groupId: "g" });
  await analytics.closeAndFlush();
  expect(errors).toEqual([]);
  await expectStory("seg");
});

test("@rudderstack/rudder-sdk-node, gzipped as it is by default, and not", async () => {
  const standard = clientOf<RudderAnalytics>("@rudderstack/rudder-sdk-node", "RudderAnalytics", RudderAnalytics);
  const plain = new RudderAnalytics(key, { dataPlaneUrl: host, gzip: false });
  for (const [name, client] of [
    ["rudder", standard],
    ["plain", plain],
  ] as const) {
    client.page({ anonymousId: `a-${name}`, name: "Home", properties: PAGE, timestamp: timestamp("09:00") });
    client.track({ anonymousId: `a-${name}`, event: "Signed Up", timestamp: timestamp("09:05") });
    client.identify({
      ...{ userId: name, anonymousId: `a-${name}`, timestamp: timestamp("09:06") },
      traits: { email: `${name}@example.com`, name: "Ann", address: { country: "DE" } },
    });
    client.track({ userId: name, event: "Order Completed", properties: ORDER(`${name}-1`), timestamp: timestamp("10:00") });
    client.track({
      userId: name,
      event: "Order Refunded",
      properties: { order_id: `${name}-1`, total: "5.00" },
      timestamp: timestamp("11:00"),
    });
    await new Promise<void>((done, failed) => client.flush((error: unknown) => (error ? failed(error) : done())));
    for (const until = performance.now() + 5000; performance.now() < until; await Bun.sleep(20))
      if ((await world.request<{ refunds: number }>("GET", `/customers/ext_${name}`)).body.data?.refunds) break;
    await expectStory(name);
  }
});
