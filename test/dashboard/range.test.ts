// Are ranges the days that their names say, and is each compared with as many calendar units before it?
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  addDays,
  addMonths,
  daysIn,
  monthSpan,
  naturalGrouping,
  parseCustom,
  rangeBefore,
  rangeDates,
  toRange,
} from "../../src/dashboard/page/range.ts";

const TODAY = "2026-11-29";

describe("a range", () => {
  test.each([
    ["30d", "2026-10-31", "2026-11-29", { isOfDays: true }],
    ["90d", "2026-09-01", "2026-11-29", { isOfDays: true }],
    ["this-month", "2026-11-01", "2026-11-29"],
    ["last-month", "2026-10-01", "2026-10-31"],
    ["12m", "2025-12-01", "2026-11-29"],
    ["this-year", "2026-01-01", "2026-11-29"],
    ["last-year", "2025-01-01", "2025-12-31"],
    ["2026-02-01..2026-02-14", "2026-02-01", "2026-02-14"],
    ["nonsense", "2025-12-01", "2026-11-29"],
  ] as [string, string, string, object?][])("%s is %s to %s", (text, start, end, more = {}) => {
    expect(toRange(text, TODAY)).toEqual({ start, end, ...more });
  });

  test("of all time is open", () => {
    expect(toRange("all", TODAY)).toEqual({ start: undefined, end: undefined });
    expect(rangeBefore(toRange("all", TODAY), TODAY)).toBeUndefined();
  });

  test.each(["2026-02-30..2026-03-01", "2026-03-02..2026-03-01", "2026-3-2..2026-03-01", "..", "2026-13-01..2026-14-01"])(
    "%s is none",
    (text) => {
      expect(parseCustom(text)).toBeUndefined();
    },
  );
});

describe("the range before", () => {
  test.each([
    ["30d", "2026-10-01", "2026-10-30", "30 days before"],
    ["90d", "2026-06-03", "2026-08-31", "90 days before"], // which happen to begin with a month
    ["this-month", "2026-10-01", "2026-10-29", "month before"],
    ["last-month", "2026-09-01", "2026-09-30", "month before"],
    ["12m", "2024-12-01", "2025-11-29", "year before"],
    ["this-year", "2025-02-01", "2025-12-29", "11 months before"],
    ["last-year", "2024-01-01", "2024-12-31", "year before"],
    ["2026-02-01..2026-02-28", "2026-01-01", "2026-01-31", "month before"],
    ["2026-02-03..2026-02-09", "2026-01-27", "2026-02-02", "7 days before"],
  ])("%s is %s to %s", (text, start, end, name) => {
    expect(rangeBefore(toRange(text, TODAY), TODAY)).toEqual({ start, end, name });
  });

  test("of days ends the day before, and is as long", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 800 }), (from, length) => {
        const start = addDays("1980-01-02", from);
        const range = { start, end: addDays(start, length) };
        const before = rangeBefore(range, "1979-01-01");
        if (!before || before.name.includes("month") || before.name.includes("year")) return;
        expect(addDays(String(before.end), 1)).toBe(start);
        expect(daysIn(String(before.start), String(before.end))).toBe(length + 1);
      }),
    );
  });
});

test("a month that is too short ends on its last day", () => {
  expect([addMonths("2026-01-31", 1), addMonths("2024-03-31", -1), addMonths("2026-12-15", 1)]).toEqual([
    "2026-02-28",
    "2024-02-29",
    "2027-01-15",
  ]);
});

test("whole months are said as months", () => {
  expect(["12m", "last-month", "90d", "2026-02-03..2026-02-03"].map((text) => rangeDates(toRange(text, TODAY), TODAY))).toEqual([
    "Dec 2025 – Nov 2026",
    "Oct 2026",
    "1 Sep 2026 – 29 Nov 2026",
    "3 Feb 2026",
  ]);
});

test("a range has a readable number of bars", () => {
  expect(["30d", "90d", "12m", "all"].map((text) => naturalGrouping(toRange(text, TODAY)))).toEqual(["day", "week", "month", "month"]);
  expect(monthSpan(toRange("12m", TODAY), TODAY)).toEqual({ months: 12, end: "2026-11" });
  expect(monthSpan(toRange("all", TODAY), TODAY)).toEqual({ months: undefined, end: "2026-11" });
});
