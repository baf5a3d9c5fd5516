// Do the totals of attribution follow the log at every moment, and give the same rows as plain loops for every range of days?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { MODELS } from "../../../src/credit/model.ts";
import type { TotalsAnswer } from "../../../src/report/attribution/totals-answer.ts";
import { openWorld } from "../../harness.ts";
import { attributionTotals, type Bounds, payingIn } from "../../oracle/attribution-totals.ts";
import { randomLog } from "../../oracle/random-log.ts";
import type { World as Oracle } from "../../oracle/world.ts";
import { record } from "../../record-entries.ts";
import { openTold } from "../../told.ts";
import { ask, click, sale } from "./ask-totals.ts";

const brief = ({ rows }: TotalsAnswer) =>
  rows.map(({ key, touches, clicks, customers, sales, revenue }) => [key, touches, clicks, customers, sales, revenue]);

test("what changes after the fact is in it: a rate, a refund, a status, a click that came late", async () => {
  const world = openWorld();
  const rows = async () => brief(await ask(world, "model=linear"));
  await record(world, [click("ann", "a1", "01-20", "google"), sale("ann", "o-1", "01-25", 10, { currency: "EUR" })]);
  expect(await rows()).toEqual([["google", 1, 1, 0, 0, 0]]);
  await world.request("PUT", "/rates", [{ currency: "EUR", date: "2026-01-01", rate: "1.5" }]);
  expect(await rows()).toEqual([["google", 1, 1, 1, 1, 15]]);
  await record(world, [{ type: "refund", orderId: "o-1", eventId: "r-1", timestamp: "2026-02-20T00:00:00Z", value: 4 }]);
  expect(await rows()).toEqual([["google", 1, 1, 1, 1, 9]]);
  await world.request("PUT", "/rates", [{ currency: "EUR", date: "2026-01-02", rate: "2" }]);
  expect(await rows()).toEqual([["google", 1, 1, 1, 1, 12]]);
  await record(world, [click("ann", "a2", "01-21", "bing")]);
  expect(await rows()).toEqual([
    ["bing", 1, 1, 1, 0.5, 6],
    ["google", 1, 1, 1, 0.5, 6],
  ]);
  await world.request("PATCH", "/conversions/ord_o-1", { status: "rejected" });
  expect(await rows()).toEqual([
    ["bing", 1, 1, 0, 0, 0],
    ["google", 1, 1, 0, 0, 0],
  ]);
  world.close();
});

test("a customer is counted once in a range, whichever of their days are in it, and whether they are in the totals or not yet", async () => {
  for (const fold of ["none", "some", "all"]) await countOnce(fold);
});

async function countOnce(fold: string): Promise<void> {
  const world = openWorld({ now: "2026-04-15T00:00:00Z" });
  const days = { ann: ["01-05", "01-20", "02-10", "03-03"], bob: ["01-06", "02-11", "02-12", "03-31"], cleo: ["01-31", "03-01"] };
  for (const [who, own] of Object.entries(days))
    for (const day of own) {
      await record(world, [click(who, `${who}-${day}`, day, "x"), sale(who, `o-${who}-${day}`, day, 1)]);
      await ask(world, "");
      if (fold === "some" && own.indexOf(day) === 1) world.workspace.ledger.credit.fold();
    }
  if (fold === "all") world.workspace.ledger.credit.fold();
  const edges = ["01-01", "01-05", "01-06", "01-10", "01-31", "02-01", "02-11", "02-12", "02-28", "03-01", "03-15", "03-31"];
  for (const [index, start] of edges.entries())
    for (const end of edges.slice(index)) {
      const customers = Object.values(days).filter((own) => own.some((day) => day >= start && day <= end)).length;
      const { rows, totals } = await ask(world, `start=2026-${start}&end=2026-${end}&model=linear`);
      expect([fold, start, end, totals.customers, rows[0]?.customers ?? 0]).toEqual([fold, start, end, customers, customers]);
    }
  world.close();
}

test("what comes while somebody with very many entries is being read is read too", async () => {
  const world = openWorld();
  const { ledger } = world.workspace;
  const many = Array.from({ length: 600 }, (_, n) => click("busy", `c-${n}`, "01-15", "x"));
  await record(world, [...many, sale("busy", "o-1", "01-20", 5)]);
  expect((await ask(world, "")).totals).toEqual({ touches: 600, clicks: 600, customers: 1, sales: 1, revenue: 5 });
  await record(world, [sale("busy", "o-2", "01-18", 7)]);
  ledger.ensureCustomerFresh(1);
  expect(ledger.credit.some()).toBe(true);
  await record(world, [sale("busy", "o-3", "01-17", 11)]);
  ledger.ensureCustomerFresh(1);
  expect((await ask(world, "")).totals).toEqual({ touches: 600, clicks: 600, customers: 1, sales: 3, revenue: 23 });
  expect((await ask(world, "end=2026-01-18")).totals).toEqual({ touches: 600, clicks: 600, customers: 1, sales: 2, revenue: 18 });
  world.close();
});

/** Gives a function that draws whole numbers below a limit, always the same. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Ranges of whole days around the entries of a log. Some begin or end with a month, or are within one. */
function daysAround(world: Oracle, next: (limit: number) => number): Bounds[] {
  const days = [...world.derived.facts.values()].flatMap(({ entries }) => entries.map(({ at }) => new Date(at).toISOString().slice(0, 10)));
  if (days.length === 0) return [];
  const endOfMonthBefore = (day: string) => new Date(Date.parse(`${day.slice(0, 7)}-01`) - 1).toISOString().slice(0, 10);
  return Array.from({ length: 8 }, (_, index): Bounds => {
    const pick = () => days[next(days.length)] ?? "";
    const [first = "", last = ""] = [pick(), pick()].sort();
    const end = endOfMonthBefore(last);
    if (index % 4 === 0) return [first, last];
    if (index % 4 === 1) return [`${first.slice(0, 7)}-01`, last];
    if (index % 4 === 2) return [undefined, last];
    return [first, end < first ? undefined : end];
  });
}

test("random logs come out so from the totals at every moment, whatever days the range has", async () => {
  const next = numbers(816);
  let credited = 0;
  for (const { timezone, segments } of fc.sample(randomLog, { numRuns: 10, seed: 816 })) {
    using told = openTold({ timezone, currency: "USD", attributionWindowDays: 30, now: 0 });
    for (const { now, entries, statuses, call } of segments) {
      await told.tell({ op: "clock", now });
      await told.api.events(entries);
      for (const entry of entries) told.world.apply({ op: "event", ...entry });
      await told.api.ask("/customers/attribution"); // what follows is added to what is derived by now
      for (const status of statuses) await told.tell(status);
      await told.tell(call);
      for (const [index, bounds] of daysAround(told.world, next).entries()) {
        const [start, end] = bounds;
        const groupBy = (["source", "campaign", "link"] as const)[index % 3] ?? "source";
        const model = MODELS[next(MODELS.length)] ?? "last";
        const query = new URLSearchParams({ group_by: groupBy, model, ...(start && { start }), ...(end && { end }) });
        const got = (await told.api.ask(`/customers/attribution?${query}`)) as TotalsAnswer;
        expect([timezone, String(query), brief(got)]).toEqual([
          timezone,
          String(query),
          attributionTotals(told.world, groupBy, model, 30, bounds),
        ]);
        expect([String(query), got.totals.customers]).toEqual([String(query), payingIn(told.world, bounds)]);
        credited += got.rows.length;
      }
    }
  }
  expect(credited).toBeGreaterThan(300);
});
