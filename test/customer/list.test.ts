// Do lists of customers filter, sort and page as they say, whatever is asked together and whatever happens between pages?
import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openWorld, type Reply } from "../harness.ts";
import { chanceOf } from "../oracle/arrange.ts";
import { randomLog } from "../oracle/random-log.ts";
import { firstTouch, tally } from "../oracle/tally.ts";
import type { World } from "../oracle/world.ts";
import { monthKey, weekKey } from "../oracle/zone.ts";
import { failure } from "../report/ask.ts";
import { type Person, type Told, tellLog, tellSmallWorld } from "../told.ts";

type Filters = Record<string, string>;

/** Does somebody meet the filters? By loops over their entries. */
function meets({ listed, facts }: Person, filters: Filters, world: World): boolean {
  const { zone, now } = world;
  const first = firstTouch(facts);
  const { sales, leads } = tally(world, facts.entries);
  const ltv = Number(listed.ltv);
  const text = (field: string) => String(listed[field] ?? "").toLowerCase();
  const time = (field: string) => Date.parse(String(listed[field]));
  const lastSale = sales.at(-1)?.at;
  const end = filters.end ?? "9999-12";
  const seen = sales.filter(({ at }) => at <= now && monthKey(zone.monthOf(at)) <= end);
  const lived = seen.map(({ at }) =>
    filters.period === "elapsed" ? zone.monthsLived(first.at, at) : zone.monthOf(at) - zone.monthOf(first.at),
  );
  const judges: Record<string, (value: string) => boolean> = {
    search: (value) => ["name", "email", "externalId"].some((field) => text(field).includes(value.toLowerCase())),
    week: (value) => weekKey(zone.mondayOf(first.at)) === value,
    month: (value) => monthKey(zone.monthOf(first.at)) === value,
    source: (value) => (first.source ?? "(direct)") === value,
    campaign: (value) => (first.campaign ?? "(none)") === value,
    lead: (value) => leads.length > 0 === (value === "true"),
    paying: (value) => sales.length > 0 === (value === "true"),
    minSales: (value) => sales.length >= Number(value),
    minLtv: (value) => ltv >= Number(value),
    maxLtv: (value) => ltv <= Number(value),
    firstTouchAfter: (value) => first.at >= Date.parse(value),
    firstTouchBefore: (value) => first.at < Date.parse(value),
    firstSaleAfter: (value) => sales[0] !== undefined && sales[0].at >= Date.parse(value),
    firstSaleBefore: (value) => sales[0] !== undefined && sales[0].at < Date.parse(value),
    lastSaleAfter: (value) => lastSale !== undefined && lastSale >= Date.parse(value),
    lastSaleBefore: (value) => lastSale !== undefined && lastSale < Date.parse(value),
    email: (value) => listed.email === value.trim().toLowerCase(),
    lastSeenAfter: (value) => time("lastSeenAt") >= Date.parse(value),
    lastSeenBefore: (value) => time("lastSeenAt") < Date.parse(value),
    createdAfter: (value) => time("createdAt") >= Date.parse(value),
    createdBefore: (value) => time("createdAt") < Date.parse(value),
    activeIn: (value) => seen.some(({ at }) => monthKey(zone.monthOf(at)) === value),
    activePeriod: (value) => lived.includes(Number(value)),
    firstSaleWithin: (value) => lived.some((k) => k <= Number(value)),
  };
  return Object.entries(filters).every(([name, value]) => judges[name]?.(value) ?? true);
}

const MONTHS = ["2020-02", "2021-01", "2021-03", "2021-07", "2021-10", "2021-11"];
const TIMES = ["2020-02-29T16:30:00Z", "2021-03-28T01:30:00Z", "2021-07-08T00:00:00Z", "2021-11-20T10:00:00Z", "2021-11-20T12:00:00Z"];
const among = (...values: string[]) => fc.constantFrom(...values);
const flag = among("true", "false");
const instant = among(...TIMES);
const month = among(...MONTHS);
const amount = among("-1", "0", "0.33", "10", "50.01", "1000");
const periods = among("0", "1", "4", "13");

