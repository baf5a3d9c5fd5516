// Are days, weeks, months and anniversaries those of the zone's own clocks? Checked by hand and against Intl, asked naively.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openCalendar, parseDay, parseMonth } from "../../src/value/calendar.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (iso: string): number => Date.parse(iso);
const day = (text: string): number => parseDay(text) ?? Number.NaN;
const month = (text: string): number => parseMonth(text) ?? Number.NaN;

const berlin = openCalendar("Europe/Berlin");

/** Zones whose clocks do odd things, each with instants near which they do. */
const ZONES: readonly (readonly [zone: string, ...odd: string[]])[] = [
  ["UTC", "1970-01-01T00:00:00Z", "2000-02-29T12:00:00Z", "2100-02-28T23:59:59Z"],
  ["Europe/Berlin", "2020-03-29T01:00:00Z", "2020-10-25T01:00:00Z", "1980-04-06T01:00:00Z"],
  ["America/New_York", "2024-03-10T07:00:00Z", "2024-11-03T06:00:00Z", "1974-01-06T07:00:00Z"],
  ["America/Sao_Paulo", "2018-11-04T03:00:00Z", "2019-02-17T02:00:00Z"],
  ["America/St_Johns", "2009-11-01T02:31:00Z", "1988-04-03T03:31:00Z"],
  ["Asia/Beirut", "2023-03-29T22:00:00Z", "2022-03-26T22:00:00Z"],
  ["Africa/Cairo", "2024-04-25T22:00:00Z", "2024-10-31T21:00:00Z", "2010-08-10T21:00:00Z"],
  ["Africa/Casablanca", "2024-03-10T02:00:00Z", "2024-04-14T02:00:00Z"],
  ["Africa/Monrovia", "1970-01-01T00:00:00Z", "1972-01-07T00:44:30Z"],
  ["Australia/Lord_Howe", "2024-04-06T15:00:00Z", "2024-10-05T15:30:00Z"],
  ["Pacific/Apia", "2011-12-30T10:00:00Z", "2010-09-26T11:00:00Z"],
  ["Pacific/Kwajalein", "1993-08-21T12:00:00Z", "1970-01-01T00:00:00Z"],
  ["Asia/Gaza", "2040-10-20T00:00:00Z", "2024-04-20T00:00:00Z"],
  ["Asia/Kathmandu", "1985-12-31T18:30:00Z"],
];

/** The local time that Intl shows, as milliseconds since 1970-01-01T00:00 local. */
function openNaive(zone: string): { toLocal(at: number): number; toInstant(local: number): number } {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const toLocal = (instant: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
    const { year = 0, month: m = 0, day: d = 0, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, m - 1, d, hour, minute, second) + (((instant % 1000) + 1000) % 1000);
  };
  return {
    toLocal,
    toInstant(local) {
      const offsets = new Set<number>();
      let gapOffset = 0;
      for (let near = local - 30 * HOUR; near <= local + 30 * HOUR; near += HOUR) {
        const shown = toLocal(near);
        offsets.add(shown - near);
        if (shown <= local) gapOffset = shown - near;
      }
      const found = [...offsets].map((offset) => local - offset).filter((instant) => toLocal(instant) === local);
      return found.length > 0 ? Math.min(...found) : local - gapOffset;
    },
  };
}

/** `k` months after a local time, with Date's own arithmetic in place of ours. */
function addMonthsNaive(local: number, k: number): number {
  const date = new Date(local);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + k + 1, 0)).getUTCDate();
  const moved = new Date(local);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + k);
  return moved.setUTCDate(Math.min(date.getUTCDate(), last));
}

const anyAt = fc.integer({ min: 0, max: at("2101-01-01T00:00:00Z") });
const worlds = ZONES.map(([zone, ...odd]) => ({
  zone,
  calendar: openCalendar(zone),
  naive: openNaive(zone),
  instants: fc.oneof(
    anyAt,
    fc.tuple(fc.constantFrom(...odd), fc.integer({ min: -2 * DAY, max: 2 * DAY })).map(([iso, delta]) => at(iso) + delta),
    fc.tuple(fc.constantFrom(...odd), fc.integer({ min: -150, max: 150 })).map(([iso, minutes]) => at(iso) + minutes * 60_000),
  ),
}));

