// Does every count of people in revenue over time lead to exactly its customers, but for those erased since?
import { afterAll, describe, expect, test } from "bun:test";
import type { RevenueAnswer } from "../../../src/report/revenue/answer.ts";
import { readRange } from "../../oracle/cohorts.ts";
import type { Facts } from "../../oracle/derive.ts";
import { firstSale } from "../../oracle/revenue.ts";
import { firstTouch } from "../../oracle/tally.ts";
import { tellSmallWorld } from "../../told.ts";

describe("the small world", async () => {
  const told = await tellSmallWorld();
  const { api, world } = told;
  const people = await told.people();
  afterAll(() => told[Symbol.dispose]());

  for (const query of [
    "group_by=month",
    "group_by=week&start=2020-02-03T12:30:00Z",
    "group_by=day&start=2020-03-01T11:00:00Z&end=2020-05-20T09:30:00Z",
    "group_by=month&end=2020-10-25",
  ])
    test(`${query} leads to its people`, async () => {
      const answer = (await api.ask(`/customers/revenue?${query}&explain=true`)) as RevenueAnswer;
      const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = readRange(
        world,
        answer.start ?? undefined,
        answer.end ?? undefined,
      );
      let seen = 0;
      for (const row of [...answer.periods, { ...answer.totals, period: "totals", start: null, end: null }]) {
        const inRow = (at: number | undefined) =>
          at !== undefined &&
          at >= Math.max(from, row.start === null ? from : Date.parse(row.start)) &&
          at < Math.min(to, row.end === null ? to : Date.parse(row.end));
        for (const [name, isOne] of [
          ["newCustomers", (facts: Facts) => inRow(firstTouch(facts).at)],
          ["newPayingCustomers", (facts: Facts) => inRow(firstSale(world, facts)?.at)],
        ] as const) {
          const { people: paths, erased } = row.explain ?? {};
          if (!paths || !erased) throw new Error("a row is not explained");
          const listed = (await api.ask(`${paths[name]}${paths[name].includes("?") ? "&" : "?"}limit=100`)) as { id: string }[];
          const wanted = [...people].filter(([, { facts }]) => isOne(facts)).map(([id]) => id);
          expect([row.period, name, listed.map(({ id }) => id).sort()]).toEqual([row.period, name, wanted.sort()]);
          expect([row.period, name, listed.length + erased[name]]).toEqual([row.period, name, row[name]]);
          const { count } = (await api.ask(paths[name].replace("/customers", "/customers/count"))) as { count: number };
          expect(count).toBe(listed.length);
          seen += listed.length;
        }
      }
      expect(seen).toBeGreaterThan(10);
    });

  test("has erased customers in its figures", async () => {
    const { totals } = (await api.ask("/customers/revenue?explain=true")) as RevenueAnswer;
    expect(totals.explain?.erased.newCustomers).toBeGreaterThan(0);
    expect(totals.explain?.erased.newPayingCustomers).toBeGreaterThan(0);
  });
});
