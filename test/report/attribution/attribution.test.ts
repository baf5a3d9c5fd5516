// Does a customer's attribution follow their clicks, sales and refunds?

import { afterEach, expect, test } from "bun:test";
import type { AttributionAnswer } from "../../../src/report/attribution/answer.ts";
import { MODELS } from "../../../src/report/attribution/model.ts";
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
const ask = (world: World, query = ""): Promise<AttributionAnswer> =>
  report<AttributionAnswer>(world, "/customers/:id/attribution", `/customers/ext_ann/attribution${query}`);
const ann = (type: string, timestamp: string, rest: Record<string, unknown> = {}) => ({ type, timestamp, externalId: "ann", ...rest });

test("net values are shared, of counted and converted sales alone", async () => {
  const world = open();
  await record(
    world,
    ann("click", "2026-01-01T00:00:00Z", { clickId: "c-1", link: "/a", source: "google" }),
    ann("click", "2026-01-02T00:00:00Z", { clickId: "c-2", link: "/b", campaign: "spring" }),
    ann("sale", "2026-01-03T00:00:00Z", { orderId: "o-1", value: 10 }),
    ann("refund", "2026-02-20T00:00:00Z", { orderId: "o-1", eventId: "r-1", value: 2.5 }),
    ann("sale", "2026-01-04T00:00:00Z", { orderId: "o-2", value: 99, status: "pending" }),
    ann("sale", "2026-01-05T00:00:00Z", { orderId: "o-3", value: 500, currency: "JPY" }),
    ann("sale", "2026-02-15T00:00:00Z", { orderId: "o-4", value: 4 }),
  );
  const answer = await ask(world, "?model=linear");
  expect(answer).toMatchObject({ model: "linear", windowDays: 30, revenue: 11.5, clicks: 2 });
  expect(answer.unconverted).toEqual([{ currency: "JPY", sales: 1, grossRevenue: 500, refunds: 0, revenue: 500 }]);
  expect(answer.links.map(({ key, clicks, sales, revenue }) => [key, clicks, sales, revenue])).toEqual([
    ["(none)", 0, 1, 4],
    ["/a", 1, 0.5, 3.75],
    ["/b", 1, 0.5, 3.75],
  ]);
  expect(answer.campaigns.map(({ key, clicks, sales, revenue }) => [key, clicks, sales, revenue])).toEqual([
    ["(none)", 1, 1.5, 7.75],
    ["spring", 1, 0.5, 3.75],
  ]);
  expect(answer.sources.map(({ key, clicks, sales, revenue }) => [key, clicks, sales, revenue])).toEqual([
    ["(direct)", 1, 1.5, 7.75],
    ["google", 1, 0.5, 3.75],
  ]);
  for (const model of MODELS) {
    const each = await ask(world, `?model=${model}&window_days=365`);
    for (const list of [each.links, each.campaigns, each.sources]) {
      expect(list.reduce((sum, row) => sum + Math.round(row.revenue * 100), 0)).toBe(1150);
      expect(list.reduce((sum, row) => sum + Math.round(row.sales * 10_000), 0)).toBe(20_000);
    }
  }
});

test("the last touch is the latest click up to the latest conversion of any status", async () => {
  const world = open();
  await record(world, ann("click", "2026-01-01T00:00:00Z", { clickId: "c-1" }), ann("click", "2026-01-03T00:00:00Z", { clickId: "c-2" }));
  expect((await ask(world)).lastTouch?.clickId).toBe("c-2");
  await record(world, ann("lead", "2026-01-02T00:00:00Z", { eventId: "l-1", status: "fraud" }));
  expect(await ask(world)).toMatchObject({ firstTouch: { clickId: "c-1" }, lastTouch: { clickId: "c-1" }, revenue: 0 });
  await record(world, ann("sale", "2026-01-03T00:00:00Z", { orderId: "o-1", value: 1, status: "pending" }));
  expect((await ask(world)).lastTouch?.clickId).toBe("c-2");
});

test("a customer without clicks has no touches, and a row for their sales", async () => {
  const world = open();
  await record(world, ann("sale", "2026-01-03T00:00:00Z", { orderId: "o-1", value: 1 }));
  const none = { clicks: 0, firstAt: null, lastAt: null, sales: 1, revenue: 1 };
  expect(await ask(world)).toMatchObject({
    firstTouch: null,
    lastTouch: null,
    links: [{ key: "(none)", ...none }],
    sources: [{ key: "(direct)", ...none }],
  });
});

test("what cannot be asked is refused", async () => {
  const world = open();
  expect(await failure(world, "/customers/ext_ann/attribution")).toMatchObject({ status: 404, code: "NOT_FOUND" });
  expect((await failure(world, "/customers/ext_ann/attribution?model=best&window_days=366")).fields).toEqual(["model", "window_days"]);
});
