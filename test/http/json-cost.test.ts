// Is every body that is JSON read as JSON.parse reads it, in parts or not, and is one that would cost too much refused before it is parsed?
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJson } from "../../src/http/body.ts";
import { MAX_ELEMENTS, MAX_VALUE_BYTES, MAX_VALUE_PARTS, measureJson } from "../../src/http/json-cost.ts";
import { ApiError } from "../../src/value/error.ts";
import { openWorld } from "../harness.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
/** So much space that the text is measured and read in parts. */
const SPACE = " ".repeat(20_000);

async function read(text: string): Promise<unknown> {
  try {
    return { value: await parseJson(bytes(text)) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return "refused";
  }
}

function parsed(text: string): unknown {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return "refused";
  }
}

describe("a large body", () => {
  test("is read as JSON.parse reads it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ depthSize: "small" }), fc.nat(), async (json, at) => {
        const place = (at % (json.length + 1)) as number;
        const isInText = (json.slice(0, place).match(/(?<!\\)"/g) ?? []).length % 2 === 1 || json.includes("\\");
        const text = isInText ? SPACE + json : json.slice(0, place) + SPACE + json.slice(place);
        expect(await read(text)).toEqual(parsed(text) as object);
      }),
      { numRuns: 400 },
    );
  });

  test("that is broken at any place is refused as JSON.parse refuses it", async () => {
    const json = '[{"a":[1,-2.5e3,{"b":"c\\n\\u0041]"},true,[]],"d":null},[[]],"x,y",7]';
    for (let at = 0; at < json.length; at += 1)
      for (const put of ["", "]", "[", ",", ":", "}", '"', "0", "\\"]) {
        const text = SPACE + json.slice(0, at) + put + json.slice(at + 1);
        expect([text.trim(), await read(text)]).toEqual([text.trim(), parsed(text)]);
      }
  });

  test("keeps what is at its edges: a byte order mark only at its beginning, and characters of several bytes", async () => {
    expect(await read(`\ufeff["\u{1f600}",${SPACE}"ä"]`)).toEqual({ value: ["\u{1f600}", "ä"] });
    expect(await read(`[1,\ufeff${SPACE}2]`)).toBe("refused");
  });

  test("has numbers that are exact or NaN", async () => {
    expect(await read(`[9007199254740993,0.1,${SPACE}1${"0".repeat(200_000)}]`)).toEqual({ value: [Number.NaN, 0.1, Number.NaN] });
  });
});

describe("a value that would cost too much is refused before it is parsed", () => {
  const numbers = (count: number) => "123456789012345678,".repeat(count);
  test.each([
    ["5 MiB of long numbers in one value", `{"a":[${numbers(250_000)}1]}`, undefined, /4096 fields and elements/],
    ["440,000 unknown fields", `{${Array.from({ length: 440_000 }, (_, index) => `"k${index}":1`).join(",")}}`, undefined, /4096 fields/],
    ["an element of a list", `[{},{"a":[${numbers(5000)}1]}]`, 1, /4096 fields/],
    ["a long text", `[1,2,"${"x".repeat(MAX_VALUE_BYTES)}"]`, 2, /262144 bytes/],
    ["a text without an end", `{"a":"${'\\"'.repeat(2_000_000)}`, undefined, /262144 bytes/],
    ["very many elements", `[${"1,".repeat(MAX_ELEMENTS)}1]`, undefined, /10000 elements/],
    ["very many fields in all", `[${`{"a":[${"1,".repeat(3000)}1]},`.repeat(100)}{}]`, undefined, /200000 fields/],
    ["deep nesting", `{"a":${"[".repeat(2_000_000)}`, undefined, /nest deeper/],
  ])("%s", async (_, text, index, message) => {
    expect(await measureJson(bytes(text))).toEqual({ kind: "excess", index, message: expect.stringMatching(message) });
  });

  test("and one at the limits is not", async () => {
    const most = JSON.stringify(Array.from({ length: MAX_VALUE_PARTS / 2 - 2 }, () => 1));
    expect(await measureJson(bytes(`[${most},${most}]`))).toMatchObject({ kind: "list" });
  });

  test("with 400, or with the index of the entry", async () => {
    const world = openWorld();
    const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1]));
    for (const [body, path] of [
      [fields, ""],
      [[{ type: "click" }, fields], "1"],
    ] as const) {
      const reply = await world.request("POST", "/events", body);
      expect([reply.status, reply.body.error?.details]).toEqual([
        400,
        [{ path, message: "must have at most 4096 fields and elements in all" }],
      ]);
    }
    await world.close();
  });
});

describe("an answer does not name more than a thousand bad fields, and says how many more there are", () => {
  const bad = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));

  test("of one value", async () => {
    const world = openWorld();
    const { body } = await world.request("POST", "/customers", { externalId: "a", ...bad(4000) });
    expect(body.error?.details).toHaveLength(1001);
    expect(body.error?.details?.at(-1)).toEqual({ path: "", message: "3000 more problems are left out of this answer" });
    await world.close();
  });

  test("of a list of values, nor of their results", async () => {
    const world = openWorld();
    const list = Array.from({ length: 1000 }, () => bad(100));
    const rates = await world.request("PUT", "/rates", list);
    expect(rates.body.error?.details?.length).toBe(1001);
    const events = await world.request<{ results: { error: { details: unknown[] } }[] }>("POST", "/events", list);
    const told = events.body.data.results.map(({ error }) => error.details.length);
    expect([told.length, told[0], told.at(-1)]).toEqual([1000, 101, 2]); // 100 unknown fields and the missing type; then one, and how many more
    await world.close();
  });
});
