// Are webhooks sent as they should be: signed, in order, again after failures, and without anything that the key could not read?
import { describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { createKey, listKeys, revokeKey } from "../../../src/access/api-key.ts";
import type { Scope } from "../../../src/access/keyring.ts";
import type { World } from "../../harness.ts";
import { type Made, makeEndpoint, openHooked, openReceiver, type Received, settle } from "./receiver.ts";

const AT = "2026-02-01T10:00:00Z";
const HOUR = 3_600_000;
const sale = (orderId: string, externalId: string, more: object = {}) => ({
  type: "sale",
  orderId,
  externalId,
  value: 10,
  timestamp: AT,
  ...more,
});
const eventsOf = (received: readonly Received[]) => received.map(({ body }) => body.type);
const keyWith = (world: World, ...scopes: Scope[]) => ({ authorization: `Bearer ${createKey(world.workspace, { scopes })}` });

interface Delivery {
  id: string;
  event: string;
  state: string;
  attempts: number;
  status: number | null;
  problem: string | null;
}
const deliveriesOf = async (world: World, { id }: Made, query = "") =>
  (await world.request<Delivery[]>("GET", `/webhook-endpoints/${id}/deliveries${query}`)).body.data;

test("what is sent is signed by Standard Webhooks, as its library and Svix's check it", async () => {
  const [world, receiver] = [openHooked(), openReceiver()];
  const { secret } = await makeEndpoint(world, receiver.url, ["customer.created"]);
  await world.request("POST", "/events", sale("o-1", "ann"));
  await settle(world);
  expect(receiver.received).toHaveLength(1);
  for (const { text, headers } of receiver.received)
    for (const webhook of [new Webhook(secret), new SvixWebhook(secret)]) {
      expect(() => webhook.verify(text, headers)).not.toThrow();
      expect(() => webhook.verify(`${text} `, headers)).toThrow();
    }
  receiver.close();
  await world.close();
});

describe("the events", () => {
  test("tell of customers, sales, refunds and what somebody becomes worth, each once", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    await world.request("POST", "/events", sale("old", "old-buyer", { value: 90 }));
    await settle(world);
    const all = ["customer.created", "customer.first_sale", "customer.updated", "customer.erased", "sale.refunded", "ltv.reached"];
    await makeEndpoint(world, receiver.url, [...all, "entry.created"], { threshold: 50 });
    const sentBy = async (method: string, path: string, body?: unknown) => {
      const before = receiver.received.length;
      expect((await world.request(method, path, body)).status).toBeLessThan(300);
      await settle(world);
      return receiver.received.slice(before);
    };
    expect(eventsOf(await sentBy("POST", "/events", { type: "lead", eventId: "l", externalId: "ann", timestamp: AT })).sort()).toEqual([
      "customer.created",
      "customer.updated",
      "entry.created",
    ]);
    const first = await sentBy("POST", "/events", sale("o-1", "ann", { value: 40 }));
    expect(eventsOf(first)).toEqual(["entry.created", "customer.first_sale", "customer.updated"]);
    expect(first[1]?.body.data).toMatchObject({ id: expect.stringMatching(/^cus_/), customer: { externalId: "ann", ltv: 40, sales: 1 } });
    const second = await sentBy("POST", "/events", sale("o-2", "ann", { value: 10 }));
    expect(eventsOf(second)).toEqual(["entry.created", "ltv.reached", "customer.updated"]);
    expect(second[1]?.body.data).toMatchObject({ threshold: 50, customer: { ltv: 50 } });
    const refund = await sentBy("PATCH", "/conversions/ord_o-2", { status: "refunded" });
    expect(eventsOf(refund)).toEqual(["entry.created", "sale.refunded", "customer.updated"]);
    expect(refund[1]?.body.data).toMatchObject({ type: "refund", orderId: "o-2", value: 10 });
    expect(eventsOf(await sentBy("POST", "/events", sale("o-3", "ann")))).toEqual(["entry.created", "customer.updated"]);
    // Who had bought before the endpoint was made has no first sale any more, and was worth that much already.
    expect(eventsOf(await sentBy("POST", "/events", sale("o-4", "old-buyer")))).toEqual(["entry.created", "customer.updated"]);
    const early = await sentBy("POST", "/events", { type: "refund", eventId: "r", orderId: "o-9", value: 1, timestamp: AT });
    expect(eventsOf(early)).toEqual(["entry.created"]);
    expect(eventsOf(await sentBy("POST", "/events", sale("o-9", "ann"))).sort()).toEqual([
      "customer.updated",
      "entry.created",
      "sale.refunded",
    ]);
    const erased = await sentBy("DELETE", "/customers/ext_ann");
    expect(erased.map(({ body }) => body.data)).toContainEqual({ id: expect.stringMatching(/^cus_/), erased: true });
    receiver.close();
    await world.close();
  });

  test("tell of a first sale once it counts, though it was pending when the endpoint was made", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    for (const name of ["ann", "bob"]) await world.request("POST", "/events", sale(`${name}-1`, name, { value: 60, status: "pending" }));
    await world.request("POST", "/events", sale("bob-0", "bob"));
    await settle(world);
    await makeEndpoint(world, receiver.url, ["customer.first_sale", "ltv.reached"], { threshold: 50 });
    const told = async (method: string, path: string, body: unknown) => {
      const before = receiver.received.length;
      expect((await world.request(method, path, body)).status).toBeLessThan(300);
      await settle(world);
      return eventsOf(receiver.received.slice(before));
    };
    expect(await told("PATCH", "/customers/ext_ann", { name: "Ann" })).toEqual([]);
    expect(await told("PATCH", "/conversions/ord_ann-1", { status: "approved" })).toEqual(["customer.first_sale", "ltv.reached"]);
    expect(await told("PATCH", "/conversions/ord_ann-1", { status: "rejected" })).toEqual([]);
    expect(await told("PATCH", "/conversions/ord_ann-1", { status: "approved" })).toEqual([]);
    expect(await told("POST", "/events", sale("ann-2", "ann"))).toEqual([]);
    // Who had a sale that counted has only become worth more.
    expect(await told("PATCH", "/conversions/ord_bob-1", { status: "approved" })).toEqual(["ltv.reached"]);
    receiver.close();
    await world.close();
  });

  test("are those that were asked for, from then on", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    await world.request("POST", "/events", sale("o-1", "ann"));
    await makeEndpoint(world, receiver.url, ["customer.created"]);
    await settle(world);
    expect(receiver.received).toEqual([]);
    await world.request("POST", "/events", sale("o-2", "bob"));
    await settle(world);
    expect(eventsOf(receiver.received)).toEqual(["customer.created"]);
    receiver.close();
    await world.close();
  });
});