describe.each(worlds)("in $zone", ({ calendar, naive, instants }) => {
  test("day, month and week are what its clocks show", () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const local = naive.toLocal(instant);
        const shown = new Date(local);
        const thisDay = calendar.dayOf(instant);
        expect(thisDay).toBe(Math.floor(local / DAY));
        expect(calendar.monthOf(instant)).toBe(shown.getUTCFullYear() * 12 + shown.getUTCMonth());
        expect(calendar.monthKey(calendar.monthOf(instant))).toBe(shown.toISOString().slice(0, 7));
        expect(new Date(calendar.mondayOf(thisDay) * DAY).getUTCDay()).toBe(1);
        expect(thisDay - calendar.mondayOf(thisDay)).toBeWithin(0, 7);
      }),
      { numRuns: 500 },
    );
  });

  test("a day and a month begin where its clocks say", () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const local = naive.toLocal(instant);
        const thisDay = Math.floor(local / DAY);
        expect(calendar.startOfDay(thisDay)).toBe(naive.toInstant(thisDay * DAY));
        const firstOfMonth = Date.UTC(new Date(local).getUTCFullYear(), new Date(local).getUTCMonth(), 1);
        expect(calendar.startOfMonth(calendar.monthOf(instant))).toBe(naive.toInstant(firstOfMonth));
      }),
      { numRuns: 60 },
    );
  });

  test("anniversaries keep the local time, and the elapsed period is the last one reached", () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 40 }), fc.integer({ min: -HOUR, max: HOUR }), (instant, k, delta) => {
        const expected = naive.toInstant(addMonthsNaive(naive.toLocal(instant), k));
        const anniversary = calendar.anniversary(instant, k);
        expect(anniversary).toBe(expected);
        expect(calendar.elapsedPeriod(instant, anniversary)).toBe(k);
        expect(calendar.elapsedPeriod(instant, anniversary - 1)).toBe(k - 1);
        const later = Math.max(instant, anniversary + delta);
        const lived = calendar.elapsedPeriod(instant, later);
        expect(lived).toBeGreaterThanOrEqual(0);
        expect(calendar.anniversary(instant, lived)).toBeLessThanOrEqual(later);
        expect(calendar.anniversary(instant, lived + 1)).toBeGreaterThan(later);
      }),
      { numRuns: 60 },
    );
  });
});

test("weeks are those of ISO 8601", () => {
  const week = (text: string): string => berlin.weekKey(day(text));
  expect(week("2019-12-30")).toBe("2020-W01");
  expect(week("2020-12-31")).toBe("2020-W53");
  expect(week("2021-01-01")).toBe("2020-W53");
  expect(week("2021-01-04")).toBe("2021-W01");
  expect(week("2026-02-16")).toBe("2026-W08");
  expect(week("1970-01-01")).toBe("1970-W01");
  expect(week("2000-01-02")).toBe("1999-W52");
});

test("months and weeks go by the clocks of Berlin at its borders", () => {
  const keys = (iso: string): string[] => [berlin.monthKey(berlin.monthOf(at(iso))), berlin.weekKey(berlin.dayOf(at(iso)))];
  expect(keys("2020-12-31T22:59:59.999Z")).toEqual(["2020-12", "2020-W53"]);
  expect(keys("2020-12-31T23:00:00.000Z")).toEqual(["2021-01", "2020-W53"]);
  expect(keys("2021-01-03T23:00:00.000Z")).toEqual(["2021-01", "2021-W01"]);
  expect(keys("2020-03-31T22:30:00.000Z")).toEqual(["2020-04", "2020-W14"]);
  expect(berlin.dayOf(at("2020-10-25T22:30:00Z"))).toBe(day("2020-10-25"));
  expect(berlin.dayOf(at("2020-03-29T22:30:00Z"))).toBe(day("2020-03-30"));
  expect(berlin.startOfDay(day("2020-10-26")) - berlin.startOfDay(day("2020-10-25"))).toBe(25 * HOUR);
  expect(berlin.startOfDay(day("2020-03-30")) - berlin.startOfDay(day("2020-03-29"))).toBe(23 * HOUR);
  expect(berlin.startOfMonth(month("2020-04"))).toBe(at("2020-03-31T22:00:00Z"));
});

test("anniversaries clamp to the end of a short month, and the clamp does not stick", () => {
  const max = at("2020-01-31T11:00:00Z");
  expect(berlin.anniversary(max, 1)).toBe(at("2020-02-29T11:00:00Z"));
  expect(berlin.anniversary(max, 2)).toBe(at("2020-03-31T10:00:00Z"));
  expect(berlin.anniversary(max, 13)).toBe(at("2021-02-28T11:00:00Z"));
  expect(berlin.elapsedPeriod(max, at("2020-02-29T10:59:59Z"))).toBe(0);
  expect(berlin.elapsedPeriod(max, at("2020-03-30T10:00:00Z"))).toBe(1);

  const leo = at("2020-02-29T10:00:00Z");
  expect(berlin.elapsedPeriod(leo, at("2020-03-29T09:30:00Z"))).toBe(1);
  expect(berlin.elapsedPeriod(leo, at("2021-02-28T09:59:59.999Z"))).toBe(11);
  expect(berlin.elapsedPeriod(leo, at("2021-02-28T10:00:00.000Z"))).toBe(12);
  expect(berlin.anniversary(leo, 48)).toBe(at("2024-02-29T10:00:00Z"));
});

