// Is every statement that lists run a template of src/customer/list/sql with its holes filled, and does it read what the template says?

import { afterAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Sqlite } from "../../db/connection.ts";
import type { Filters } from "../../src/customer/list/filter.ts";
import { openCustomerList } from "../../src/customer/list/list-customers.ts";
import { fill } from "../../src/customer/list/prepared.ts";
import { SORT_NAMES } from "../../src/customer/list/sort.ts";
import { openWorld } from "../harness.ts";
import { toConditions } from "./conditions.ts";
import { openManyCustomers } from "./many-customers.ts";

const FOLDER = resolve(import.meta.dir, "../../src/customer/list/sql");
/** Makes the table of candidates, which is there from then on. */
const CREATES = "candidate.sql";
const templates = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .map((name) => ({ name, text: readFileSync(join(FOLDER, name), "utf8") }));
const asked = templates.filter(({ name }) => name !== CREATES);

const world = openWorld();
afterAll(world.close);
const { sqlite, close } = openManyCustomers(world.workspace.calendar);
afterAll(close);

const prepared = new Set<string>();
/** The same connection, noting what is prepared on it. */
const noting = new Proxy(sqlite, {
  get(target, name: keyof Sqlite) {
    if (name === "prepare") return (sql: string) => prepared.add(sql) && target.prepare(sql);
    const value: unknown = target[name];
    return typeof value === "function" ? value.bind(target) : value;
  },
});
const list = openCustomerList(noting);

/** Each filter alone, common and rare, and those that lead to a way of their own. */
const FILTERS: Filters[] = [
  {},
  { search: "77" },
  { search: "_" },
  { search: "user_" },
  { search: "user_1" },
  { search: "user_12345" },
  { search: "1234", source: "google" },
  { search: "user_", source: "google" },
  { search: "user_", lead: false },
  { week: "2019-W16" },
  { month: "2019-04" },
  { source: "bing" },
  { campaign: "c5" },
  { lead: true },
  { paying: false },
  { minSales: 2 },
  { minSales: 3 },
  { minLtv: 100 },
  { maxLtv: 250 },
  { firstTouchAfter: "2019-04-24" },
  { firstTouchBefore: "2019-04-15" },
  { firstTouchBefore: "2019-04-23" },
  { firstSaleAfter: "2019-04-24" },
  { firstSaleBefore: "2019-04-23" },
  { lastSeenAfter: "2019-04-14" },
  { lastSeenAfter: "2019-04-24", source: "bing" },
  { lastSeenBefore: "2019-04-14T12:00:00Z" },
  { lastSaleAfter: "2019-04-14" },
  { lastSaleBefore: "2019-04-28" },
  { lastSaleBefore: "2019-04-28", source: "google" },
  { email: "user_120@example.com" },
  { email: "shared@post.net" },
  { email: "shared@post.net", lead: true },
  { createdAfter: "2019-04-14T01:00:00Z" },
  { createdBefore: "2019-04-14T01:00:00Z" },
  { activeIn: "2020-11" },
  { activePeriod: 1 },
  { activePeriod: 1, month: "2020-10" },
  { activePeriod: 1, source: "google" },
  { activePeriod: 1, source: "(direct)" },
  { firstSaleWithin: 1 },
  { firstSaleWithin: 1, period: "elapsed", end: "2020-12" },
  { activePeriod: 1, lead: true },
  { source: "bing", week: "2019-W16", paying: true },
];
for (const filters of FILTERS) {
  const conditions = toConditions(filters, world.workspace);
  list.count(conditions);
  for (const sortBy of SORT_NAMES)
    for (const sortOrder of ["asc", "desc"] as const) {
      const request = { conditions, sortBy, sortOrder, limit: 10, offset: 0 };
      const { total, customers } = list.list(request);
      list.list({ ...request, offset: Math.max(0, total - 10) });
      list.list({ ...request, offset: Math.floor(total / 2) });
      list.list({ ...request, after: customers[5]?.position });
      list.stretch({ conditions, sortBy, sortOrder, size: 100, after: customers[5]?.position });
    }
}
/** Stands in the code, and makes room for the next candidates. */
const CLEARS = "DELETE FROM temp.candidate";
const statements = [...prepared].filter((sql) => sql !== CLEARS);

