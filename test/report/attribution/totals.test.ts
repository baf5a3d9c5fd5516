// Does the attribution of everybody's revenue add up each sale's shares, as plain loops do, and to the cent?

import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MODELS } from "../../../src/credit/model.ts";
import type { TotalsAnswer } from "../../../src/report/attribution/totals-answer.ts";
import { ADMIN_KEY, openWorld, type World } from "../../harness.ts";
import { attributionTotals, type Bounds } from "../../oracle/attribution-totals.ts";
import { randomLog } from "../../oracle/random-log.ts";
import { record } from "../../record-entries.ts";
import { tellLog } from "../../told.ts";
import { failure } from "../ask.ts";
import { ask, click, sale } from "./ask-totals.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});
function open(): World {
  const world = openWorld({ readWaitsMs: 10_000 }); // however busy the machine is
  worlds.push(world);
  return world;
}

async function tell(): Promise<World> {
  const world = open();
  await record(world, [
    click("ann", "a1", "01-20", "google"),
    click("ann", "a2", "01-31", "bing"),
    click("bob", "b1", "02-02", "google"),
    click("bob", "b2", "02-03", null),
    { type: "click", clickId: "nobody's", timestamp: "2026-02-03T00:00:00Z", source: "google" },
    sale("ann", "o-1", "02-01", 10),
    sale("ann", "o-2", "01-25", 1000),
    sale("bob", "o-3", "02-04", 0.05),
    sale("cleo", "o-4", "02-05", 7),
    sale("cleo", "o-5", "02-06", 9, { status: "pending" }),
    sale("cleo", "o-6", "02-06", 900, { currency: "JPY" }),
    { type: "refund", orderId: "o-1", eventId: "r-1", timestamp: "2026-02-20T00:00:00Z", value: 0.99 },
    { type: "refund", orderId: "o-6", eventId: "r-6", timestamp: "2026-02-20T00:00:00Z", value: 100 },
  ]);
  return world;
}
const brief = ({ rows }: TotalsAnswer) =>
  rows.map(({ key, touches, clicks, customers, sales, revenue }) => [key, touches, clicks, customers, sales, revenue]);

describe("a range", () => {
  test("selects sales by their time, which look back to before it; clicks are those in it", async () => {
    const answer = await ask(await tell(), "model=linear&start=2026-02-01&end=2026-02-14");
    expect(brief(answer)).toEqual([
      ["(direct)", 1, 1, 2, 1.5, 7.02],
      ["google", 1, 1, 2, 1, 4.54],
      ["bing", 0, 0, 1, 0.5, 4.5],
    ]);
    expect(answer.totals).toEqual({ touches: 2, clicks: 2, customers: 3, sales: 3, revenue: 16.06 });
    expect(answer.unconverted).toEqual([{ currency: "JPY", sales: 1, grossRevenue: 900, refunds: 100, revenue: 800 }]);
    expect([answer.start, answer.end]).toEqual(["2026-02-01T00:00:00.000Z", "2026-02-15T00:00:00.000Z"]);
  });

  test("without an end, or without a sale, is answered too", async () => {
    const world = await tell();
    expect((await ask(world, "start=2026-02-05")).totals).toEqual({ touches: 0, clicks: 0, customers: 1, sales: 1, revenue: 7 });
    expect(brief(await ask(world, "start=2026-03-01"))).toEqual([]);
    expect((await ask(world, "end=2026-01-31")).totals).toEqual({ touches: 2, clicks: 2, customers: 1, sales: 1, revenue: 1000 });
  });
});

describe("sales without a rate", () => {
  const jpy = (sales: number, grossRevenue: number, refunds: number) => [
    { currency: "JPY", sales, grossRevenue, refunds, revenue: grossRevenue - refunds },
  ];
  const unconverted = async (world: World, range: string) => (await ask(world, range)).unconverted;

  test("are listed by their own time, with all of their refunds", async () => {
    const world = await tell();
    await record(world, [{ type: "refund", orderId: "o-6", eventId: "r-early", timestamp: "2026-01-10T00:00:00Z", value: 5 }]);
    expect(await unconverted(world, "start=2026-02-06&end=2026-02-06")).toEqual(jpy(1, 900, 105));
    expect(await unconverted(world, "start=2026-01-01&end=2026-02-05")).toEqual([]);
    expect(await unconverted(world, "start=2026-02-07")).toEqual([]);
  });

  test("come from totals, and from the log where the range begins or ends within a day", async () => {
    const world = await tell();
    await ask(world, ""); // derives
    const { sqlite } = world.workspace.database;
    const day = (date: string) => Date.parse(date) / 86_400_000;
    const total = sqlite.prepare("INSERT INTO revenue_unconverted VALUES (?, ?, 'JPY', ?, ?, ?)");
    total.run(day("2026-02-10"), day("2026-02-10"), 2, 50, 0);
    total.run(day("2026-02-10"), day("2026-04-01"), 0, 0, 3);
    expect(await unconverted(world, "start=2026-02-06&end=2026-02-10")).toEqual(jpy(3, 950, 103));
    expect(await unconverted(world, "start=2026-02-05T22:00:00Z&end=2026-02-10")).toEqual(jpy(3, 950, 103));
    expect(await unconverted(world, "start=2026-02-06T00:00:01Z&end=2026-02-10")).toEqual(jpy(2, 50, 3));
    expect(await unconverted(world, "start=2026-02-01&end=2026-02-06T12:00:00Z")).toEqual(jpy(1, 900, 100));
  });
});

