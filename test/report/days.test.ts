// Do whole days and ragged ends make up exactly the range asked for?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { daysOf, monthsOf, spansOf } from "../../src/report/days.ts";
import { openCalendar } from "../../src/value/calendar.ts";

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Santiago", "Pacific/Apia"];
const calendars = ZONES.map(openCalendar);
const instant = fc.integer({ min: Date.parse("2010-01-01"), max: Date.parse("2024-01-01") });
/** Instants near local midnights are where ranges go wrong. */
const near = fc
  .tuple(instant, fc.constantFrom(...calendars), fc.integer({ min: -2, max: 2 }))
  .map(([at, calendar, shift]) => calendar.startOfDay(calendar.dayOf(at)) + shift);
const anyInstant = fc.oneof(instant, near);

test("an instant is in a range just when it is in its whole days, its head or its tail, and in one of them only", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...calendars),
      fc.option(anyInstant, { nil: undefined }),
      fc.option(fc.integer({ min: 1, max: 3 * 86_400_000 }), { nil: undefined }),
      fc.array(anyInstant, { minLength: 1, maxLength: 20 }),
      (calendar, startAt, length, instants) => {
        const endAt = length === undefined ? undefined : (startAt ?? Date.parse("2020-06-15T12:00:00Z")) + length;
        const days = daysOf({ startAt, endAt }, calendar);
        const probes = [...instants, ...[startAt, endAt].flatMap((at) => (at === undefined ? [] : [at - 1, at, at + 1]))];
        for (const at of probes) {
          const isIn = (startAt === undefined || at >= startAt) && (endAt === undefined || at < endAt);
          const day = calendar.dayOf(at);
          const parts = [
            day >= days.firstDay && day <= days.lastDay,
            at >= days.headFrom && at < days.headTo,
            at >= days.tailFrom && at < days.tailTo,
          ];
          expect(parts.filter(Boolean).length).toBe(isIn ? 1 : 0);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("weeks and months follow each other without a gap, and their days are theirs", () => {
  for (const calendar of calendars) {
    const [first, last] = [calendar.dayOf(Date.parse("2019-12-30T12:00:00Z")), calendar.dayOf(Date.parse("2021-03-02T12:00:00Z"))];
    for (const groupBy of ["week", "month"] as const) {
      const spans = spansOf(groupBy, first, last, calendar);
      expect(spans.length).toBe(groupBy === "week" ? 62 : 16);
      spans.forEach((span, index) => {
        expect(calendar.startOfDay(span.firstDay)).toBe(span.startAt);
        expect(calendar.startOfDay(span.lastDay + 1)).toBe(span.endAt);
        const next = spans[index + 1];
        if (next) expect(next.firstDay).toBe(span.lastDay + 1);
      });
      expect(spans[0]?.firstDay).toBeLessThanOrEqual(first);
      expect(spans.at(-1)?.lastDay).toBeGreaterThanOrEqual(last);
    }
  }
});

test("a whole day is in its whole month, or before or after the whole months, and in one of them only", () => {
  const day = fc.integer({ min: 14_600, max: 19_700 });
  fc.assert(
    fc.property(
      fc.constantFrom(...calendars),
      fc.option(day, { nil: undefined }),
      fc.option(fc.integer({ min: -2, max: 100 }), { nil: undefined }),
      fc.array(day, { minLength: 1, maxLength: 20 }),
      (calendar, from, length, probes) => {
        const open = daysOf({ startAt: undefined, endAt: undefined }, calendar);
        const firstDay = from ?? open.firstDay;
        const lastDay = length === undefined ? open.lastDay : (from ?? 17_000) + length;
        const months = monthsOf({ ...open, firstDay, lastDay }, calendar);
        for (const probe of [...probes, firstDay - 1, firstDay, lastDay, lastDay + 1].filter((each) => Math.abs(each) < 100_000)) {
          const month = calendar.monthOfDay(probe);
          const parts = [
            month >= months.firstMonth && month <= months.lastMonth,
            probe >= firstDay && probe <= months.dayBefore,
            probe >= months.dayAfter && probe <= lastDay,
          ];
          expect(parts.filter(Boolean).length).toBe(probe >= firstDay && probe <= lastDay ? 1 : 0);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
