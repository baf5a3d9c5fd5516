// Does a customer's attribution follow their clicks, sales and refunds?

import { afterEach, expect, test } from "bun:test";
import { MODELS } from "../../../src/credit/model.ts";
import type { AttributionAnswer } from "../../../src/report/attribution/answer.ts";
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

const bySource = ({ sources }: AttributionAnswer) =>
  sources.map(({ key, touches, clicks, sales, revenue }) => [key, touches, clicks, sales, revenue]);

test("a conversion that says where it came from is a touch, and a sale can be its own", async () => {
  const world = open();
  await record(
    world,
    ann("lead", "2026-01-01T00:00:00Z", { eventId: "l-1", source: "fair", status: "rejected" }),
    ann("custom", "2026-01-02T00:00:00Z", { event: "trial", eventId: "t-1", campaign: "spring" }),
    ann("sale", "2026-01-03T00:00:00Z", { orderId: "o-1", value: 3 }),
    ann("sale", "2026-01-03T00:00:00Z", { orderId: "o-2", value: 4, url: "https://shop.example/?utm_source=mail" }),
    ann("custom", "2026-01-03T00:00:00Z", { event: "later in log order", eventId: "t-2", link: "/l" }),
    ann("lead", "2026-01-04T00:00:00Z", { eventId: "l-2", clickId: "unknown", source: "not a touch: it names a click" }),
  );
  const answer = await ask(world, "?model=linear&explain=true");
  expect(bySource(answer)).toEqual(
    [
      ["(direct)", 2, 0, 0.8333, 2.83],
      ["fair", 1, 0, 0.8334, 2.84],
      ["mail", 1, 0, 0.3333, 1.33],
    ].sort((a, b) => Number(b[4]) - Number(a[4])),
  );
  expect([answer.touches, answer.clicks, answer.firstTouch?.type, answer.lastTouch?.type]).toEqual([4, 0, "lead", "custom"]);
  expect(answer.explain?.sales.map(({ touches }) => touches.map(({ type }) => type))).toEqual([
    ["lead", "custom"],
    ["lead", "custom", "sale"],
  ]);
});

test("what says the same source and campaign within 30 minutes is the same visit, whatever it was that said so before", async () => {
  const told = (rest: Record<string, unknown>) => ({ source: "google", campaign: "nov", ...rest });
  const touches = async (...entries: Record<string, unknown>[]) => {
    const world = open();
    await record(world, ...entries);
    const answer = await ask(world);
    const { data } = (await world.request("GET", "/customers/ext_ann/journey?summary=true")).body as {
      data: { summary: { touchesBeforeFirstSale: number | null } };
    };
    return [answer.touches, data.summary.touchesBeforeFirstSale];
  };
  const click = ann("click", "2026-01-01T00:00:00Z", told({ clickId: "c-1" }));
  const lead = (minute: string, rest: Record<string, unknown> = {}) =>
    ann("lead", `2026-01-01T00:${minute}Z`, told({ eventId: `l-${minute}`, ...rest }));
  const sale = (at: string, rest: Record<string, unknown> = {}) => ann("sale", at, told({ orderId: "o-1", value: 1, ...rest }));
  expect(await touches(click, lead("30:00"))).toEqual([1, null]);
  expect(await touches(click, lead("30:00.001"))).toEqual([2, null]);
  expect(await touches(click, lead("10:00", { source: "bing" }), lead("20:00"))).toEqual([2, null]);
  expect(await touches(click, lead("10:00", { campaign: null }))).toEqual([2, null]);
  // Each visit that is told again begins the 30 minutes again, a touch or not, with a click or without.
  expect(await touches(click, lead("20:00"), lead("40:00"), sale("2026-01-01T01:10:00Z"))).toEqual([1, 1]);
  expect(await touches(lead("00:00", { clickId: "unknown" }), sale("2026-01-01T00:30:00Z"))).toEqual([0, 0]);
  expect(await touches(lead("00:00", { clickId: "unknown" }), sale("2026-01-01T00:30:00.001Z"))).toEqual([1, 1]);
  // A click is always a touch, and only what is before in log order matters.
  expect(await touches(click, ann("click", "2026-01-01T00:00:00Z", told({ clickId: "c-2" })))).toEqual([2, null]);
  expect(await touches(sale("2026-01-01T00:00:00Z"), ann("custom", "2026-01-01T00:00:00Z", told({ event: "e", eventId: "x" })))).toEqual([
    1, 1,
  ]);
});

test("a creation with a source or campaign is a touch, unless it names a click", async () => {
  const world = open();
  const create = (body: Record<string, unknown>) =>
    world.request("POST", "/customers", { externalId: "ann", createdAt: "2026-01-01T00:00:00Z", ...body });
  await create({ source: "crm" });
  await record(
    world,
    ann("sale", "2026-01-01T00:00:00Z", { orderId: "before", value: 1 }),
    ann("sale", "2026-01-02T00:00:00Z", { orderId: "after", value: 2 }),
  );
  const answer = await ask(world);
  expect(bySource(answer)).toEqual([
    ["crm", 1, 0, 1, 2],
    ["(direct)", 0, 0, 1, 1],
  ]);
  expect(answer.firstTouch).toEqual({
    type: "creation",
    clickId: null,
    timestamp: "2026-01-01T00:00:00.000Z",
    link: null,
    campaign: null,
    source: "crm",
    medium: null,
  });
  await world.request("POST", "/customers", { externalId: "bob", source: "crm", clickId: "c-1" });
  const bob = await report<AttributionAnswer>(world, "/customers/:id/attribution", "/customers/ext_bob/attribution");
  expect([bob.touches, bob.firstTouch]).toEqual([0, null]);
});

test("a list has at most 1,000 rows, and the last one holds the rest, so that sums stay exact", async () => {
  const world = open();
  const clicks = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      ann("click", new Date(Date.parse("2026-01-01T00:00:00Z") + n * 1000).toISOString(), {
        clickId: `c-${n}`,
        link: `/${n}`,
        source: `s-${n}`,
      }),
    );
  const all = clicks(1001);
  await record(world, ...all.slice(0, 1000));
  expect((await ask(world)).links.at(-1)?.key).toBe("/999");
  await record(world, ...all.slice(1000), ann("sale", "2026-01-02T00:00:00Z", { orderId: "o-1", value: 100.07 }));
  const answer = await ask(world, "?model=linear");
  for (const list of [answer.links, answer.sources]) {
    expect(list.length).toBe(1000);
    expect(list.reduce((sum, row) => sum + Math.round(row.revenue * 100), 0)).toBe(10_007);
    expect(list.reduce((sum, row) => sum + Math.round(row.sales * 10_000), 0)).toBe(10_000);
  }
  expect(answer.links.at(-1)).toMatchObject({
    key: "(other)",
    touches: 2,
    clicks: 2,
    firstAt: "2026-01-01T00:16:38.000Z",
    lastAt: "2026-01-01T00:16:39.000Z",
    revenue: 0.18,
  });
  const { data } = (await world.request("GET", "/customers/ext_ann/journey?summary=true")).body as {
    data: { summary: { sources: string[] } };
  };
  expect([data.summary.sources.length, ...data.summary.sources.slice(-2)]).toEqual([1000, "s-998", "(other)"]);
});

test("a customer without clicks has no touches, and a row for their sales", async () => {
  const world = open();
  await record(world, ann("sale", "2026-01-03T00:00:00Z", { orderId: "o-1", value: 1 }));
  const none = { touches: 0, clicks: 0, firstAt: null, lastAt: null, sales: 1, revenue: 1 };
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