test("models stand side by side, rows by the revenue of the first", async () => {
  const { rows, totals } = await ask(await tell(), "start=2026-02-01&compare=first,last,linear");
  expect(
    rows.map(({ key, revenue, compare }) => [key, revenue, compare?.first?.revenue, compare?.last?.revenue, compare?.linear?.revenue]),
  ).toEqual([
    ["bing", 9.01, 0, 9.01, 4.5],
    ["(direct)", 7.05, 7, 7.05, 7.02],
    ["google", 0, 9.06, 0, 4.54],
  ]);
  expect(totals.revenue).toBe(16.06);
});

test("a window may be shorter, and rows may be fewer, while totals are over all", async () => {
  const answer = await ask(await tell(), "start=2026-02-01&window_days=1&limit=1&model=first");
  expect(brief(answer)).toEqual([["bing", 0, 0, 1, 1, 9.01]]);
  expect([answer.totals.revenue, answer.more]).toEqual([16.06, 2]);
  expect((await ask(await tell(), "start=2026-02-01&limit=3")).more).toBeUndefined();
});

test("the erased stay in it", async () => {
  const world = await tell();
  const before = await ask(world, "model=position");
  await world.request("DELETE", "/customers/ext_ann");
  expect(await ask(world, "model=position")).toEqual(before);
});

test("a customer with more entries than a page is taken whole, and others around them", async () => {
  const world = open();
  const many = Array.from({ length: 5500 }, (_, n) => ({
    type: "click",
    clickId: `c-${n}`,
    externalId: "busy",
    timestamp: new Date(Date.parse("2026-01-01T00:00:00Z") + Math.floor(n / 5) * 60_000).toISOString(),
    source: ["x", "y", "z"][n % 3],
  }));
  await record(world, [sale("before", "o-0", "01-02", 1)]);
  for (let from = 0; from < many.length; from += 1000) await record(world, many.slice(from, from + 1000));
  await record(world, [sale("busy", "o-1", "01-20", 11), sale("busy", "o-2", "01-01", 3), sale("after", "o-3", "01-02", 2)]);
  const answer = await ask(world, "model=linear");
  expect(answer.totals).toEqual({ touches: 5500, clicks: 5500, customers: 3, sales: 4, revenue: 17 });
  expect(answer.rows.reduce((sum, { revenue }) => sum + Math.round(revenue * 100), 0)).toBe(1700);
  expect(answer.rows.map(({ key, clicks }) => [key, clicks]).sort()).toEqual([
    ["(direct)", 0],
    ["x", 1834],
    ["y", 1833],
    ["z", 1833],
  ]);
});

test("what cannot be asked is refused with every bad parameter named; the scope is analytics:read", async () => {
  const world = open();
  const query = "group_by=medium&model=best&compare=first,first&window_days=0&start=x&end=y&limit=0&more=1";
  const { status, code, fields } = await failure(world, `/customers/attribution?${query}`);
  expect([status, code]).toEqual([400, "VALIDATION_ERROR"]);
  expect(fields.sort()).toEqual(["compare", "end", "group_by", "limit", "model", "more", "start", "window_days"]);
  for (const compare of ["", "first,", "first, last", "all"])
    expect((await failure(world, `/customers/attribution?compare=${compare}`)).fields).toEqual(["compare"]);
  expect(world.app.endpoints.find(({ method, path }) => method === "GET" && path === "/customers/attribution")?.admission).toBe(
    "analytics:read",
  );
  const { status: missing } = await world.request("GET", "/customers/attribution/attribution", undefined, {
    authorization: `Bearer ${ADMIN_KEY}`,
  });
  expect(missing).toBe(404);
});

const RANGES: Bounds[] = [
  [],
  ["2020-02-29", "2021-03-28"],
  ["2021-07-01T00:00:00.001Z"],
  [undefined, "2021-10-31"],
  ["2021-11-20", "2021-11-20"],
];

test("random logs come out as loops over everybody's entries have it, in every range under every model", async () => {
  let credited = 0;
  for (const log of fc.sample(randomLog, { numRuns: 10, seed: 815 })) {
    using told = await tellLog(log);
    for (const groupBy of ["source", "campaign", "link"] as const)
      for (const model of MODELS)
        for (const [index, [start, end]] of RANGES.entries()) {
          const windowDays = [30, 7, 365][index % 3] ?? 30;
          const query = new URLSearchParams({
            group_by: groupBy,
            model,
            window_days: String(windowDays),
            ...(start && { start }),
            ...(end && { end }),
          });
          const got = (await told.api.ask(`/customers/attribution?${query}`)) as TotalsAnswer;
          expect([String(query), brief(got)]).toEqual([
            String(query),
            attributionTotals(told.world, groupBy, model, windowDays, [start, end]),
          ]);
          credited += got.rows.length;
        }
  }
  expect(credited).toBeGreaterThan(1000);
});
