// Does an explained attribution say what each touch got, and do its shares add up to the answer?

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

const ask = (world: World, query: string) =>
  report<AttributionAnswer>(world, "/customers/:id/attribution", `/customers/ext_ann/attribution?${query}`);

async function tell(): Promise<World> {
  const world = openWorld();
  worlds.push(world);
  const click = (clickId: string, day: string, source?: string) => ({
    type: "click",
    clickId,
    timestamp: `2026-01-${day}T00:00:00Z`,
    externalId: "ann",
    link: `https://go.example/${clickId}`,
    ...(source !== undefined && { source }),
  });
  await record(world, [
    click("a", "01", "google"),
    click("b", "08", "bing"),
    click("c", "15"),
    click("d", "17", "google"),
    { type: "sale", orderId: "early", externalId: "ann", timestamp: "2025-12-31T00:00:00Z", value: 5 },
    { type: "sale", orderId: "one", externalId: "ann", timestamp: "2026-01-15T00:00:00Z", value: 10 },
    { type: "refund", orderId: "one", eventId: "r", timestamp: "2026-02-15T00:00:00Z", value: 0.01 },
    { type: "sale", orderId: "two", externalId: "ann", timestamp: "2026-01-20T00:00:00Z", value: 100 },
    { type: "sale", orderId: "left-out", externalId: "ann", timestamp: "2026-01-20T00:00:00Z", value: 100, status: "fraud" },
  ]);
  return world;
}

const shares = (answer: AttributionAnswer) =>
  answer.explain?.sales.map(({ orderId, touches }) => [
    orderId,
    touches.map(({ clickId, weight, shareMinor }) => [clickId, weight, shareMinor]),
  ]);

test("each counted sale comes with its touches, their exact weights and their shares in minor units", async () => {
  const world = await tell();
  expect(shares(await ask(world, "model=position&explain=true"))).toEqual([
    ["early", []],
    [
      "one",
      [
        ["a", "2/5", 400],
        ["b", "1/5", 200],
        ["c", "2/5", 399],
      ],
    ],
    [
      "two",
      [
        ["a", "2/5", 4000],
        ["b", "1/10", 1000],
        ["c", "1/10", 1000],
        ["d", "2/5", 4000],
      ],
    ],
  ]);
  expect(shares(await ask(world, "model=time_decay&explain=true"))?.[1]).toEqual([
    "one",
    [
      ["a", "1/7", 143],
      ["b", "2/7", 285],
      ["c", "4/7", 571],
    ],
  ]);
  const [, , two] = (await ask(world, "model=time_decay&explain=true&window_days=4")).explain?.sales ?? [];
  expect(two?.touches.map(({ weight }) => weight)).toEqual(["1"]);
  const decimals = (await ask(world, "model=time_decay&explain=true&window_days=5")).explain?.sales[2]?.touches ?? [];
  expect(decimals.map(({ weight }) => weight)).toEqual(["0.45065067450362475535", "0.54934932549637524464"]);
});

test("a sale says what it was worth, net of its refunds, and how far it looks back", async () => {
  const { explain, rules } = await ask(await tell(), "explain=true&window_days=7");
  expect(explain?.sales[1]).toMatchObject({
    orderId: "one",
    timestamp: "2026-01-15T00:00:00.000Z",
    lookback: "2026-01-08T00:00:00.000Z",
    value: 10,
    refunds: 0.01,
    net: 9.99,
    netMinor: 999,
  });
  expect(explain?.sales[1]?.touches.map(({ clickId, weight, saleShare }) => [clickId, weight, saleShare])).toEqual([
    ["b", "0", 0],
    ["c", "1", 10_000],
  ]);
  expect((rules as Record<string, unknown>).window).toEqual({
    rule: "A sale's touches are those in the 7 × 24 hours up to it, both ends included. It can be its own touch.",
    section: "§9",
  });
});

for (const model of MODELS)
  test(`the shares under ${model} add up to the sales, and to the rows`, async () => {
    const answer = await ask(await tell(), `model=${model}&explain=true`);
    const bySource = new Map<string, [minor: number, sales: number]>();
    for (const sale of answer.explain?.sales ?? []) {
      const touches = sale.touches.length > 0 ? sale.touches : [{ source: null, shareMinor: sale.netMinor, saleShare: 10_000 }];
      expect(touches.reduce((sum, { shareMinor }) => sum + shareMinor, 0)).toBe(sale.netMinor);
      expect(touches.reduce((sum, { saleShare }) => sum + saleShare, 0)).toBe(10_000);
      for (const { source, shareMinor, saleShare } of touches) {
        const [minor, sales] = bySource.get(source ?? "(direct)") ?? [0, 0];
        bySource.set(source ?? "(direct)", [minor + shareMinor, sales + saleShare]);
      }
    }
    for (const { key, revenue, sales } of answer.sources)
      expect([key, ...(bySource.get(key) ?? [0, 0])]).toEqual([key, Math.round(revenue * 100), Math.round(sales * 10_000)]);
  });

