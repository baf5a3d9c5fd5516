// Is money exact? Checked by hand and against fractions of big integers.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { average, convert, decimalsOf, MAX_MINOR, parseDecimal, ratio, share, toMajor, toMinor } from "../../src/value/money.ts";

/** Whether `rounded` is numerator ÷ denominator rounded half away from zero: |2(r·d − n)| < d, or = d and away. */
function isRounded(rounded: bigint, numerator: bigint, denominator: bigint): boolean {
  const double = 2n * (rounded * denominator - numerator);
  const away = numerator < 0n ? -double : double;
  return away > -denominator && away <= denominator;
}

const decimalsOfCurrency = fc.integer({ min: 0, max: 4 });
const minors = fc.integer({ min: -MAX_MINOR, max: MAX_MINOR });

test("currencies have the decimals of ISO 4217", () => {
  const expected = {
    USD: 2,
    EUR: 2,
    JPY: 0,
    KRW: 0,
    ISK: 0,
    UGX: 0,
    XAF: 0,
    KWD: 3,
    BHD: 3,
    TND: 3,
    CLF: 4,
    UYW: 4,
    XCD: 2,
    XCG: 2,
    MGA: 2,
  };
  for (const [code, decimals] of Object.entries(expected)) expect(decimalsOf(code)).toBe(decimals);
  for (const code of ["XAU", "XXX", "XTS", "XDR", "DEM", "HRK", "ANG", "usd", "US", "", "USD ", "BTC", "constructor"]) {
    expect(decimalsOf(code)).toBeUndefined();
  }
});

describe("decimals are read exactly", () => {
  const cases: readonly (readonly [value: number | string, digits: bigint, scale: number])[] = [
    [99.99, 9999n, 2],
    ["99.990", 9999n, 2],
    [0.1 + 0.2, 30000000000000004n, 17],
    [1e21, 10n ** 21n, 0],
    [1.5e-7, 15n, 8],
    ["1e3", 1000n, 0],
    ["12.5E+1", 125n, 0],
    ["100e-2", 1n, 0],
    ["0e-5", 0n, 0],
    ["-0", 0n, 0],
    [-0, 0n, 0],
    ["-0.50", -5n, 1],
    ["007", 7n, 0],
    ["100", 100n, 0],
  ];
  test.each(cases)("%p", (value, digits, scale) => {
    expect(parseDecimal(value)).toEqual({ digits, scale });
  });

  test.each(["", " 1", "1 ", "+1", ".5", "5.", "1,5", "1_0", "0x10", "1e", "1e1000", "--1", "NaN", "Infinity", "1n", "١", "9".repeat(401)])(
    "not %p",
    (value) => {
      expect(parseDecimal(value)).toBeUndefined();
    },
  );
  test.each([Number.NaN, Number.POSITIVE_INFINITY])("not the number %p", (value) => {
    expect(parseDecimal(value)).toBeUndefined();
  });
});

test("an amount with more decimals than its currency is refused, never rounded", () => {
  expect(toMinor(99.99, 2)).toBe(9999);
  expect(toMinor(10.001, 2)).toBeUndefined();
  expect(toMinor(100.5, 0)).toBeUndefined();
  expect(toMinor(100, 0)).toBe(100);
  expect(toMinor(12.345, 3)).toBe(12_345);
  expect(toMinor(-5, 2)).toBe(-500);
  expect(toMinor("1.10", 2)).toBe(110);
  expect(toMinor("1.100", 2)).toBe(110);
  expect(toMinor(1.1e-1, 2)).toBe(11);
  expect(Object.is(toMinor(-0, 2), 0)).toBe(true);
  expect(toMinor(0.1 + 0.2, 2)).toBeUndefined();
  expect(toMinor("abc", 2)).toBeUndefined();
});

test("an amount is at most 10^12 minor units", () => {
  expect(toMinor(10_000_000_000, 2)).toBe(MAX_MINOR);
  expect(toMinor(-10_000_000_000, 2)).toBe(-MAX_MINOR);
  expect(toMinor(10_000_000_000.01, 2)).toBeUndefined();
  expect(toMinor(-10_000_000_000.01, 2)).toBeUndefined();
  expect(toMinor(1e308, 0)).toBeUndefined();
});

test("the number on the wire is the nearest to the decimal, and reads back as the same amount", () => {
  fc.assert(
    fc.property(minors, decimalsOfCurrency, (minor, decimals) => {
      const major = toMajor(minor, decimals);
      expect(major).toBe(Number(`${minor}e-${decimals}`));
      expect(toMinor(major, decimals)).toBe(minor);
      expect(toMinor(String(major), decimals)).toBe(minor);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), decimalsOfCurrency, (minor, decimals) => {
      expect(toMajor(BigInt(minor), decimals)).toBe(Number(`${minor}e-${decimals}`));
    }),
  );
});

