// Does a CSV cell keep what it holds, and stay harmless in a spreadsheet?
import { describe, expect, test } from "bun:test";
import { toCsvRecord } from "../../src/value/csv.ts";

describe("a CSV record", () => {
  test("leaves plain cells as they are and absent ones empty", () => {
    expect(toCsvRecord(["Ann", 12.5, -3, null, undefined, true])).toBe("Ann,12.5,-3,,,true\r\n");
  });

  test("quotes separators, quotes and line breaks (RFC 4180)", () => {
    expect(toCsvRecord(["a,b", 'say "hi"', "two\nlines"])).toBe('"a,b","say ""hi""","two\nlines"\r\n');
  });

  test("quotes a semicolon, at which a spreadsheet of many languages would begin a new cell", () => {
    expect(toCsvRecord(["Ann;=1+1", "a"])).toBe('"Ann;=1+1",a\r\n');
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1"])("takes the formula out of %p", (text) => {
    expect(toCsvRecord([text])).toBe(`'${text}\r\n`);
  });

  test("quotes and defuses a formula with a comma", () => {
    expect(toCsvRecord(['=HYPERLINK("http://x","y")'])).toBe(`"'=HYPERLINK(""http://x"",""y"")"\r\n`);
  });
});
