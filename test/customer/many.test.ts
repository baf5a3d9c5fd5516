// Are pages and counts right however many customers meet the conditions, and wherever in the order they are?

import { afterAll, describe, expect, test } from "bun:test";
import type { Condition } from "../../src/customer/list/condition.ts";
import type { Filters } from "../../src/customer/list/filter.ts";
import { type ListRequest, openCustomerList } from "../../src/customer/list/list-customers.ts";
import { SORT_NAMES } from "../../src/customer/list/sort.ts";
import { fold } from "../../src/ledger/profile.ts";
import { openWorld } from "../harness.ts";
import { toConditions } from "./conditions.ts";
import { openManyCustomers } from "./many-customers.ts";

const world = openWorld();
afterAll(world.close);
const database = openManyCustomers(world.workspace.calendar);
afterAll(() => database.close());
const { sqlite } = database;
const list = openCustomerList(sqlite);

const SORTED = {
  createdAt: "created_at",
  firstTouchAt: "first_touch_at",
  lastSeenAt: "last_seen_at",
  lastSaleAt: "last_sale_at",
  ltv: "gross_minor - refunds_minor",
  sales: "sales",
};

/** Everybody who meets the conditions, in order, by the conditions alone. */
function ids(conditions: readonly Condition[], { sortBy, sortOrder }: Pick<ListRequest, "sortBy" | "sortOrder">): number[] {
  const where = ["c.deleted_at IS NULL", "c.first_touch_at IS NOT NULL", ...conditions.map(({ sql }) => sql)].join(" AND ");
  const values = Object.assign({}, ...conditions.map((each) => each.values));
  const nobodyFirst = sortOrder === "asc" ? "NULLS FIRST" : "NULLS LAST";
  const order = `c.${SORTED[sortBy]} ${sortOrder} ${nobodyFirst}, c.id ${sortOrder}`;
  return sqlite.prepare(`SELECT c.id FROM customer AS c NOT INDEXED WHERE ${where} ORDER BY ${order}`).pluck().all(values) as number[];
}

const FEW_TO_ALL: Filters[] = [
  {},
  { search: "user_" },
  { search: "user_1" },
  { search: "user_12" },
  { search: "user_12345" },
  { search: "0@example.com" },
  { search: "@example.com\nuser_1" },
  { search: "_" },
  { search: "77" },
  { search: "nothing like it" },
  { search: "user_", source: "google" },
  { search: "12", source: "google", paying: true },
  { search: "user_2", lead: true },
  { source: "bing" },
  { source: "bing", lead: false },
  { source: "bing", campaign: "c5" },
  { minLtv: 100 },
  { minLtv: 0, maxLtv: 250 },
  { minSales: 2, lead: true },
  { paying: false },
  { week: "2019-W16" },
  { month: "2019-04", paying: true },
  { firstTouchAfter: "2019-04-24" },
  { lastSeenBefore: "2019-04-14T12:00:00Z" },
  { lastSaleAfter: "2019-04-24" },
  { lastSaleBefore: "2019-04-20" },
  { lastSaleBefore: "2019-04-28", lastSaleAfter: "2019-04-16", source: "google" },
  { lastSaleAfter: "2019-04-16", firstSaleBefore: "2019-04-20" },
  { lastSaleAfter: "2019-04-16", month: "2019-04", lead: true },
  { lastSaleAfter: "2019-04-16", search: "user_" },
  { email: "user_120@example.com" },
  { email: "nobody@example.com" },
  { email: "Shared@Post.net " },
  { email: "shared@post.net", source: "bing" },
  { email: "shared@post.net", search: "user_1" },
  { activePeriod: 1 },
  { activePeriod: 1, paying: true },
  { firstSaleWithin: 1, source: "google" },
];

describe("pages and counts of many customers", () => {
  for (const filters of FEW_TO_ALL)
    test(`with ${JSON.stringify(filters)}`, () => {
      const conditions = toConditions(filters, world.workspace);
      for (const sortBy of SORT_NAMES)
        for (const sortOrder of ["asc", "desc"] as const) {
          const all = ids(conditions, { sortBy, sortOrder });
          expect(list.count(conditions)).toBe(all.length);
          const middle = Math.floor(all.length / 2);
          for (const offset of [0, middle + 400, all.length - 5, all.length + 5]) {
            if (offset < 0) continue;
            const page = { conditions, sortBy, sortOrder, limit: 10, offset };
            const { total, customers } = list.list(page);
            expect([total, ...customers.map(({ row }) => row.id)]).toEqual([all.length, ...all.slice(offset, offset + 10)]);
            const last = customers.at(-1);
            if (!last) continue;
            const next = list.list({ ...page, offset: 0, after: last.position });
            expect([next.total, ...next.customers.map(({ row }) => row.id)]).toEqual([all.length, ...all.slice(offset + 10, offset + 20)]);
          }
        }
    });
});

test("no other letter is taken for one of ASCII by the index of texts", () => {
  sqlite.exec("CREATE VIRTUAL TABLE temp.letters USING fts5 (text, tokenize = 'trigram')");
  const insert = sqlite.prepare("INSERT INTO temp.letters (text) VALUES (?)");
  const others = new Set<string>();
  for (let code = 0x80; code <= 0x1ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    for (const letter of fold(String.fromCodePoint(code))) if (letter > "\u007f") others.add(letter);
  }
  sqlite.transaction(() => {
    for (const letter of others) insert.run(`(${letter})`);
  })();
  const find = sqlite.prepare("SELECT text FROM temp.letters WHERE letters MATCH ?").pluck();
  for (let code = 0x20; code < 0x7f; code++) {
    const letter = String.fromCharCode(code);
    expect([letter, find.all(`"(${letter === '"' ? '""' : letter})"`)]).toEqual([letter, []]);
  }
  expect(find.all('"(é)"')).toEqual(["(é)"]);
});
