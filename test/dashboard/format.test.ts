// Are amounts, shares and dates written exactly, in every currency, and without NaN, null or a minus before zero?
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import * as format from "../../src/dashboard/page/format.ts";
import { CURRENCIES } from "../../src/value/currency.ts";
import { decimalsOf } from "../../src/value/money.ts";

describe("money", () => {
  test.each([
    [80202.47, "USD", "$80,202.47"],
    [-12.5, "USD", "−$12.50"],
    [0, "USD", "$0.00"],
    [-0, "USD", "$0.00"],
    [1234, "JPY", "¥1,234"],
    [1.234, "KWD", "KWD 1.234"],
    [1e12, "USD", "$1,000,000,000,000.00"],
    [null, "USD", "–"],
    [undefined, "USD", "–"],
    [Number.NaN, "USD", "–"],
  ])("%p %s is %s", (value, currency, text) => {
    expect(format.money(value, currency).replace(/\u00a0/g, " ")).toBe(text);
  });

  test("has every digit of the amount, up to the largest of the API", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.constantFrom("USD", "JPY", "KWD"), (minor, currency) => {
        const decimals = decimalsOf(currency) ?? 0;
        const digits = format.money(minor / 10 ** decimals, currency).replace(/[^0-9−]/g, "");
        expect(Number(digits.replace("−", "-"))).toBe(minor === 0 ? 0 : minor);
      }),
    );
  });

  test("has as many decimals as the API's for every currency of ours that Intl writes alike", () => {
    const other = CURRENCIES.filter((currency) => format.decimalsOf(currency) !== decimalsOf(currency));
    // Intl follows CLDR, where some currencies are in use without the minor units that ISO 4217 gives them.
    expect(other.filter((currency) => ["USD", "EUR", "GBP", "JPY", "KWD", "CHF", "SEK"].includes(currency))).toEqual([]);
  });

  test("of a column is exact unless one of its amounts is large", () => {
    expect(format.moneyColumn([12.5, 9999.99, null], "USD")(12.5)).toBe("$12.50");
    expect(format.moneyColumn([12.5, 10_000], "USD")(12.5)).toBe("$13");
    expect(format.moneyColumn([-0.2, 10_000], "USD")(-0.2)).toBe("$0");
  });

  test("on an axis is short", () => {
    expect([0, 500, 15_000, 2_500_000].map((value) => format.shortMoney(value, "USD"))).toEqual(["$0", "$500", "$15k", "$2.5M"]);
  });
});

test("shares and changes", () => {
  expect([0.5312, 0, null].map((value) => format.percent(value))).toEqual(["53.1%", "0.0%", "–"]);
  expect([0.18, -0.02, 12.3, 0.004].map(format.change)).toEqual(["18%", "2.0%", "13×", "0.4%"]);
});

test("lengths of time are in their largest unit", () => {
  expect([1, 90_000, 3_600_000, 61_200_000, 86_400_000 * 16].map(format.duration)).toEqual([
    "under a minute",
    "1 minute",
    "1 hour",
    "17 hours",
    "16 days",
  ]);
  const now = Date.parse("2026-03-01T00:00:00Z");
  expect(["2026-02-13T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"].map((at) => format.ago(at, now))).toEqual([
    "16 days ago",
    "just now",
    "in 1 day",
  ]);
});

test("dates are those of the workspace's zone, across a change of clocks", () => {
  const berlin = format.dateFormat("Europe/Berlin");
  expect(berlin.moment("2026-03-28T23:30:00Z")).toBe("29 Mar 2026, 00:30");
  expect(berlin.moment("2026-03-29T23:30:00Z")).toBe("30 Mar 2026, 01:30");
  expect(berlin.plain("2026-12-31T23:00:00Z")).toBe("2027-01-01");
  expect(berlin.day(null)).toBe("–");
});

test("periods have names", () => {
  expect(["2026-03-18", "2026-03", "2026-W12", "2026-09"].map(format.period)).toEqual(["18 Mar 2026", "Mar 2026", "W12 2026", "Sep 2026"]);
  expect(["2026-03-18", "2026-03", "2026-W12"].map(format.shortPeriod)).toEqual(["18 Mar", "Mar", "W12"]);
});

test("initials are of any script, and never of marks", () => {
  expect(["Hana Ito", "ann@example.com", "東 京子", "<img onerror>", "…", "\u202Eabc"].map(format.initials)).toEqual([
    "HI",
    "AC",
    "東京",
    "IO",
    "?",
    "A",
  ]);
});
