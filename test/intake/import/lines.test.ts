// Are lines read right, wherever the pieces of the file end?
import { describe, expect, test } from "bun:test";
import { gunzipped, MAX_LINE_BYTES, toLines } from "../../../src/intake/import/lines.ts";

/** The bytes in pieces of `size`. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
}

async function linesOf(bytes: Uint8Array, size = 7): Promise<(readonly [number, string | undefined])[]> {
  return await Array.fromAsync(toLines(gunzipped(pieces(bytes, size))), ({ number, text }) => [number, text] as const);
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe("lines of a file", () => {
  test.each([1, 2, 3, 1000])("come whole from pieces of %p bytes", async (size) => {
    expect(await linesOf(encode('{"name":"Zoë"}\r\n\n{"b":2}\n{"c":3}'), size)).toEqual([
      [1, '{"name":"Zoë"}'],
      [3, '{"b":2}'],
      [4, '{"c":3}'],
    ]);
  });

  test.each([1, 5, 1000])("come out of gzip in pieces of %p bytes, told by its first bytes", async (size) => {
    expect(await linesOf(Bun.gzipSync(encode("one\ntwo\n")), size)).toEqual([
      [1, "one"],
      [2, "two"],
    ]);
  });

  test("are none in an empty file", async () => {
    expect(await linesOf(encode(""))).toEqual([]);
  });

  test("that are not UTF-8 are said to be unreadable, and the next one is read", async () => {
    expect(await linesOf(Uint8Array.from([0xff, 0xfe, 10, 0x61]))).toEqual([
      [1, undefined],
      [2, "a"],
    ]);
  });

  test("that are too long are not kept, and the next one is read", async () => {
    const bytes = encode(`${"x".repeat(MAX_LINE_BYTES + 1)}\nnext\n`);
    const lines = await Array.fromAsync(toLines(pieces(bytes, 65_536)));
    expect(lines.map(({ number, text, length }) => [number, text, length])).toEqual([
      [1, undefined, MAX_LINE_BYTES + 1],
      [2, "next", 4],
    ]);
  });

  test("of damaged gzip end in one clear line", async () => {
    const damaged = Bun.gzipSync(encode("one\ntwo\n".repeat(1000))).slice(0, -9);
    await expect(linesOf(damaged)).rejects.toThrow("The gzip data is damaged or incomplete");
  });
});