describe("an endpoint that fails", () => {
  test("is tried again after 2 s, 10 s, 1 min, 10 min, then hourly for three days; then it is marked, and nothing is sent until it is changed", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    receiver.answer(() => new Response("no", { status: 500 }));
    const made = await makeEndpoint(world, receiver.url, ["customer.created"]);
    await world.request("POST", "/events", sale("o-1", "ann"));
    await settle(world);
    const beganAt = world.clock.now();
    const pauses = [2000, 10_000, 60_000, 600_000, HOUR, HOUR];
    for (const [place, pause] of pauses.entries()) {
      world.clock.set(world.clock.now() + pause - 1);
      await settle(world);
      expect(receiver.received).toHaveLength(place + 1);
      world.clock.set(world.clock.now() + 1);
      await settle(world);
      expect(receiver.received).toHaveLength(place + 2);
    }
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    for (; world.clock.now() < beganAt + 73 * HOUR; world.clock.set(world.clock.now() + HOUR)) await settle(world);
    const tries = receiver.received.length;
    expect(tries).toBeGreaterThan(70);
    expect(await deliveriesOf(world, made)).toMatchObject([
      { state: "failed", attempts: tries, status: 500, problem: "the answer was 500" },
    ]);
    const stateOf = async () => (await world.request<Made[]>("GET", "/webhook-endpoints")).body.data[0]?.state;
    expect(await stateOf()).toBe("failed");
    await world.request("POST", "/events", sale("o-2", "bob"));
    await settle(world);
    expect(receiver.received).toHaveLength(tries);

    receiver.answer(() => new Response("yes"));
    expect((await world.request("PATCH", `/webhook-endpoints/${made.id}`, {})).status).toBe(200);
    expect(await stateOf()).toBe("active");
    const [{ id } = { id: "" }] = await deliveriesOf(world, made);
    expect((await world.request("POST", `/webhook-endpoints/${made.id}/deliveries/${id}/redeliver`)).status).toBe(200);
    await settle(world);
    expect(receiver.received.at(-1)?.headers["webhook-id"]).toBe(id);
    expect(await deliveriesOf(world, made)).toMatchObject([{ id, state: "delivered", status: 200, problem: null }]);
    receiver.close();
    await world.close();
  });

  test("keeps the order of each customer, and does not hold up other customers", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    const orderOf = ({ body }: Received) => String(body.data.orderId);
    receiver.answer((each) => new Response("", { status: orderOf(each) === "ann-1" ? 503 : 200 }));
    await makeEndpoint(world, receiver.url, ["entry.created"]);
    for (const order of ["ann-1", "bob-1", "ann-2", "bob-2", "ann-3"])
      await world.request("POST", "/events", sale(order, order.slice(0, 3)));
    await settle(world);
    expect(receiver.received.map(orderOf)).toEqual(["ann-1", "bob-1", "bob-2"]);
    receiver.answer(() => new Response(""));
    world.clock.set(world.clock.now() + 2000);
    await settle(world);
    expect(receiver.received.map(orderOf).slice(3)).toEqual(["ann-1", "ann-2", "ann-3"]);
    receiver.close();
    await world.close();
  });

  test("by redirecting is not followed, and does not hold up another endpoint", async () => {
    const [world, receiver, other] = [openHooked(), openReceiver(), openReceiver()];
    receiver.answer(() => Response.redirect(other.url, 307));
    const made = await makeEndpoint(world, receiver.url, ["customer.created"]);
    await world.request("POST", "/events", sale("o-1", "ann"));
    await settle(world);
    expect(other.received).toEqual([]);
    expect(await deliveriesOf(world, made, "?state=waiting")).toMatchObject([{ status: 307, problem: "redirects are not followed" }]);
    receiver.close();
    other.close();
    await world.close();
  });
});

