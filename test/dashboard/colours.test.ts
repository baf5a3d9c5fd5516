// Can every text be read on its ground, and every mark be told from it, in light and in dark? (WCAG 2.2, 1.4.3 and 1.4.11)
import { describe, expect, test } from "bun:test";

const css = await Bun.file(`${import.meta.dir}/../../src/dashboard/page/base.css`).text();
const [light = "", dark = ""] = css.split("@media screen and (prefers-color-scheme: dark)");

function coloursOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name = "", colour = ""]) => [name, colour]));
}

const SCHEMES = { light: coloursOf(light), dark: { ...coloursOf(light), ...coloursOf(dark) } };

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const hex = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join("") : colour.slice(1);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [more = 0, less = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (more + 0.05) / (less + 0.05);
}

const TEXTS: readonly (readonly [text: string, ground: string])[] = [
  ...["ink", "soft", "accent", "bad"].flatMap((text) => ["paper", "wash"].map((ground) => [text, ground] as const)),
  ["on-accent", "accent"],
  ["note-ink", "note-paper"],
  ["ink", "bar"],
  ["ink", "bar-deep"],
  ...[0, 1, 2, 3, 4].map((depth) => ["heat-ink-low", `heat-${depth}`] as const),
  ...[5, 6].map((depth) => ["heat-ink-high", `heat-${depth}`] as const),
  ...[0, 1, 2, 3, 4].map((curve) => [`curve-${curve}`, "paper"] as const),
];
const MARKS: readonly (readonly [mark: string, ground: string])[] = [
  ["edge", "paper"],
  ["repeat-sale", "paper"],
  ["accent", "paper"],
];

describe.each(Object.entries(SCHEMES))("in %s", (_, colours) => {
  const of = (name: string) => colours[name] ?? "";
  test("all colours are there", () => {
    expect([...TEXTS, ...MARKS].flat().filter((name) => !/^#/.test(of(name)))).toEqual([]);
  });
  test.each(TEXTS)("%s can be read on %s", (text, ground) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5);
  });
  test.each(MARKS)("%s is seen on %s", (mark, ground) => {
    expect(contrast(of(mark), of(ground))).toBeGreaterThanOrEqual(3);
  });
  test("the two parts of a bar are told apart", () => {
    expect(contrast(of("first-sale"), of("repeat-sale"))).toBeGreaterThanOrEqual(2.5);
  });
});

test("black and white have the contrast that WCAG says", () => {
  expect(contrast("#000", "#ffffff")).toBeCloseTo(21, 5);
});