/** A template as a pattern: whatever fills its holes. */
function toPattern(text: string): RegExp {
  const parts = text.split(/(?<=\/\* \w+ \*\/ ).*$/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^;]+?")}$`);
}
const patterns = asked.map(({ name, text }) => ({ name, pattern: toPattern(text) }));
const templatesOf = (sql: string) => patterns.filter(({ pattern }) => pattern.test(sql)).map(({ name }) => name);

/** What a template says that it reads: indexes, and tables by `the table …`. */
function readsOf(text: string): string[] {
  const line = /^-- Reads: (.*)\.$/m.exec(text)?.[1] ?? "";
  return [...line.matchAll(/\b(?:customer|cohort|ltv)_\w+|(?<=the table )\w+/g)].map(([name]) => name);
}

/** Rows looked up one by one by their key or their customer, the one row of a WITH, and a look that a condition takes at the last month of the curves. */
const LOOKED_UP =
  /^SEARCH \w+ (?:EXISTS )?USING (?:INTEGER PRIMARY KEY \(rowid=\?\)|PRIMARY KEY \(customer_id)|^SCAN (?:last|CONSTANT ROW)\b|^SEARCH ltv_cell\b|^SEARCH claim USING COVERING INDEX claim_customer \(customer_id=\? AND kind=\?\)/;
const ALIASES: Record<string, string> = { c: "customer", m: "ltv_cell" };

/** What a query plan reads beside that: indexes, else tables. */
function plannedOf(sql: string): string[] {
  const values = Object.fromEntries([...sql.matchAll(/:(\w+)/g)].map(([, name]) => [name, 1]));
  const plan = sqlite.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(values) as { detail: string }[];
  return plan.flatMap(({ detail }) => {
    const table = /^(?:SCAN|SEARCH) (?:temp\.)?(\w+)/.exec(detail)?.[1];
    if (table === undefined || LOOKED_UP.test(detail)) return [];
    return [/USING (?:COVERING )?INDEX (\w+)/.exec(detail)?.[1] ?? ALIASES[table] ?? table];
  });
}

describe("templates of lists", () => {
  test("are asked at all", () => {
    expect(statements.length).toBeGreaterThan(100);
  });

  for (const { name, text } of asked) {
    test(`${name} says what it answers, when it is chosen and what it reads`, () => {
      expect(text).toMatch(/^-- [^\n]*\?/);
      expect(text).toMatch(/^-- Chosen: /m);
      expect(readsOf(text)).not.toEqual([]);
    });

    test(`${name} can be pasted into a shell as it stands`, () => {
      const planned = plannedOf(text);
      expect(planned).not.toEqual([]);
      expect(planned.filter((each) => !readsOf(text).includes(each))).toEqual([]);
    });
  }
});

describe("statements of lists", () => {
  test("are each one of the templates with its holes filled", () => {
    expect(statements.filter((sql) => templatesOf(sql).length !== 1)).toEqual([]);
  });

  for (const { name, text } of asked)
    test(`from ${name} read what it says, and together all of that`, () => {
      const planned = new Set<string>();
      for (const sql of statements.filter((each) => templatesOf(each).includes(name))) {
        const own = plannedOf(sql);
        for (const each of own) planned.add(each);
        const wanted = /INDEXED BY (\w+)/.exec(sql)?.[1];
        if (wanted !== undefined) expect([sql, own]).toEqual([sql, expect.arrayContaining([wanted])]);
      }
      expect([...planned].sort()).toEqual(readsOf(text).sort());
    });
});

test("a hole that a template has not is refused", () => {
  expect(fill("SELECT 1\nORDER BY /* order */ a, b\nLIMIT 1", { order: "c" })).toBe("SELECT 1\nORDER BY /* order */ c\nLIMIT 1");
  expect(() => fill("SELECT 1", { order: "c" })).toThrow("no hole order");
});
