// Is each sale shared among its touches exactly?
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MODELS, type Model } from "../../src/attribution/answer.ts";
import { creditSales } from "../../src/attribution/credit.ts";
import { runsByPlace, shareRuns } from "../../src/attribution/run.ts";
import { decayOf, weightsByAge } from "../../src/attribution/weight.ts";
import { share } from "../../src/money.ts";

const DAY = 86_400_000;
const money = async (model: Model, netMinor: bigint, clickedAt: number[], at: number, windowDays = 30) =>
  (await creditSales([{ at, netMinor }], clickedAt, model, windowDays)).clicks.map((credit) => Number(credit.netMinor));

describe("weights", () => {
  test("by place are the 40/20/40 rule in integers", () => {
    const weights = (model: Exclude<Model, "time_decay">, n: number) =>
      runsByPlace(model, n).flatMap(({ count, weight }) => new Array(count).fill(Number(weight)));
    expect(weights("position", 1)).toEqual([1]);
    expect(weights("position", 2)).toEqual([1, 1]);
    expect(weights("position", 3)).toEqual([2, 1, 2]);
    expect(weights("position", 5)).toEqual([6, 1, 1, 1, 6]);
    expect(weights("first", 3)).toEqual([1, 0, 0]);
    expect(weights("last", 3)).toEqual([0, 0, 1]);
    expect(weights("last", 1)).toEqual([1]);
    expect(weights("linear", 3)).toEqual([1, 1, 1]);
  });

  test("in runs share as weights one by one do", () => {
    const run = fc.record({ count: fc.integer({ min: 1, max: 5 }), weight: fc.bigInt({ min: 0n, max: 9n }) });
    const runs = fc.array(run, { minLength: 1, maxLength: 5 }).filter((all) => all.some(({ weight }) => weight > 0n));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 500n }), runs, (total, all) => {
        const shared = shareRuns(total, all).flatMap(({ each, extra }, index) =>
          Array.from({ length: all[index]?.count ?? 0 }, (_, place) => (place < extra ? each + 1n : each)),
        );
        expect(shared).toEqual(
          share(
            total,
            all.flatMap(({ count, weight }) => new Array<bigint>(count).fill(weight)),
          ),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("by age halve exactly every 7 days, and are equal for equal ages", () => {
    const at = Date.parse("2026-01-01T12:34:56.789Z");
    const [old, middle, young, same] = weightsByAge([at - 14 * DAY, at - 7 * DAY, at, at].map(decayOf));
    expect(middle).toBe((old ?? 0n) * 2n);
    expect(young).toBe((old ?? 0n) * 4n);
    expect(same).toBe(young ?? 0n);
  });

  test("by age agree with doubles to 11 digits, over a year", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1.7e12 }), fc.integer({ min: 0, max: 365 * DAY }), (at, age) => {
        const [old, young] = weightsByAge([at, at + age].map(decayOf));
        const ratio = Number(((old ?? 0n) << 200n) / (young ?? 1n)) / 2 ** 200;
        expect(ratio / 2 ** (-age / (7 * DAY))).toBeCloseTo(1, 12);
      }),
    );
  });

  test("by age are exact far beyond doubles: 2^(1/7) to the seventh is 2", () => {
    const week = 7 * DAY;
    const root = decayOf(week + DAY).mantissa;
    expect(decayOf(week + DAY).exponent).toBe(1);
    let power = 1n << 160n;
    for (let times = 0; times < 7; times++) power = (power * root) >> 160n;
    const error = power - (2n << 160n);
    expect(error < 0n ? -error : error).toBeLessThan(1n << 12n);
  });
});

describe("shares", () => {
  const at = 100 * DAY;
  test("go by largest fraction, ties to the earlier touch", async () => {
    expect(await money("linear", 100n, [at - 3 * DAY, at - 2 * DAY, at - DAY], at)).toEqual([34, 33, 33]);
    expect(
      await money(
        "position",
        33n,
        [1, 2, 3, 4, 5].map((day) => at - (6 - day) * DAY),
        at,
      ),
    ).toEqual([14, 2, 2, 2, 13]);
    expect(await money("time_decay", 10_000n, [at - 21 * DAY, at - 14 * DAY, at - 7 * DAY], at)).toEqual([1429, 2857, 5714]);
    expect(await money("first", 7n, [at - DAY, at], at)).toEqual([7, 0]);
    expect(await money("last", 7n, [at - DAY, at], at)).toEqual([0, 7]);
  });

  test("look back over a window that is closed at both ends", async () => {
    const { clicks, none } = await creditSales([{ at, netMinor: 9n }], [at - 30 * DAY - 1, at - 30 * DAY, at, at + 1], "linear", 30);
    expect(clicks.map((credit) => Number(credit.netMinor))).toEqual([0, 5, 4, 0]);
    expect(none.sales).toBe(0n);
    expect((await creditSales([{ at, netMinor: 9n }], [at + 1], "first", 30)).none).toEqual({ netMinor: 9n, sales: 10_000n });
  });

  test("add up to the sales exactly under every model, whatever the clicks", async () => {
    const ascending = (most: number) =>
      fc.array(fc.integer({ min: 0, max: 200 * DAY }), { maxLength: most }).map((all) => all.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...MODELS),
        ascending(12),
        ascending(6),
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 365 }),
        async (model, clickedAt, soldAt, values, windowDays) => {
          const sales = soldAt.map((each, index) => ({ at: each, netMinor: values[index] ?? 0n }));
          const { clicks, none } = await creditSales(sales, clickedAt, model, windowDays);
          const all = [...clicks, none];
          expect(all.reduce((sum, credit) => sum + credit.netMinor, 0n)).toBe(sales.reduce((sum, sale) => sum + sale.netMinor, 0n));
          expect(all.reduce((sum, credit) => sum + credit.sales, 0n)).toBe(10_000n * BigInt(sales.length));
        },
      ),
      { numRuns: 500 },
    );
  });
});