const filters: fc.Arbitrary<Filters> = fc
  .record(
    {
      search: among("a", "example", "Bob", "é"),
      week: among("2021-W26", "2021-W43", "2021-W12", "2021-W46"),
      month,
      source: among("google", "(direct)", "bing", "Bing"),
      campaign: among("spring", "(none)", "\u{1F331}"),
      lead: flag,
      paying: flag,
      minSales: among("0", "1", "2", "3"),
      minLtv: amount,
      maxLtv: amount,
      firstTouchAfter: instant,
      firstTouchBefore: instant,
      firstSaleAfter: instant,
      firstSaleBefore: instant,
      lastSaleAfter: instant,
      lastSaleBefore: instant,
      email: among("ann@x.example", " Ann@X.example", "bob@x.example", "eve@x.example", "zoe@x.example"),
      lastSeenAfter: instant,
      lastSeenBefore: instant,
      createdAfter: instant,
      createdBefore: instant,
      activeIn: month,
      activePeriod: periods,
      firstSaleWithin: periods,
      period: among("calendar", "elapsed"),
      end: month,
    },
    { requiredKeys: [] },
  )
  .chain((all) => fc.subarray(Object.entries(all), { maxLength: 4 }).map((some) => Object.fromEntries(some)));

const SORTS = ["createdAt", "ltv", "sales", "lastSeenAt", "lastSaleAt", "firstTouchAt"] as const;
const SEED = 20_260_301;

describe("combined filters", () => {
  test("find whom loops over everybody find", async () => {
    let found = 0;
    let asked = 0;
    for (const [index, log] of fc.sample(randomLog, { numRuns: 12, seed: SEED }).entries()) {
      using told = await tellLog(log);
      const people = await told.people();
      for (const some of fc.sample(filters, { numRuns: 60, seed: SEED + index })) {
        const query = new URLSearchParams(some);
        const listed = (await told.api.ask(`/customers?limit=100&${query}`)) as { id: string }[];
        const wanted = [...people].filter(([, person]) => meets(person, some, told.world)).map(([id]) => id);
        expect([some, listed.map(({ id }) => id).sort()]).toEqual([some, wanted.sort()]);
        expect(await told.api.ask(`/customers/count?${query}`)).toEqual({ count: wanted.length });
        asked++;
        if (wanted.length > 0 && wanted.length < people.size) found++;
      }
    }
    expect(found).toBeGreaterThan(asked / 10); // the questions tell customers apart
  });
});

describe("bad values", () => {
  const world = openWorld();
  afterAll(world.close);
  const BAD: Record<string, string[]> = {
    search: ["", "x".repeat(256), "\u0000"],
    week: ["2026-W54", "2025-W53", "2026-08", "2026-W00", ""],
    month: ["2026-13", "2026-1", "2026-W08", ""],
    source: [""],
    campaign: [""],
    lead: ["yes", "1", ""],
    paying: ["TRUE", "0", ""],
    minSales: ["-1", "1.5", "many", "1e3"],
    minLtv: ["1.001", "much", "1e400", ""],
    maxLtv: ["0.001", "10000000000.01", "NaN"],
    firstTouchAfter: ["2026-02-30", "2026-02-01T10:00:00", "soon"],
    firstTouchBefore: ["2026-13-01", ""],
    lastSaleAfter: ["2026-02-30"],
    lastSaleBefore: ["never"],
    email: ["", "x".repeat(255)],
    lastSeenAfter: ["yesterday"],
    lastSeenBefore: ["2026-02-01T25:00:00Z"],
    createdAfter: ["2026-02-29"],
    createdBefore: ["--"],
    activeIn: ["2026-00", "202602"],
    activePeriod: ["-1", "1201", "one"],
    firstSaleWithin: ["-1", "0.5"],
    period: ["weekly", ""],
    end: ["2026-13", "2026-02-01"],
    unknown: ["1"],
  };
  const ONLY_LISTED: Record<string, string[]> = {
    sortBy: ["name", "", "created_at"],
    sortOrder: ["up"],
    cursor: ["nonsense", "", "Y3JlYXRlZEF0IGRlc2MgOTk5OTk5OTk5OTk5OTk5OTk5OSAx", "bHR2IGFzYyAwIDE"],
    limit: ["0", "101", "ten"],
    page: ["0", "-1"],
  };
  for (const [path, cases] of [
    ["/customers", { ...BAD, ...ONLY_LISTED }],
    ["/customers/count", BAD],
  ] as const)
    test(`of any parameter of ${path} are named, and of all together`, async () => {
      for (const [name, values] of Object.entries(cases))
        for (const value of values)
          expect([name, value, await failure(world, `${path}?${name}=${encodeURIComponent(value)}`)]).toEqual([
            name,
            value,
            { status: 400, code: "VALIDATION_ERROR", fields: [name] },
          ]);
      const all = new URLSearchParams(Object.fromEntries(Object.entries(cases).map(([name, values]) => [name, values[0] ?? ""])));
      const { fields } = await failure(world, `${path}?${all}`);
      expect(fields.sort()).toEqual(Object.keys(cases).sort());
    });
});

