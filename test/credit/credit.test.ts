// Is each sale shared among its touches exactly?
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { creditSales } from "../../src/credit/credit.ts";
import { openDecay } from "../../src/credit/decay.ts";
import { MODELS, type Model } from "../../src/credit/model.ts";
import { runsByPlace, shareRuns } from "../../src/credit/run.ts";
import { openShares } from "../../src/credit/shares.ts";
import { decayOf, weightsByAge } from "../../src/credit/weight.ts";
import { share } from "../../src/value/money.ts";

const DAY = 86_400_000;
/** A sale that takes every touch up to its instant. */
const saleAt = (at: number, netMinor: number, touchedAt: readonly number[]) => ({
  at,
  netMinor,
  touchesUpTo: touchedAt.filter((each) => each <= at).length,
});
const money = async (model: Model, netMinor: number, touchedAt: number[], at: number, windowDays = 30) => [
  ...(await creditSales([saleAt(at, netMinor, touchedAt)], touchedAt, model, windowDays)).netMinor,
];

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
    const run = fc.record({ count: fc.integer({ min: 1, max: 5 }), weight: fc.integer({ min: 0, max: 9 }) });
    const runs = fc.array(run, { minLength: 1, maxLength: 5 }).filter((all) => all.some(({ weight }) => weight > 0));
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 0, max: 500 }), fc.maxSafeNat()), runs, (total, all) => {
        const shared = shareRuns(total, all).flatMap(({ each, extra }, index) =>
          Array.from({ length: all[index]?.count ?? 0 }, (_, place) => (place < extra ? each + 1 : each)),
        );
        const weights = all.flatMap(({ count, weight }) => new Array<bigint>(count).fill(BigInt(weight)));
        expect(shared).toEqual(share(BigInt(total), weights).map(Number));
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
    expect(await money("linear", 100, [at - 3 * DAY, at - 2 * DAY, at - DAY], at)).toEqual([34, 33, 33]);
    expect(
      await money(
        "position",
        33,
        [1, 2, 3, 4, 5].map((day) => at - (6 - day) * DAY),
        at,
      ),
    ).toEqual([14, 2, 2, 2, 13]);
    expect(await money("time_decay", 10_000, [at - 21 * DAY, at - 14 * DAY, at - 7 * DAY], at)).toEqual([1429, 2857, 5714]);
    expect(await money("first", 7, [at - DAY, at], at)).toEqual([7, 0]);
    expect(await money("last", 7, [at - DAY, at], at)).toEqual([0, 7]);
  });

  test("look back over a window that is closed at both ends", async () => {
    const touchedAt = [at - 30 * DAY - 1, at - 30 * DAY, at, at + 1];
    const { netMinor, isCredited, none } = await creditSales([saleAt(at, 9, touchedAt)], touchedAt, "linear", 30);
    expect([...netMinor]).toEqual([0, 5, 4, 0]);
    expect([...isCredited]).toEqual([0, 1, 1, 0]);
    expect(none.sales).toBe(0);
    expect((await creditSales([saleAt(at, 9, [at + 1])], [at + 1], "first", 30)).none).toEqual({ netMinor: 9, sales: 10_000 });
  });

  test("add up to the sales exactly under every model, whatever the touches", async () => {
    const ascending = (most: number) =>
      fc.array(fc.integer({ min: 0, max: 200 * DAY }), { maxLength: most }).map((all) => all.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...MODELS),
        ascending(12),
        ascending(6),
        fc.array(fc.integer({ min: 0, max: 10 ** 15 }), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 365 }),
        async (model, touchedAt, soldAt, values, windowDays) => {
          const sales = soldAt.map((each, index) => saleAt(each, values[index] ?? 0, touchedAt));
          const { netMinor, sales: ofSales, none } = await creditSales(sales, touchedAt, model, windowDays);
          const sum = (values: Iterable<number>) => [...values].reduce((all, value) => all + value, 0);
          expect(sum(netMinor) + none.netMinor).toBe(sum(sales.map((sale) => sale.netMinor)));
          expect(sum(ofSales) + none.sales).toBe(10_000 * sales.length);
          expect(Math.min(0, ...netMinor, ...ofSales)).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("by age are those of exact weights, also where doubles cannot tell", () => {
    const steps = fc.constantFrom(0, 0, 1, 1000, DAY, 7 * DAY, 3 * DAY + 12_345);
    let ties = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1.7e12 }),
        fc.array(steps, { minLength: 1, maxLength: 40 }),
        fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(10_000), fc.integer({ min: 0, max: 1e6 }), fc.maxSafeNat()),
        (firstAt, gaps, total) => {
          let at = firstAt;
          const touchedAt = gaps.map((gap) => {
            at += gap;
            return at;
          });
          const got = openShares(touchedAt.length);
          openDecay(touchedAt).share(total, 0, touchedAt.length, got);
          const wanted = share(BigInt(total), weightsByAge(touchedAt.map(decayOf))).map(Number);
          expect([...got.added()]).toEqual(wanted);
          if (new Set(touchedAt).size < touchedAt.length) ties++;
        },
      ),
      { numRuns: 3000 },
    );
    expect(ties).toBeGreaterThan(100);
  });

  test("by age are those of exact weights for long rows of touches, few units and many, and windows decades apart", () => {
    const gap = fc.oneof(
      { weight: 400, arbitrary: fc.integer({ min: 1, max: 5 * 3_600_000 }) },
      { weight: 20, arbitrary: fc.constantFrom(0, 0, DAY, 7 * DAY) },
      { weight: 1, arbitrary: fc.constant(4000 * DAY) },
    );
    const total = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constant(10_000), fc.integer({ min: 1, max: 1e6 }), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(gap, { minLength: 100, maxLength: 700 }), fc.array(total, { minLength: 3, maxLength: 3 }), (gaps, totals) => {
        let at = 0;
        const touchedAt = gaps.map((each) => {
          at += each;
          return at;
        });
        const n = touchedAt.length;
        const decay = openDecay(touchedAt);
        totals.forEach((each, index) => {
          const until = Math.max(1, Math.floor((n * (index + 1)) / totals.length));
          const from = touchedAt.findIndex((touch) => touch >= (touchedAt[until - 1] ?? 0) - 60 * DAY);
          const got = openShares(n);
          decay.share(each, from, until, got);
          const wanted = share(BigInt(each), weightsByAge(touchedAt.slice(from, until).map(decayOf))).map(Number);
          expect([...got.added().slice(from, until)]).toEqual(wanted);
        });
      }),
      { numRuns: 60 },
    );
  });

  test("by age of touches at a few instants go by largest fraction, ties to the earlier", () => {
    const count = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(fc.array(count, { minLength: 2, maxLength: 9 }), fc.integer({ min: 1, max: 3000 }), (counts, total) => {
        const touchedAt = counts.flatMap((each, day) => new Array<number>(each).fill(day * DAY));
        const got = openShares(touchedAt.length);
        openDecay(touchedAt).share(total, 0, touchedAt.length, got);
        expect([...got.added()]).toEqual(share(BigInt(total), weightsByAge(touchedAt.map(decayOf))).map(Number));
      }),
      { numRuns: 1000 },
    );
  });
});
