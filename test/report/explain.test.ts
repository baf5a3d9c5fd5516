// Is each ratio what its explanation says, and does each report name its rules with their sections?
import { afterAll, describe, expect, test } from "bun:test";
import { openWorld } from "../harness.ts";
import { readGolden, tellSmallWorld } from "../told.ts";
import { report } from "./ask.ts";

interface Quotient {
  numerator: number;
  denominator: number;
}

const isQuotient = (value: unknown): value is Quotient => typeof value === "object" && value !== null && "numerator" in value;

/** Every object of an answer that has figures explained. */
function explained(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(explained);
  if (typeof value !== "object" || value === null) return [];
  const within = Object.entries(value).flatMap(([name, inner]) => (name === "explain" ? [] : explained(inner)));
  return "explain" in value ? [value as Record<string, unknown>, ...within] : within;
}

/** A quotient of cents or counts rounded half away from zero at so many decimals, by whole numbers. */
function rounded({ numerator, denominator }: Quotient, decimals: number): number | null {
  if (denominator === 0) return null;
  const cents = BigInt(Math.round(numerator * 100)) * 10n ** BigInt(decimals);
  const divisor = BigInt(denominator) * 100n;
  const size = (2n * (cents < 0n ? -cents : cents) + divisor) / (2n * divisor);
  return (Number(size) * (cents < 0n ? -1 : 1)) / 10 ** decimals || 0;
}

const RATIOS = ["conversionRate", "repeatRate", "retention"];

/** How many quotients were looked at. */
function checkQuotients(answer: unknown): number {
  let seen = 0;
  for (const row of explained(answer))
    for (const [name, quotient] of Object.entries(row.explain as object)) {
      if (!isQuotient(quotient)) continue;
      seen++;
      expect([name, quotient, row[name]]).toEqual([name, quotient, rounded(quotient, RATIOS.includes(name) ? 4 : 2)]);
    }
  return seen;
}

describe("the small world", async () => {
  const told = await tellSmallWorld();
  afterAll(() => told[Symbol.dispose]());
  const { requests } = await readGolden("small-world");
  for (const { path, status } of requests)
    if (status === 200 && /^\/customers\/((ltv-)?cohorts|revenue)/.test(path))
      test(`${path}: numerator ÷ denominator is the figure`, async () => {
        const plain = await told.api.ask(path);
        const full = await told.api.ask(`${path}${path.includes("?") ? "&" : "?"}explain=true`);
        expect(checkQuotients(full)).toBeGreaterThan(0);
        const bare = JSON.parse(JSON.stringify(full, (name, value: unknown) => (["explain", "rules"].includes(name) ? undefined : value)));
        expect(bare).toEqual(plain as object);
      });
});