test("an amount that a number cannot hold is an error, not rounded", () => {
  expect(JSON.stringify(toMajor(12_345n, 2))).toBe("123.45");
  expect(Object.is(toMajor(-0, 2), 0)).toBe(true);
  expect(toMajor(2n ** 53n - 1n, 0)).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => toMajor(2n ** 53n, 2)).toThrow(RangeError);
  expect(() => toMajor(-(2n ** 53n), 2)).toThrow(RangeError);
  expect(() => toMajor(0.5, 2)).toThrow(RangeError);
});

test("an amount is converted with one rounding, half away from zero", () => {
  expect(convert(1000n, 2, "1.0855", 2)).toBe(1086n);
  expect(convert(-1000n, 2, "1.0855", 2)).toBe(-1086n);
  expect(convert(1500n, 0, "0.0092", 2)).toBe(1380n);
  expect(convert(10_005n, 3, "3.25", 2)).toBe(3252n);
  expect([333n, 666n, 1000n].map((refunded) => convert(refunded, 2, "1.0855", 2))).toEqual([361n, 723n, 1086n]);
  expect(() => convert(1n, 2, "one", 2)).toThrow(RangeError);
});

test("conversion equals the fraction rounded", () => {
  const rates = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }));
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      decimalsOfCurrency,
      rates,
      decimalsOfCurrency,
      (minor, from, [digits, scale], to) => {
        const converted = convert(minor, from, `${digits}e-${scale}`, to);
        expect(isRounded(converted, minor * digits * 10n ** BigInt(to), 10n ** BigInt(from + scale))).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
});

test("averages and ratios are rounded half away from zero, and null over 0", () => {
  expect(average(1n, 2, 2)).toBe(0.01);
  expect(average(-1n, 2, 2)).toBe(-0.01);
  expect(average(431_050n, 44, 2)).toBe(97.97);
  expect(average(5n, 2n, 0)).toBe(3);
  expect(average(5n, 0, 2)).toBeNull();
  expect(ratio(31, 120)).toBe(0.2583);
  expect(ratio(1, 20_000)).toBe(0.0001);
  expect(ratio(-1, 20_000)).toBe(-0.0001);
  expect(ratio(1, 20_001)).toBe(0);
  expect(Object.is(ratio(-1, 20_001), 0)).toBe(true);
  expect(ratio(0, 0)).toBeNull();
  expect(() => average(10n ** 20n, 1, 2)).toThrow(RangeError);
});

test("averages and ratios equal the fraction rounded", () => {
  const count = fc.integer({ min: 1, max: 10 ** 7 });
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), count, (sum, parts) => {
      const rounded = toMinor(average(sum, parts, 2) ?? Number.NaN, 2) ?? Number.NaN;
      expect(isRounded(BigInt(rounded), sum, BigInt(parts))).toBe(true);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.integer({ min: -(10 ** 6), max: 10 ** 6 }), count, (numerator, denominator) => {
      const rounded = toMinor(ratio(numerator, denominator) ?? Number.NaN, 4) ?? Number.NaN;
      expect(isRounded(BigInt(rounded), BigInt(numerator) * 10_000n, BigInt(denominator))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("what is left after flooring goes to the largest fractions, of equal ones to the earlier", () => {
  expect(share(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
  // Position over five touches of 33 cents: 13.2, 2.2, 2.2, 2.2, 13.2. All fractions tie.
  expect(share(33n, [6n, 1n, 1n, 1n, 6n])).toEqual([14n, 2n, 2n, 2n, 13n]);
  expect(share(10n, [1n, 2n, 4n])).toEqual([1n, 3n, 6n]);
  expect(share(10_000n, [2n, 1n])).toEqual([6667n, 3333n]);
  expect(share(0n, [1n, 2n])).toEqual([0n, 0n]);
  expect(share(7n, [0n, 5n])).toEqual([0n, 7n]);
  expect(() => share(7n, [])).toThrow(RangeError);
  expect(() => share(7n, [0n])).toThrow(RangeError);
  expect(() => share(-7n, [1n])).toThrow(RangeError);
  expect(() => share(7n, [-1n, 2n])).toThrow(RangeError);
});

test("shares add up, each within a unit of its part, and no smaller fraction goes before a larger one", () => {
  const weights = fc.array(fc.bigInt({ min: 0n, max: 2n ** 70n }), { minLength: 1, maxLength: 20 });
  const small = fc.array(fc.bigInt({ min: 0n, max: 6n }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.oneof(weights, small), (total, parts) => {
      const sum = parts.reduce((all, one) => all + one, 0n);
      fc.pre(sum > 0n);
      const shares = share(total, parts);
      expect(shares.reduce((all, one) => all + one, 0n)).toBe(total);
      const extras = parts.map((part, index) => ({
        index,
        extra: (shares[index] ?? -1n) - (total * part) / sum,
        fraction: (total * part) % sum,
      }));
      for (const { extra } of extras) expect(extra === 0n || extra === 1n).toBe(true);
      for (const given of extras.filter((one) => one.extra === 1n)) {
        for (const passed of extras.filter((one) => one.extra === 0n)) {
          expect(given.fraction > passed.fraction || (given.fraction === passed.fraction && given.index < passed.index)).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});