test("an anniversary in a gap moves forward by it, and of one that comes twice the first is meant", () => {
  expect(berlin.anniversary(at("2020-02-29T01:30:00.007Z"), 1)).toBe(at("2020-03-29T01:30:00.007Z"));
  expect(berlin.elapsedPeriod(at("2020-02-29T01:30:00Z"), at("2020-03-29T01:15:00Z"))).toBe(0);
  expect(berlin.anniversary(at("2020-09-25T00:30:00Z"), 1)).toBe(at("2020-10-25T00:30:00Z"));
  expect(berlin.elapsedPeriod(at("2020-09-25T00:30:00Z"), at("2020-10-25T00:45:00Z"))).toBe(1);
});

test("a midnight that is skipped begins the day at the first moment there is", () => {
  expect(openCalendar("America/Sao_Paulo").startOfDay(day("2018-11-04"))).toBe(at("2018-11-04T03:00:00Z"));
  expect(openCalendar("Africa/Cairo").startOfDay(day("2024-04-26"))).toBe(at("2024-04-25T22:00:00Z"));
  const apia = openCalendar("Pacific/Apia");
  expect(apia.startOfDay(day("2011-12-30"))).toBe(at("2011-12-30T10:00:00Z"));
  expect(apia.startOfDay(day("2011-12-31"))).toBe(at("2011-12-30T10:00:00Z"));
  expect(apia.dayOf(at("2011-12-30T09:59:59.999Z"))).toBe(day("2011-12-29"));
  expect(apia.dayOf(at("2011-12-30T10:00:00Z"))).toBe(day("2011-12-31"));
});

test("a midnight that comes twice begins the day at the first", () => {
  // 00:01 went back to 23:01 of the day before, so that the day began, paused, and began again.
  expect(openCalendar("America/St_Johns").startOfDay(day("2009-11-01"))).toBe(at("2009-11-01T02:30:00Z"));
});

test("an anniversary stays reached when the clock then goes back into the month before", () => {
  const newfoundland = openCalendar("America/St_Johns");
  const first = at("2009-10-01T02:30:30Z"); // 00:00:30 on the 1st
  const back = at("2009-11-01T03:00:00Z"); // 23:30 on 31 October, for the second time
  expect(newfoundland.monthKey(newfoundland.monthOf(back))).toBe("2009-10");
  expect(newfoundland.anniversary(first, 1)).toBe(at("2009-11-01T02:30:30Z"));
  expect(newfoundland.elapsedPeriod(first, back)).toBe(1);
});

test("west of Greenwich 1970 begins on the last day of 1969", () => {
  const liberia = openCalendar("Africa/Monrovia");
  expect(liberia.dayOf(0)).toBe(-1);
  expect(liberia.monthKey(liberia.monthOf(0))).toBe("1969-12");
  expect(liberia.startOfDay(0)).toBe((44 * 60 + 30) * 1000);
});

test("months and days are read strictly", () => {
  expect(parseMonth("2026-02")).toBe(2026 * 12 + 1);
  expect(parseDay("1970-01-01")).toBe(0);
  expect(parseDay("2000-02-29")).toBe(11_016);
  for (const text of ["2026-00", "2026-13", "2026-2", "26-02", "2026-02-01", "2026-02 ", " 2026-02", "2026-02\n", "٢٠٢٦-02", ""]) {
    expect(parseMonth(text)).toBeUndefined();
  }
  for (const text of ["2026-02-29", "2100-02-29", "2026-04-31", "2026-01-00", "2026-1-01", "2026-01-1", "2026-01-01T", "2026-01"]) {
    expect(parseDay(text)).toBeUndefined();
  }
});

test("every date reads as the day that Date has for it", () => {
  fc.assert(
    fc.property(fc.integer({ min: day("0000-01-01"), max: day("9999-12-31") }), (n) => {
      const text = new Date(n * DAY).toISOString().slice(0, 10);
      expect(parseDay(text)).toBe(n);
      expect(berlin.monthKey(berlin.monthOfDay(n))).toBe(text.slice(0, 7));
    }),
    { numRuns: 2000 },
  );
});

test("a zone has one name, and an unknown one is refused", () => {
  expect(openCalendar("europe/berlin").timezone).toBe("Europe/Berlin");
  expect(() => openCalendar("Mars/Olympus")).toThrow(RangeError);
  expect(() => openCalendar("")).toThrow(RangeError);
  expect(() => berlin.dayOf(Number.NaN)).toThrow(RangeError);
});