test("without explain nothing is added", async () => {
  const answer = await ask(await tell(), "model=linear");
  expect([answer.rules, answer.explain]).toEqual([undefined, undefined]);
});

test("many sales come in pages, by the sale after which one begins", async () => {
  const world = await tell();
  const sales = Array.from({ length: 1500 }, (_, n) => ({
    type: "sale",
    orderId: `many-${n}`,
    externalId: "ann",
    timestamp: new Date(Date.parse("2026-01-10T00:00:00Z") + (n % 700) * 60_000).toISOString(),
    value: 1,
  }));
  await record(world, sales.slice(0, 1000));
  await record(world, sales.slice(1000));
  const first = await ask(world, "explain=true");
  expect(first.explain?.sales.length).toBe(1000);
  const second = await ask(world, `explain=true&cursor=${first.explain?.nextCursor}`);
  expect(second.explain?.nextCursor).toBeNull();
  const all = [...(first.explain?.sales ?? []), ...(second.explain?.sales ?? [])];
  expect(new Set(all.map(({ id }) => id)).size).toBe(1503);
  expect(all.reduce((sum, { netMinor }) => sum + netMinor, 0)).toBe(Math.round(first.revenue * 100));
});

test("a page is bounded by the length of what it lists, and a sale says what it does not list", async () => {
  const world = await tell();
  const link = (n: number) => `https://go.example/${n}/${"x".repeat(1900)}`;
  const clicks = Array.from({ length: 1200 }, (_, n) => ({
    type: "click",
    clickId: `long-${n}`,
    timestamp: new Date(Date.parse("2026-01-18T00:00:00Z") + n * 60_000).toISOString(),
    externalId: "ann",
    link: link(n),
  }));
  for (let from = 0; from < clicks.length; from += 400) await record(world, clicks.slice(from, from + 400));
  await record(world, [{ type: "sale", orderId: "three", externalId: "ann", timestamp: "2026-01-20T01:00:00Z", value: 10.01 }]);
  const sales: NonNullable<AttributionAnswer["explain"]>["sales"] = [];
  let [pages, cursor, revenue]: [number, string | null, number] = [0, "", 0];
  while (cursor !== null) {
    const answer: AttributionAnswer = await ask(world, `model=linear&explain=true${cursor && `&cursor=${cursor}`}`);
    expect(JSON.stringify(answer.explain).length).toBeLessThan(2_500_000);
    sales.push(...(answer.explain?.sales ?? []));
    cursor = answer.explain?.nextCursor ?? null;
    revenue = answer.revenue;
    pages += 1;
  }
  expect(pages).toBeGreaterThan(1);
  expect(sales.map(({ orderId }) => orderId)).toEqual(["early", "one", "two", "three"]);
  expect(sales.reduce((sum, { netMinor }) => sum + netMinor, 0)).toBe(Math.round(revenue * 100));
  const [, one, two] = sales;
  expect(one?.more).toBeUndefined();
  expect((two?.touches.length ?? 0) + (two?.more?.touches ?? 0)).toBe(4 + 1200);
  expect(two?.more?.touches).toBeGreaterThan(0);
  expect(two?.touches.reduce((sum, { shareMinor }) => sum + shareMinor, two.more?.shareMinor ?? 0)).toBe(two?.netMinor ?? 0);
  expect(two?.touches.reduce((sum, { saleShare }) => sum + saleShare, two.more?.saleShare ?? 0)).toBe(10_000);
});

test("a cursor is refused without explain, and when it is none", async () => {
  const world = await tell();
  const refused = { status: 400, code: "VALIDATION_ERROR", fields: ["cursor"] };
  expect(await failure(world, "/customers/ext_ann/attribution?cursor=ent_0000000001")).toEqual(refused);
  expect(await failure(world, "/customers/ext_ann/attribution?explain=true&cursor=nonsense")).toEqual(refused);
});
