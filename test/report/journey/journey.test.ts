// Does a journey tell what happened, in order, page by page, and add up only what lies in its range?

import { afterEach, describe, expect, test } from "bun:test";
import type { JourneyAnswer } from "../../../src/report/journey/answer.ts";
import { parseCursor, toCursor } from "../../../src/report/journey/cursor.ts";
import { openWorld, type World } from "../../harness.ts";
import { record } from "../../record-entries.ts";
import { failure, report } from "../ask.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});
const open = (): World => {
  const world = openWorld();
  worlds.push(world);
  return world;
};
const ask = (world: World, query = ""): Promise<JourneyAnswer> =>
  report<JourneyAnswer>(world, "/customers/:id/journey", `/customers/ext_ann/journey${query}`);
const ann = (type: string, timestamp: string, rest: Record<string, unknown> = {}) => ({ type, timestamp, externalId: "ann", ...rest });

test("entries come in log order, and pages of any size make up the whole", async () => {
  const world = open();
  const at = "2026-01-05T10:00:00Z";
  await record(
    world,
    ann("refund", at, { orderId: "o-1", eventId: "r-1", value: 1 }),
    ann("custom", at, { event: "trial", eventId: "x-1" }),
    ann("sale", at, { orderId: "\u{1F600}", value: 5 }),
    ann("sale", at, { orderId: "\uFB00", value: 5 }),
    ann("sale", at, { orderId: "o-1", value: 10 }),
    ann("lead", at, { eventId: "l-1" }),
    ann("click", at, { clickId: "c-1" }),
    ann("click", "2026-01-04T10:00:00Z", { clickId: "c-2" }),
  );
  const whole = await ask(world);
  expect(whole.entries?.map((entry) => [entry.type, entry.clickId ?? entry.eventId ?? entry.orderId])).toEqual([
    ["click", "c-2"],
    ["click", "c-1"],
    ["lead", "l-1"],
    ["sale", "o-1"],
    ["sale", "\uFB00"],
    ["sale", "\u{1F600}"],
    ["custom", "x-1"],
    ["refund", "r-1"],
  ]);
  expect(whole.nextCursor).toBeNull();
  for (const limit of [1, 3, 8]) {
    const entries: unknown[] = [];
    let cursor = "";
    do {
      const page = await ask(world, `?limit=${limit}${cursor}`);
      expect(page.summary).toEqual(whole.summary);
      entries.push(...(page.entries ?? []));
      cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : "";
    } while (cursor !== "");
    expect(entries).toEqual(whole.entries ?? []);
  }
});

test("the summary is of the range alone, as if there were no other entries", async () => {
  const world = open();
  await record(
    world,
    ann("click", "2026-01-01T00:00:00Z", { clickId: "c-1", source: "google", campaign: "spring" }),
    ann("sale", "2026-01-02T00:00:00Z", { orderId: "o-1", value: 10 }),
    ann("click", "2026-01-03T00:00:00Z", { clickId: "c-2", source: "bing", campaign: "spring" }),
    ann("sale", "2026-01-04T06:00:00Z", { orderId: "o-2", value: 20 }),
    ann("refund", "2026-01-05T00:00:00Z", { orderId: "o-1", eventId: "r-1" }),
  );
  const { summary } = await ask(world, "?start=2026-01-03&end=2026-01-05&summary=true");
  expect(summary).toEqual({
    clicks: 1,
    leads: 0,
    sales: 1,
    customs: 0,
    refundCount: 1,
    grossRevenue: 20,
    refunds: 10,
    revenue: 10,
    firstTouchAt: "2026-01-03T00:00:00.000Z",
    firstLeadAt: null,
    firstSaleAt: "2026-01-04T06:00:00.000Z",
    lastSeenAt: "2026-01-05T00:00:00.000Z",
    daysToFirstSale: 1.25,
    touchesBeforeFirstSale: 1,
    sources: ["bing"],
    campaigns: ["spring"],
    unconverted: [],
  });
  const nothing = await ask(world, "?start=2025-01-01&end=2025-01-31");
  expect(nothing.entries).toEqual([]);
  expect(nothing.summary).toMatchObject({
    clicks: 0,
    firstTouchAt: null,
    lastSeenAt: null,
    daysToFirstSale: null,
    touchesBeforeFirstSale: null,
  });
});

