// Does one person's story come out the same in every report, whatever comes late, goes back, is forgotten or restarted?

import { afterEach, expect, test } from "bun:test";
import { openWorld, type World, type WorldOptions } from "./harness.ts";
import { newDatabasePath } from "./temporary-folder.ts";

const NOW = "2026-03-01T00:00:00Z";
let world: World;

afterEach(() => {
  world.close();
});

function open(options: WorldOptions = {}): void {
  world = openWorld({ now: NOW, ...options });
}

async function tell(...entries: object[]): Promise<void> {
  const { body } = await world.request<{ rejected: number }>("POST", "/events", entries);
  expect(body.data.rejected).toBe(0);
}

async function ask<Data = Record<string, unknown>>(path: string): Promise<Data> {
  const { status, body } = await world.request<Data>("GET", path);
  expect(status).toBe(200);
  return body.data;
}

const CLICK = {
  type: "click",
  clickId: "c-1",
  visitorId: "v-1",
  timestamp: "2026-01-05T10:00:00Z",
  source: "google",
  campaign: "spring",
  link: "https://l.example/a",
};
const LEAD = {
  type: "lead",
  eventId: "l-1",
  externalId: "ann",
  email: "ann@example.com",
  visitorId: "v-1",
  timestamp: "2026-01-06T10:00:00Z",
};
const SALE = { type: "sale", orderId: "o-1", externalId: "ann", value: 100, timestamp: "2026-01-10T10:00:00Z" };
const REFUND = { type: "refund", eventId: "r-1", orderId: "o-1", value: 30, timestamp: "2026-02-03T10:00:00Z" };

interface Cohorts {
  cohorts: Record<string, unknown>[];
  totals: Record<string, unknown>;
}

/** What the reports say of everybody; Ann is everybody. */
async function everybody() {
  const curves = await ask<{ cohorts: { customers: number; periods: Record<string, unknown>[] }[] }>(
    "/customers/ltv-cohorts?months=2&end=2026-02",
  );
  return {
    sources: (await ask<Cohorts>("/customers/cohorts?group_by=source")).cohorts,
    months: (await ask<Cohorts>("/customers/cohorts?group_by=month")).cohorts,
    january: curves.cohorts[0]?.periods,
  };
}

test("a click, a lead, a sale and a refund are seen in every report", async () => {
  open();
  await tell(CLICK, LEAD, SALE, REFUND);
  expect(await ask("/customers/ext_ann")).toMatchObject({
    email: "ann@example.com",
    source: "google",
    campaign: "spring",
    clickId: "c-1",
    ltv: 70,
    grossRevenue: 100,
    refunds: 30,
    sales: 1,
    firstTouchAt: "2026-01-05T10:00:00.000Z",
    lastSeenAt: "2026-02-03T10:00:00.000Z",
  });
  const journey = await ask<{ summary: object; entries: { type: string }[] }>("/customers/ext_ann/journey");
  expect(journey.entries.map(({ type }) => type)).toEqual(["click", "lead", "sale", "refund"]);
  expect(journey.summary).toMatchObject({
    clicks: 1,
    leads: 1,
    sales: 1,
    refundCount: 1,
    revenue: 70,
    daysToFirstSale: 5,
    touchesBeforeFirstSale: 1,
  });
  const attribution = await ask<{ links: object[]; sources: object[] }>("/customers/ext_ann/attribution");
  expect(attribution.sources).toEqual([
    {
      key: "google",
      touches: 1,
      clicks: 1,
      firstAt: "2026-01-05T10:00:00.000Z",
      lastAt: "2026-01-05T10:00:00.000Z",
      sales: 1,
      revenue: 70,
    },
  ]);
  const { sources, months, january } = await everybody();
  expect(sources).toMatchObject([{ cohort: "google", customers: 1, leads: 1, payingCustomers: 1, revenue: 70 }]);
  expect(months).toMatchObject([{ cohort: "2026-01", customers: 1, grossRevenue: 100, refunds: 30, ltv: 70 }]);
  expect(january).toMatchObject([
    { period: 0, revenue: 100, cumulativeRevenue: 100, activeCustomers: 1, payingCustomers: 1, status: "complete" },
    { period: 1, revenue: -30, cumulativeRevenue: 70, activeCustomers: 0, payingCustomers: 1, status: "complete" },
  ]);
});

test("a sale that comes before its click tells the same story as one that comes after", async () => {
  open();
  await tell(REFUND);
  await tell({ ...SALE, clickId: "c-1" });
  expect(await ask("/customers/ext_ann")).toMatchObject({ source: "(direct)", clickId: null, ltv: 70 });
  await tell(LEAD, CLICK);
  const late = [await everybody(), await ask("/customers/ext_ann/attribution")];
  world.close();
  open();
  await tell(CLICK, LEAD, { ...SALE, clickId: "c-1" }, REFUND);
  const inOrder = [await everybody(), await ask("/customers/ext_ann/attribution")];
  const withoutIds = (answer: unknown) =>
    JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === "customerId" ? undefined : value)));
  expect(withoutIds(late)).toEqual(withoutIds(inOrder));
});

test("an erased customer is gone from every route, and their money stays in every report", async () => {
  open();
  await tell(CLICK, LEAD, SALE, REFUND);
  const before = await everybody();
  expect((await world.request("DELETE", "/customers/ext_ann")).status).toBe(200);
  for (const path of ["", "/journey", "/attribution"]) expect((await world.request("GET", `/customers/ext_ann${path}`)).status).toBe(404);
  expect(await ask("/customers/count")).toEqual({ count: 0 });
  expect(await everybody()).toEqual(before);
  const replay = await world.request<{ duplicate: boolean; customerId: string | null }>("POST", "/events", SALE);
  expect(replay.body.data).toMatchObject({ duplicate: true, customerId: null });
  await tell({ ...LEAD, eventId: "l-2", timestamp: "2026-02-20T10:00:00Z" });
  expect(await ask("/customers/ext_ann")).toMatchObject({ ltv: 0, sales: 0, firstTouchAt: "2026-02-20T10:00:00.000Z" });
});

test("a restart changes nothing, and what came before it is known again after it", async () => {
  const databasePath = newDatabasePath();
  open({ config: { databasePath } });
  await tell(CLICK, LEAD, SALE);
  const before = [await everybody(), await ask("/customers/ext_ann/journey")];
  world.close();
  open({ config: { databasePath } });
  expect([await everybody(), await ask("/customers/ext_ann/journey")]).toEqual(before);
  const again = await world.request<{ duplicates: number }>("POST", "/events", [CLICK, LEAD, SALE]);
  expect(again.body.data.duplicates).toBe(3);
  await tell(REFUND);
  expect(await ask("/customers/ext_ann")).toMatchObject({ ltv: 70 });
});

test("a kept journey does not outlive what was told since, nor the person", async () => {
  open({ config: { snapshotTtl: 30 } });
  await tell(CLICK, LEAD);
  const { headers } = await world.request("GET", "/customers/ext_ann/journey");
  expect(headers.get("x-cache")).toBe("MISS");
  expect((await world.request("GET", "/customers/ext_ann/journey")).headers.get("x-cache")).toBe("HIT");
  await tell(SALE);
  expect(await ask("/customers/ext_ann/journey")).toMatchObject({ summary: { sales: 1 } });
  await world.request("DELETE", "/customers/ext_ann");
  expect((await world.request("GET", "/customers/ext_ann/journey")).status).toBe(404);
});
