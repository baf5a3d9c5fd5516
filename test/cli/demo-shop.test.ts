// Is the demo's shop believable, and the same every time?
import { describe, expect, test } from "bun:test";
import { toRates, toShop } from "../../src/intake/demo/shop.ts";

const NOW = Date.parse("2026-03-15T12:00:00Z");
const shop = toShop(NOW, "USD");

describe("the demo's shop", () => {
  test("has 2,000 customers over 14 months that end now, in order of time", () => {
    expect(new Set(shop.flatMap(({ externalId }) => externalId ?? [])).size).toBe(2000);
    const times = shop.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted());
    expect(times[0]?.slice(0, 7)).toBe("2025-01");
    expect(Date.parse(times.at(-1) ?? "")).toBeLessThanOrEqual(NOW);
    expect(Date.parse(times.at(-1) ?? "")).toBeGreaterThan(NOW - 86_400_000);
  });

  test.each(["2026-03-15T12:00:00Z", "2026-01-31T23:00:00Z", "2026-06-03T08:00:00Z", "2028-03-01T22:00:00Z"])(
    "has customers and counted sales in each of the 14 months that end at %s",
    (now) => {
      const at = new Date(now);
      const months = Array.from({ length: 14 }, (_, back) =>
        new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
      );
      const entries = toShop(at.getTime(), "USD");
      const monthsOf = (types: readonly string[]) =>
        new Set(entries.filter(({ type, status }) => types.includes(type) && !status).map(({ timestamp }) => timestamp.slice(0, 7)));
      expect(months.filter((month) => !monthsOf(["sale"]).has(month))).toEqual([]);
      expect(months.filter((month) => !monthsOf(["lead"]).has(month))).toEqual([]);
    },
  );

  test("has clicks, leads, sales, refunds, several currencies, statuses and repeat buyers", () => {
    const count = (type: string): number => shop.filter((entry) => entry.type === type).length;
    expect(count("click")).toBeGreaterThan(2000);
    expect(count("lead")).toBeGreaterThan(1500);
    expect(count("sale")).toBeGreaterThan(1000);
    expect(count("refund")).toBeGreaterThan(40);
    expect(count("custom")).toBeGreaterThan(500);
    expect(new Set(shop.flatMap(({ currency }) => currency ?? []))).toEqual(new Set(["USD", "EUR", "GBP", "JPY"]));
    expect(new Set(shop.flatMap(({ type, status }) => (type === "sale" ? (status ?? []) : [])))).toEqual(
      new Set(["pending", "rejected", "fraud"]),
    );
    const buyers = shop.flatMap(({ type, externalId }) => (type === "sale" ? externalId : []));
    expect(buyers.length).toBeGreaterThan(1.4 * new Set(buyers).size);
  });

  test("is the same every time", () => {
    expect(toShop(NOW, "USD")).toEqual(shop);
  });

  test("has a rate for every foreign currency before its first sale", () => {
    const rates = toRates(NOW, "EUR");
    expect(new Set(rates.map(({ currency }) => currency))).toEqual(new Set(["USD", "GBP", "JPY"]));
    expect(
      rates
        .map(({ date }) => date)
        .toSorted()[0]
        ?.localeCompare(shop[0]?.timestamp.slice(0, 10) ?? ""),
    ).toBe(-1);
    for (const { rate } of rates) expect(rate).toMatch(/^[0-9]+\.[0-9]{1,12}$/);
  });

  test("takes the reporting currency alone when it knows no rate for it", () => {
    expect(toRates(NOW, "CHF")).toEqual([]);
    expect(new Set(toShop(NOW, "CHF", 50).flatMap(({ currency }) => currency ?? []))).toEqual(new Set(["CHF"]));
  });
});