describe("what is sent", () => {
  test("is what the endpoint's key may read", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    const rights: Scope[][] = [["webhooks:write"], ["webhooks:write", "changes:read"], ["webhooks:write", "links:read"]];
    for (const scopes of rights) await makeEndpoint(world, receiver.url, ["customer.created"], {}, keyWith(world, ...scopes));
    await world.request("POST", "/events", sale("o-1", "ann", { email: "ann@example.com" }));
    await settle(world);
    const customers = receiver.received.map(({ body }) => body.data.customer);
    expect(customers).toHaveLength(3);
    expect(customers.filter((customer) => customer === null)).toHaveLength(1);
    expect(customers.map((customer) => customer?.email).filter((email) => email === "ann@example.com")).toHaveLength(1);
    expect(customers.filter((customer) => customer && customer.email === null && customer.ltv === 10)).toHaveLength(1);
    receiver.close();
    await world.close();
  });

  test("is made at each attempt, so nothing of an erased person waits", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    receiver.answer(() => new Response("", { status: 500 }));
    await makeEndpoint(world, receiver.url, ["customer.created", "entry.created"]);
    await world.request("POST", "/events", sale("o-1", "secret-ann", { email: "secret@example.com", url: "https://x.example/secret" }));
    await settle(world);
    expect(receiver.received.map(({ text }) => text).join()).toContain("secret");
    await world.request("DELETE", "/customers/ext_secret-ann");
    const stored = world.workspace.database.sqlite.prepare("SELECT * FROM webhook_message").all();
    expect(JSON.stringify(stored)).not.toContain("secret");
    const before = receiver.received.length;
    receiver.answer(() => new Response(""));
    world.clock.set(world.clock.now() + 2000);
    await settle(world);
    expect(receiver.received.length).toBeGreaterThan(before);
    expect(
      receiver.received
        .slice(before)
        .map(({ text }) => text)
        .join(),
    ).not.toContain("secret");
    receiver.close();
    await world.close();
  });

  test("is nothing once the endpoint's key is revoked, until another key changes it", async () => {
    const [world, receiver] = [openHooked(), openReceiver()];
    const made = await makeEndpoint(world, receiver.url, ["customer.created"], {}, keyWith(world, "webhooks:write", "links:read"));
    for (const { id } of listKeys(world.workspace)) revokeKey(world.workspace, id);
    await world.request("POST", "/events", sale("o-1", "ann"));
    await settle(world);
    expect(receiver.received).toEqual([]);
    expect((await world.request("GET", "/webhook-endpoints")).text).toContain('"state":"paused"');
    await world.request("PATCH", `/webhook-endpoints/${made.id}`, { events: ["customer.created"] });
    await world.request("POST", "/events", sale("o-2", "bob"));
    await settle(world);
    expect(receiver.received).toHaveLength(1);
    receiver.close();
    await world.close();
  });
});