describe("lists", async () => {
  let told: Told | undefined = await tellSmallWorld();
  const { api } = told;
  afterAll(() => {
    told?.[Symbol.dispose]();
    told = undefined;
  });
  const value = (row: Record<string, unknown>, sortBy: string) =>
    sortBy === "ltv" || sortBy === "sales" ? Number(row[sortBy]) : row[sortBy] === null ? -1 : Date.parse(String(row[sortBy]));

  for (const sortBy of SORTS)
    for (const sortOrder of ["asc", "desc"] as const)
      test(`sort by ${sortBy}, ${sortOrder}, then by id, the same in pages and by cursor`, async () => {
        const sort = `sortBy=${sortBy}&sortOrder=${sortOrder}`;
        const whole = (await api.ask(`/customers?limit=100&${sort}`)) as Record<string, unknown>[];
        const values = whole.map((row) => value(row, sortBy));
        expect(values).toEqual(values.toSorted((a, b) => (sortOrder === "asc" ? a - b : b - a)));
        const ids = whole.map(({ id }) => String(id));
        for (const [index, id] of ids.entries())
          if (index > 0 && values[index] === values[index - 1]) expect(id > (ids[index - 1] ?? "")).toBe(sortOrder === "asc");
        const paged: string[] = [];
        for (let page = 1; page <= 10; page++)
          paged.push(...((await api.ask(`/customers?limit=5&page=${page}&${sort}`)) as { id: string }[]).map(({ id }) => id));
        expect(paged).toEqual(ids);
        const walked: string[] = [];
        for (let cursor: string | null = ""; cursor !== null; ) {
          const { body } = await api.send("GET", `/customers?limit=7&${sort}${cursor === "" ? "" : `&cursor=${cursor}`}`);
          walked.push(...(body.data as { id: string }[]).map(({ id }) => id));
          cursor = (body.pagination as unknown as { nextCursor: string | null }).nextCursor;
        }
        expect(walked).toEqual(ids);
      });
});

describe("a walk by cursor", () => {
  for (const sortBy of SORTS)
    test(`by ${sortBy} meets everybody who stays, once, while others come and go between pages`, async () => {
      const world = openWorld();
      const chance = chanceOf(SEED);
      const add = async (name: string) => {
        const timestamp = new Date(Date.parse("2026-01-01T00:00:00Z") + chance.pick(50) * 86_400_000).toISOString();
        const { body } = await world.request<{ id: string }>("POST", "/customers", { externalId: name, createdAt: timestamp });
        for (let sales = chance.pick(3); sales > 0; sales--)
          await world.request("POST", "/events", {
            type: "sale",
            externalId: name,
            orderId: `${name}-${sales}`,
            timestamp,
            value: chance.pick(4),
          });
        return body.data.id;
      };
      const stay = new Set<string>();
      for (let n = 0; n < 40; n++) stay.add(await add(`first-${n}`));
      const met: string[] = [];
      let round = 0;
      for (let cursor: string | null = ""; cursor !== null; round++) {
        const { body }: Reply<{ id: string }[]> = await world.request(
          "GET",
          `/customers?limit=6&sortBy=${sortBy}${cursor === "" ? "" : `&cursor=${cursor}`}`,
        );
        met.push(...body.data.map(({ id }) => id));
        cursor = (body.pagination as unknown as { nextCursor: string | null }).nextCursor;
        const last = body.data.at(-1)?.id; // the row that the cursor was made from is gone when it is used
        for (const id of [last, [...stay][chance.pick(stay.size)]])
          if (id !== undefined && stay.delete(id)) await world.request("DELETE", `/customers/${id}`);
        for (let n = 0; n < 2; n++) await add(`late-${round}-${n}`);
      }
      world.close();
      expect(new Set(met).size).toBe(met.length);
      expect([...stay].filter((id) => !met.includes(id))).toEqual([]);
      expect(round).toBeGreaterThan(5);
    });
});