describe("a workspace that can be worked out by hand", async () => {
  const world = openWorld({ config: { timezone: "Europe/Berlin", currency: "EUR", snapshotTtl: 30 }, now: "2026-03-01T00:00:00Z" });
  afterAll(world.close);
  const sale = (externalId: string, orderId: string, timestamp: string, value: number) => ({
    type: "sale",
    externalId,
    orderId,
    timestamp,
    value,
  });
  await world.request("POST", "/events", [
    sale("ann", "1", "2026-01-10T00:00:00Z", 10),
    sale("ann", "2", "2026-02-10T00:00:00Z", 5),
    sale("bob", "3", "2026-01-11T00:00:00Z", 0.01),
    { type: "click", externalId: "cleo", clickId: "c", timestamp: "2026-01-12T00:00:00Z" },
  ]);
  await world.request("DELETE", "/customers/ext_ann");
  type Explained = { explain: Record<string, unknown>; rules: Record<string, { rule: string; section: string }> };

  test("says what a cohort's figures are made of, and who was erased", async () => {
    const { cohorts } = await report<{ cohorts: Explained[] }>(
      world,
      "/customers/cohorts",
      "/customers/cohorts?group_by=month&explain=true",
    );
    expect(cohorts[0]?.explain).toEqual({
      conversionRate: { numerator: 2, denominator: 3 },
      averageOrderValue: { numerator: 15.01, denominator: 3 },
      ltv: { numerator: 15.01, denominator: 3 },
      revenuePerPayingCustomer: { numerator: 15.01, denominator: 2 },
      repeatRate: { numerator: 1, denominator: 2 },
      erased: {
        customers: 1,
        leads: 0,
        payingCustomers: 1,
        repeatCustomers: 1,
        sales: 2,
        grossRevenue: 15,
        refunds: 0,
        revenue: 15,
      },
      people: {
        customers: "/customers?month=2026-01",
        leads: "/customers?month=2026-01&lead=true",
        payingCustomers: "/customers?month=2026-01&paying=true",
        repeatCustomers: "/customers?month=2026-01&minSales=2",
      },
    });
  });

  test("says what a period of revenue is made of, and who was erased", async () => {
    const path = "/customers/revenue?start=2026-01-11T00:00:00Z&explain=true";
    const { periods } = await report<{ periods: Explained[] }>(world, "/customers/revenue", path);
    expect(periods[0]?.explain).toEqual({
      averageOrderValue: { numerator: 0.01, denominator: 1 },
      erased: { newCustomers: 0, newPayingCustomers: 0 },
      people: {
        newCustomers: "/customers?firstTouchAfter=2026-01-11T00%3A00%3A00.000Z&firstTouchBefore=2026-01-31T23%3A00%3A00.000Z",
        newPayingCustomers: "/customers?firstSaleAfter=2026-01-11T00%3A00%3A00.000Z&firstSaleBefore=2026-01-31T23%3A00%3A00.000Z",
      },
    });
    const all = await report<{ totals: Explained }>(world, "/customers/revenue", "/customers/revenue?explain=true");
    expect(all.totals.explain).toMatchObject({
      erased: { newCustomers: 1, newPayingCustomers: 1 },
      people: { newCustomers: "/customers", newPayingCustomers: "/customers?paying=true" },
    });
  });

  test("says what a curve's cells are made of, and who was erased; nothing of a cell to come", async () => {
    const path = "/customers/ltv-cohorts?months=3&end=2026-03&explain=true";
    const { cohorts, average } = await report<{ cohorts: (Explained & { periods: Explained[] })[]; average: Explained[] }>(
      world,
      "/customers/ltv-cohorts",
      path,
    );
    expect(cohorts[0]?.explain).toEqual({ erased: { customers: 1 }, people: { customers: "/customers?month=2026-01" } });
    expect(cohorts[0]?.periods[1]?.explain).toEqual({
      ltv: { numerator: 15.01, denominator: 3 },
      retention: { numerator: 1, denominator: 3 },
      erased: { activeCustomers: 1, payingCustomers: 1, revenue: 5, cumulativeRevenue: 15 },
      people: {
        activeCustomers: "/customers?month=2026-01&activePeriod=1&period=calendar&end=2026-03",
        payingCustomers: "/customers?month=2026-01&firstSaleWithin=1&period=calendar&end=2026-03",
      },
    });
    expect(cohorts[2]?.periods[1]?.explain).toBeUndefined();
    expect(average[0]?.explain).toEqual({ ltv: { numerator: 10.01, denominator: 3 } });
  });

  for (const [route, path, own] of [
    ["/customers/cohorts", "/customers/cohorts", ["anchor", "range", "clock", "leads", "paying", "refunds"]],
    ["/customers/revenue", "/customers/revenue", ["anchor", "range", "clock", "firstSale", "refunds"]],
    ["/customers/ltv-cohorts", "/customers/ltv-cohorts", ["anchor", "members", "period", "clock", "status", "refunds", "average"]],
    [
      "/customers/:id/attribution",
      "/customers/ext_bob/attribution",
      ["anchor", "window", "model", "shares", "refunds", "clock", "untouched"],
    ],
  ] as const)
    test(`${route} names its rules, zone and currency among them, each with its section`, async () => {
      const { rules } = await report<Explained>(world, route, `${path}?explain=true`);
      expect(Object.keys(rules).sort()).toEqual([...own, "zone", "currency", "revenue", "rounding", "erasure"].sort());
      for (const { rule, section } of Object.values(rules))
        expect([rule.length > 20, section]).toEqual([true, expect.stringMatching(/^§([1-9]|10)$/)]);
      expect(rules.zone?.rule).toContain("Europe/Berlin");
      expect(rules.currency?.rule).toContain("EUR");
    });

  test("keeps explained and plain answers apart", async () => {
    const lengths: number[] = [];
    for (const query of ["?explain=true", "", "?explain=true", "?explain=false"])
      lengths.push((await world.request("GET", `/customers/cohorts${query}`)).text.length);
    expect([lengths[0] === lengths[2], lengths[1] === lengths[3], Number(lengths[0]) > Number(lengths[1])]).toEqual([true, true, true]);
  });
});
