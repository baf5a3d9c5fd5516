// Is every form of an instant that the wire allows read exactly, and every other refused?
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openCalendar } from "../../src/value/calendar.ts";
import { parseInstant, toIso } from "../../src/value/instant.ts";

const berlin = openCalendar("Europe/Berlin");
const read = (value: string | number): string | undefined => {
  const at = parseInstant(value, berlin);
  return at === undefined ? undefined : toIso(at);
};

const TAKEN: readonly (readonly [value: string | number, at: string])[] = [
  ["2026-02-01T10:00:00.123Z", "2026-02-01T10:00:00.123Z"],
  ["2026-02-01T10:00:00Z", "2026-02-01T10:00:00.000Z"],
  ["2026-02-01T10:00Z", "2026-02-01T10:00:00.000Z"],
  ["2026-02-01t10:00:00z", "2026-02-01T10:00:00.000Z"],
  ["2020-04-14T12:00:00+02:00", "2020-04-14T10:00:00.000Z"],
  ["2020-04-14T12:00:00+0200", "2020-04-14T10:00:00.000Z"],
  ["2020-04-14T12:00:00+02", "2020-04-14T10:00:00.000Z"],
  ["2020-04-14T12:00:00-03:30", "2020-04-14T15:30:00.000Z"],
  ["2020-04-14T12:00:00-00:00", "2020-04-14T12:00:00.000Z"],
  ["2020-02-29T23:59:59.9999999Z", "2020-02-29T23:59:59.999Z"],
  ["2020-02-29T23:59:59,5Z", "2020-02-29T23:59:59.500Z"],
  ["2020-02-29T23:59:59.05Z", "2020-02-29T23:59:59.050Z"],
  ["1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"],
  ["1970-01-01T00:30:00+01:00", "1969-12-31T23:30:00.000Z"],
  ["2019-12-30", "2019-12-29T23:00:00.000Z"],
  ["2020-07-01", "2020-06-30T22:00:00.000Z"],
  [1601884800, "2020-10-05T08:00:00.000Z"],
  [1602489600500, "2020-10-12T08:00:00.500Z"],
  [1.0015, "1970-01-01T00:00:01.001Z"],
  [1.001, "1970-01-01T00:00:01.001Z"],
  [1601884800.999, "2020-10-05T08:00:00.999Z"],
  [1602489600500.9, "2020-10-12T08:00:00.500Z"],
  [0, "1970-01-01T00:00:00.000Z"],
  [-0, "1970-01-01T00:00:00.000Z"],
  [1e-7, "1970-01-01T00:00:00.000Z"],
  [-1.0015, "1969-12-31T23:59:58.999Z"],
  [99_999_999_999, "5138-11-16T09:46:39.000Z"],
  [100_000_000_000, "1973-03-03T09:46:40.000Z"],
  [-100_000_000_000, "1966-10-31T14:13:20.000Z"],
];

describe("taken", () => {
  test.each(TAKEN)("%p", (value, at) => {
    expect(read(value)).toBe(at);
  });
});

const REFUSED: readonly (string | number)[] = [
  "2026-02-01T10:00:00",
  "2026-02-01T10:00",
  "2026-02-01 10:00:00Z",
  "2026-02-01T24:00:00Z",
  "2026-02-01T10:60:00Z",
  "2016-12-31T23:59:60Z",
  "2026-02-29T10:00:00Z",
  "2026-13-01T10:00:00Z",
  "2026-00-10T10:00:00Z",
  "2026-02-30",
  "2026-02",
  "2026-02-01Z",
  "2026-02-01T10Z",
  "2026-02-01T10:00.5Z",
  "2026-02-01T10:00:00.Z",
  "2026-02-01T10:00:00+24:00",
  "2026-02-01T10:00:00+02:60",
  "2026-02-01T10:00:00+2:00",
  "2026-02-01T10:00:00+02:00:30",
  "2026-02-01T10:00:00−02:00",
  "2026-02-01T10:00:00ZZ",
  "2026-02-01T10:00:00Z ",
  " 2026-02-01T10:00:00Z",
  "2026-02-01T10:00:00Z\n",
  "2026-02-01T10:00:00[Europe/Berlin]",
  "20260201T100000Z",
  "+002026-02-01T10:00:00Z",
  "2026-W08-1",
  "Sun, 01 Feb 2026 10:00:00 GMT",
  "1601884800",
  "now",
  "",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  8.64e15 + 1000,
  1e300,
];

describe("refused", () => {
  test.each(REFUSED)("%p", (value) => {
    expect(parseInstant(value, berlin)).toBeUndefined();
  });
});

const MIN = Date.parse("0001-01-01T00:00:00Z");
const MAX = Date.parse("9998-12-31T00:00:00Z");

test("what is written is read back, in any offset", () => {
  fc.assert(
    fc.property(fc.integer({ min: MIN, max: MAX }), fc.integer({ min: -1439, max: 1439 }), (at, minutes) => {
      expect(parseInstant(toIso(at), berlin)).toBe(at);
      const east = Math.abs(minutes);
      const offset = `${String(Math.floor(east / 60)).padStart(2, "0")}:${String(east % 60).padStart(2, "0")}`;
      const local = toIso(at + minutes * 60_000).slice(0, -1);
      expect(parseInstant(`${local}${minutes < 0 ? "-" : "+"}${offset}`, berlin)).toBe(at);
    }),
    { numRuns: 2000 },
  );
});

test("Unix seconds with milliseconds are exact", () => {
  fc.assert(
    fc.property(fc.integer({ min: -99_999_999_999_999, max: 99_999_999_999_999 }), (at) => {
      expect(parseInstant(Number(`${at}e-3`), berlin)).toBe(at);
    }),
    { numRuns: 2000 },
  );
});

test("any text is taken or refused, never thrown at", () => {
  const nearly = fc.stringMatching(/^[0-9TtZz:.,+-]{0,30}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), nearly), (text) => {
      const at = parseInstant(text, berlin);
      expect(at === undefined || Number.isSafeInteger(at)).toBe(true);
    }),
  );
});
