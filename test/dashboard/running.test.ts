// Does the running sum of a customer's timeline end at their LTV, whatever happened?
import { expect, test } from "bun:test";
import type { Entry } from "../../src/dashboard/page/running.ts";
import { toSteps } from "../../src/dashboard/page/running.ts";
import { openWorld, type World } from "../harness.ts";

interface Journey {
  entries: Entry[];
}
interface Explained {
  explain: { sales: { id: string; value: number; refunds: number }[] };
}

async function stepsOf(world: World, id: string) {
  const { body: journey } = await world.request<Journey>("GET", `/customers/${id}/journey?limit=1000`);
  const { body: explained } = await world.request<Explained>("GET", `/customers/${id}/attribution?explain=true`);
  const { body: customer } = await world.request<{ ltv: number }>("GET", `/customers/${id}`);
  const steps = toSteps(journey.data.entries, "USD", explained.data.explain.sales);
  const sums = journey.data.entries.flatMap((entry) => steps.get(entry.id) ?? []);
  return { sums, ltv: customer.data.ltv };
}

const sale = (orderId: string, day: number, value: number, more: object = {}) => ({
  type: "sale",
  orderId,
  externalId: "ann",
  timestamp: `2026-01-${String(day).padStart(2, "0")}T10:00:00Z`,
  value,
  ...more,
});
const refund = (orderId: string, day: number, value: number, more: object = {}) => ({
  ...sale(orderId, day, value, more),
  type: "refund",
  eventId: `r-${orderId}-${day}`,
});

test("with sales, refunds and what does not count", async () => {
  const world = openWorld();
  await world.request("POST", "/events", [
    { type: "click", clickId: "c", externalId: "ann", timestamp: "2026-01-01T00:00:00Z" },
    sale("a", 2, 0.1),
    sale("b", 3, 0.2),
    sale("c", 4, 99, { status: "pending" }),
    refund("b", 5, 0.05),
    sale("d", 6, 10, { status: "fraud" }),
    refund("d", 7, 10),
    sale("e", 8, 1234.56),
    { type: "refund", orderId: "e", eventId: "all", timestamp: "2026-01-09T00:00:00Z" },
  ]);
  const { sums, ltv } = await stepsOf(world, "ext_ann");
  expect(sums.map(({ running }) => running)).toEqual([0.1, 0.3, 0.25, 1234.81, 0.25]);
  expect(sums.at(-1)?.running).toBe(ltv);
  world.close();
});

test("in other currencies, with parts refunded", async () => {
  const world = openWorld();
  await world.request("PUT", "/rates", [
    { currency: "EUR", date: "2026-01-01", rate: "1.3333" },
    { currency: "JPY", date: "2026-01-01", rate: "0.0077" },
  ]);
  await world.request("POST", "/events", [
    sale("a", 2, 9.99, { currency: "EUR" }),
    refund("a", 3, 3.33, { currency: "EUR" }),
    sale("b", 4, 1001, { currency: "JPY" }),
    refund("a", 5, 3.33, { currency: "EUR" }),
    sale("c", 6, 5, { currency: "GBP" }),
  ]);
  const { sums, ltv } = await stepsOf(world, "ext_ann");
  // The first part of a refund cannot be said by itself, so neither can the sums until the last part.
  expect(sums.map(({ running }) => running === null)).toEqual([false, true, true, false]);
  expect(sums.at(-1)?.running).toBe(ltv);
  world.close();
});