test("a creation is a touch of the summary, in its range only, but no entry", async () => {
  const world = open();
  await world.request("POST", "/customers", { externalId: "ann", createdAt: "2026-01-01T00:00:00Z", source: "podcast", campaign: "ep1" });
  await record(world, ann("click", "2026-01-02T00:00:00Z", { clickId: "c-1", source: "google" }));
  const { summary, entries } = await ask(world);
  expect(summary).toMatchObject({
    firstTouchAt: "2026-01-01T00:00:00.000Z",
    lastSeenAt: "2026-01-02T00:00:00.000Z",
    sources: ["podcast", "google"],
    campaigns: ["ep1"],
  });
  expect(entries).toHaveLength(1);
  expect((await ask(world, "?start=2026-01-02")).summary).toMatchObject({
    firstTouchAt: "2026-01-02T00:00:00.000Z",
    sources: ["google"],
    campaigns: [],
  });
  expect((await ask(world, "?end=2026-01-01")).summary).toMatchObject({ clicks: 0, lastSeenAt: "2026-01-01T00:00:00.000Z" });
});

describe("money", () => {
  test("of an entry is in its own currency; a refund's is what it takes of its sale", async () => {
    const world = open();
    await record(
      world,
      ann("sale", "2026-01-01T00:00:00Z", { orderId: "o-1", value: 1000, currency: "JPY" }),
      ann("refund", "2026-01-02T00:00:00Z", { orderId: "o-1", eventId: "r-1" }),
      ann("lead", "2026-01-03T00:00:00Z", { eventId: "l-1", value: 1.234, currency: "KWD" }),
      ann("refund", "2026-01-04T00:00:00Z", { orderId: "unknown", eventId: "r-2", value: 3 }),
    );
    const { entries, summary } = await ask(world);
    expect(entries?.map(({ value, currency, status }) => [value, currency, status])).toEqual([
      [1000, "JPY", "refunded"],
      [1000, "JPY", "approved"],
      [1.234, "KWD", "approved"],
      [null, null, "approved"],
    ]);
    expect(summary).toMatchObject({ sales: 0, refundCount: 0, grossRevenue: 0, leads: 1, firstSaleAt: null });
    expect(summary.unconverted).toEqual([{ currency: "JPY", sales: 1, grossRevenue: 1000, refunds: 1000, revenue: 0 }]);
    expect((await ask(world, "?end=2026-01-01")).summary.unconverted).toEqual([
      { currency: "JPY", sales: 1, grossRevenue: 1000, refunds: 0, revenue: 1000 },
    ]);
    expect((await ask(world, "?start=2026-01-02")).summary.unconverted).toEqual([]);
  });
});

test("what cannot be asked is refused, input before existence", async () => {
  const world = open();
  expect(await failure(world, "/customers/ext_ann/journey")).toMatchObject({ status: 404, code: "NOT_FOUND" });
  expect(await failure(world, "/customers/cus_0000000009/journey")).toMatchObject({ status: 404, code: "NOT_FOUND" });
  for (const cursor of ["%20", "bm9wZQ", "W10", "WzEsMiwzXQ"])
    expect(await failure(world, `/customers/ext_ann/journey?cursor=${cursor}`)).toEqual({
      status: 400,
      code: "VALIDATION_ERROR",
      fields: ["cursor"],
    });
  expect((await failure(world, "/customers/ext_ann/journey?start=x&limit=1001&summary=yes")).fields.sort()).toEqual([
    "limit",
    "start",
    "summary",
  ]);
  expect((await failure(world, "/customers/ext_ann/journey?start=x&end=y")).fields).toEqual(["start", "end"]);
});

test("a cursor says its place in log order, whatever the key", () => {
  for (const key of ["o-1", "", "\u{1F600} “”", "a".repeat(300)])
    expect(parseCursor(toCursor({ at: -5, type: 4, key }))).toEqual({ at: -5, type: 4, key });
});

test("a conversion that names a click is no touch of its own, wherever it says that it came from", async () => {
  const world = open();
  await record(
    world,
    ann("click", "2026-01-01T10:00:00Z", { clickId: "c-1", source: "google" }),
    ann("lead", "2026-01-02T10:00:00Z", { eventId: "l-1", clickId: "c-1", source: "other" }),
    ann("sale", "2026-01-03T10:00:00Z", { orderId: "o-1", value: 10 }),
  );
  expect((await ask(world)).summary.touchesBeforeFirstSale).toBe(1);
});
