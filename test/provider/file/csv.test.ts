// Is every CSV file read cell by cell, however it is encoded, delimited and cut into pieces, and is what is none refused?
import { describe, expect, test } from "bun:test";
import { type CsvRow, readRows } from "../../../src/provider/file/csv.ts";
import { readText } from "../../../src/provider/file/text.ts";
import { inPieces, read } from "./read.ts";

async function rowsOf(content: string | Uint8Array, size?: number): Promise<CsvRow[]> {
  return (await Array.fromAsync(readRows(readText(inPieces(content, size)())))).flat();
}
const cellsOf = async (content: string | Uint8Array, size?: number) => (await rowsOf(content, size)).map(({ cells }) => cells);

/** Text as UTF-16, with or without its byte order mark. */
function utf16(text: string, order: "le" | "be", mark: boolean): Uint8Array {
  const marked = mark ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(marked.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < marked.length; at++) view.setUint16(at * 2, marked.charCodeAt(at), order === "le");
  return bytes;
}

const TEXT = 'Name,Größe,Note\r\n#1,"a ""b"", c","two\nlines"\r\n\r\n,,\r\n#2,"",😀 "x"\r\n';
const CELLS = [
  ["Name", "Größe", "Note"],
  ["#1", 'a "b", c', "two\nlines"],
  ["#2", "", '😀 "x"'],
];
const ENCODINGS: readonly (readonly [string, string | Uint8Array])[] = [
  ["UTF-8", TEXT],
  ["UTF-8 with a byte order mark", `\ufeff${TEXT}`],
  ["UTF-16 LE", utf16(TEXT, "le", true)],
  ["UTF-16 BE", utf16(TEXT, "be", true)],
  ["UTF-16 LE without a byte order mark", utf16(TEXT, "le", false)],
  ["UTF-16 BE without a byte order mark", utf16(TEXT, "be", false)],
];

test.each(ENCODINGS)("%s is read, in pieces of any size", async (_name, content) => {
  for (const size of [1, 2, 3, 5, 7, 64, 65_536]) expect(await cellsOf(content, size)).toEqual(CELLS);
});

test.each([
  ["line feeds", "\n"],
  ["carriage returns and line feeds", "\r\n"],
  ["carriage returns", "\r"],
])("rows may end with %s, and know their lines", async (_name, end) => {
  const text = ["a,b", '1,"x', 'y"', "", "2,z"].join(end);
  for (const size of [1, 4, 1000])
    expect(await rowsOf(text, size)).toEqual([
      { line: 1, cells: ["a", "b"] },
      { line: 2, cells: ["1", `x${end}y`] },
      { line: 5, cells: ["2", "z"] },
    ]);
});

test.each([";", "\t", ","])("the delimiter %j is found in the first row", async (delimiter) => {
  const rows = [["a,;b", "c"].map((cell) => `"${cell}"`), ["1", '"2,50"']].map((cells) => cells.join(delimiter));
  expect(await cellsOf(rows.join("\n"))).toEqual([
    ["a,;b", "c"],
    ["1", "2,50"],
  ]);
});

test("a first line that says the delimiter is no row", async () => {
  for (const size of [1, 1000])
    expect(await rowsOf("sep=|\r\na|b,c\r\n1|2\r\n", size)).toEqual([
      { line: 2, cells: ["a", "b,c"] },
      { line: 3, cells: ["1", "2"] },
    ]);
});

test("random tables are read as they were written", async () => {
  const characters = ["a", "é", ",", ";", '"', "\n", "\r\n", " ", "😀"];
  for (let round = 0; round < 100; round++) {
    const pick = <T>(values: readonly T[]) => values[Math.floor(Math.random() * values.length)] as T;
    const table = Array.from({ length: 4 }, () =>
      Array.from({ length: 3 }, () => `x${Array.from({ length: 4 }, () => pick(characters)).join("")}`),
    );
    const delimiter = pick([",", ";", "\t"]);
    const head = ["one", "two", "three"];
    const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    const text = [head, ...table.map((row) => row.map(quote))].map((row) => row.join(delimiter)).join(pick(["\n", "\r\n", "\r"]));
    expect(await cellsOf(text, pick([1, 3, 10, 1000]))).toEqual([head, ...table]);
  }
});

const HEAD = "id,Created date (UTC),Amount,Currency,Captured,Status,PaymentIntent ID\n";
const ROW = "ch_1,2026-01-01 10:00:00,1.00,usd,true,Paid,pi_1\n";
describe("what is no CSV file is refused with one line that says what to do", () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ["nothing", "", /is empty/],
    ["blanks", " \r\n\r\n", /is empty/],
    ["a quote that never ends", `${HEAD}${ROW}ch_2,"2026-01-01`, /quote in line 3 never ends/],
    ["a cell of 5 MiB", `${HEAD}${ROW}"${"x".repeat(5 * 2 ** 20)}"\n`, /line 3 is longer than 1 MiB/],
    ["a first line of 5 MiB", "x".repeat(5 * 2 ** 20), /longer than 1 MiB/],
    ["a row of very many cells", `${HEAD}${",".repeat(6000)}\n`, /more than 5000 cells/],
    ["another encoding", new Uint8Array([...new TextEncoder().encode(HEAD), 0x4d, 0xfc, 0x6c]), /neither UTF-8 nor UTF-16/],
    ["a spreadsheet", new TextEncoder().encode("PK\u0003\u0004 and more"), /is a spreadsheet/],
    ["NULs in the first line", "a\u0000b,c\n", /is this a CSV file/],
    ["one column", "name\nann\n", /has the columns name\. .*--map/],
    ["no header", "ch_1,2026-01-01 10:00:00,1.00,usd\n", /none that regulars knows: .*shopify orders.*--map/],
    ["300 unknown columns", `${Array.from({ length: 300 }, (_, index) => `c${index}`).join(",")}\n`, /none that regulars knows/],
  ])("%s", async (_name, content, message) => {
    for (const size of [4096, 65_536]) {
      const error = await read(content, {}, size).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).name).toBe("FileError");
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).not.toContain("\n");
    }
  });
});

test("300 columns more do no harm, and neither do short rows", async () => {
  const more = Array.from({ length: 300 }, (_, index) => `More ${index}`).join(",");
  const { rows } = await read(`${HEAD.trim()},${more}\n${ROW}`);
  expect(rows).toMatchObject([{ line: 2, meaning: [{ kind: "entry", entry: { orderId: "pi_1", value: 1 } }] }]);
});

test("a row with a NUL, with cells that have no column, or with an id that a spreadsheet has rounded is refused, and the others are not", async () => {
  const bad = ["ch_2,2026-01-01 10:00:00,1.00,usd,true,Paid,pi\0_1\n", `${ROW.trim()},more\n`, ROW.replace("pi_1", "7.41E+12")];
  const { rows } = await read(HEAD + bad.join("") + ROW);
  expect(rows.map(({ line, meaning }) => [line, "refused" in meaning ? meaning.refused : "taken"])).toEqual([
    [2, '"PaymentIntent ID" has a NUL character'],
    [3, expect.stringContaining("more cells than the first line has names")],
    [4, '"PaymentIntent ID" is a number that a spreadsheet has rounded: export the file again'],
    [5, "taken"],
  ]);
});

test("NDJSON is recognized, and left to its reader", async () => {
  for (const content of ['{"type":"click"}\n', '\ufeff\n {"type":"click"}', utf16('{"a":1}', "le", true)])
    expect(await read(content, {}, 3)).toMatchObject({ format: "ndjson", rows: [] });
});
