// Does the self-test tell the golden world, and does it notice a wrong answer?
import { afterEach, beforeEach, expect, test } from "bun:test";
import { findDifferences } from "../../src/verify/golden.ts";
import { readWorldSettings, type Send, selfTest } from "../../src/verify/self-test.ts";
import golden from "../fixtures/small-world.expected.json" with { type: "json" };
import { openWorld, type World } from "../harness.ts";

const FIXTURES = `${import.meta.dir}/../fixtures`;
const INSIDE = `${import.meta.dir}/../../src/verify`;

let world: World;
let send: Send;
beforeEach(() => {
  const { timezone, currency, attributionWindowDays, now } = readWorldSettings();
  world = openWorld({ config: { timezone, currency, attributionWindowDays }, now });
  send = (method, path, body) => world.request(method, path, body);
});
afterEach(() => world.close());

test("the world inside the program is the golden one", async () => {
  expect(await Bun.file(`${INSIDE}/small-world.ndjson`).text()).toBe(await Bun.file(`${FIXTURES}/small-world.ndjson`).text());
  const lines = (await Bun.file(`${INSIDE}/small-world.answers.ndjson`).text()).trim().split("\n");
  const [head, ...requests] = lines.map((line) => JSON.parse(line) as unknown);
  expect({ ...(head as object), requests }).toEqual(golden);
});

test("all is well, and every outcome is compared: told again, what was made is a duplicate", async () => {
  expect(await selfTest(send)).toEqual({ operations: 121, answers: 109, differences: [] });
  const { differences } = await selfTest(send);
  expect(differences[0]).toBe("operation 1: success expected, got duplicate");
  expect(differences.length).toBeGreaterThan(80);
});

test.each([
  ["a figure", { revenue: 1.5 }, "GET /customers/cohorts data.totals.revenue"],
  ["a count", { customers: 1 }, "GET /customers/cohorts data.totals.customers"],
  ["a field that is not in the definitions", { luck: 7 }, "GET /customers/cohorts data.totals.luck"],
])("%s that is wrong is named with its request", async (_, wrong, named) => {
  const lying: Send = async (method, path, body) => {
    const answer = await send(method, path, body);
    const data = answer.body.data as { totals?: object };
    return path === "/customers/cohorts" ? { ...answer, body: { data: { ...data, totals: { ...data.totals, ...wrong } } } } : answer;
  };
  const { differences } = await selfTest(lying);
  expect(differences.filter((each) => each.startsWith("GET"))).toEqual([expect.stringContaining(named)]);
});

test("an error in the place of an answer is named", async () => {
  const failing: Send = async (method, path, body) => {
    if (path === "/customers/count") return { status: 500, body: { error: { code: "INTERNAL_ERROR" } } };
    return send(method, path, body);
  };
  const { differences } = await selfTest(failing);
  expect(differences.filter((each) => each.startsWith("GET"))).toEqual(["GET /customers/count: 200 expected, got 500 INTERNAL_ERROR"]);
});

test.each([
  ["equal", { a: [1, { b: null }] }, { a: [1, { b: null }], id: "x" }, []],
  ["null for 0", { a: 0 }, { a: null }, ["data.a: 0 expected, got null"]],
  ["a row too few", { a: [1, 2] }, { a: [1] }, ["data.a: 2 rows expected, got 1"]],
  ["another order", [1, 2], [2, 1], ["data.0: 1 expected, got 2", "data.1: 2 expected, got 1"]],
  ["a field too many", {}, { b: 1 }, ["data.b: not expected, got 1"]],
  ["a field that an entry repeats", { entries: [{}] }, { entries: [{ b: 1 }] }, []],
  ["a field that is missing", { a: { b: 1 } }, { a: {} }, ["data.a.b: 1 expected, got nothing"]],
])("compares by the golden rules: %s", (_, expected, actual, wanted) => {
  expect(findDifferences(expected, actual, new Set(["id"]))).toEqual(wanted as string[]);
});
