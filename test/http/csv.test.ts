// Do reports and lists have the same in CSV as in JSON, in a file that a spreadsheet opens without running anything in it?
import { afterEach, describe, expect, test } from "bun:test";
import { ADMIN_KEY, type Envelope, openWorld, type World, type WorldOptions } from "../harness.ts";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** The records of a file, as RFC 4180 has them: a second reader, which knows nothing of how they are written. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  for (let at = 0; at < text.length; ) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at++;
        cell += text[at];
      }
      at++;
    } else for (; at < text.length && !",\r\n".includes(text[at] ?? ""); at++) cell += text[at];
    cells.push(cell);
    if (text[at] === ",") at++;
    else {
      expect(text.slice(at, at + 2)).toBe("\r\n");
      at += 2;
      records.push(cells);
      cells = [];
    }
  }
  return records;
}

/** The rows of a file by column. */
function rowsOf(text: string): Record<string, string>[] {
  expect(text.codePointAt(0)).toBe(0xfeff);
  const [columns = [], ...records] = readCsv(text.slice(1));
  expect(new Set(records.map((record) => record.length))).toEqual(new Set(records.length > 0 ? [columns.length] : []));
  return records.map((record) => Object.fromEntries(columns.map((column, index) => [column, record[index] ?? ""])));
}

const NASTY = ['=HYPERLINK("http://x","y")', "-2+3", "@SUM(A1)", "a,b;c", 'say "hi"', "+49", "漢字 🌱"];

async function openShop(options: WorldOptions = {}): Promise<World> {
  const world = openWorld({ now: "2026-03-01T00:00:00Z", config: { snapshotTtl: 30 }, ...options });
  worlds.push(world);
  const entries = NASTY.flatMap((name, n) => [
    {
      type: "click",
      clickId: `c${n}`,
      externalId: `p${n}`,
      campaign: name,
      source: name,
      link: `https://x/${n}`,
      timestamp: `2026-01-0${n + 1}`,
    },
    { type: "sale", orderId: `o${n}`, externalId: `p${n}`, name, value: n + 0.5, timestamp: `2026-01-1${n}`, metadata: { note: name } },
    { type: "sale", orderId: `again-${n}`, externalId: `p${n}`, value: 10, timestamp: "2026-02-10" },
    { type: "refund", orderId: `again-${n}`, eventId: `r${n}`, value: n + 1, timestamp: "2026-02-20" },
  ]);
  const { body } = await world.request<{ rejected: number }>("POST", "/events", entries);
  expect(body.data.rejected).toBe(0);
  return world;
}

/** Asks for CSV. The text keeps its byte order mark, which `text()` of a Response does not. */
async function asCsv(world: World, path: string, headers = {}) {
  const request = new Request(`http://localhost${path}`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}`, accept: "text/csv", ...headers },
  });
  const response = (await world.app.handle(request)) as Response;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, text };
}

/** What a cell holds of a value. Text that a spreadsheet would run has a `'` before it. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" && /^[=+\-@]/.test(value) ? `'${value}` : String(value);
}

type Values = Record<string, unknown>;
/** Each report, and the rows that its JSON has for CSV. */
const REPORTS: readonly [path: string, rows: (data: Values) => Values[]][] = [
  ...["week", "month", "source", "campaign"].map((by): [string, (data: Values) => Values[]] => [
    `/customers/cohorts?group_by=${by}`,
    ({ cohorts, currency }) => (cohorts as Values[]).map((row) => ({ ...row, currency })),
  ]),
  ["/customers/revenue?group_by=day", ({ periods, currency }) => (periods as Values[]).map((row) => ({ ...row, currency }))],
  [
    "/customers/ltv-cohorts?months=3",
    ({ cohorts, currency }) =>
      (cohorts as (Values & { periods: Values[] })[]).flatMap(({ cohort, customers, periods }) =>
        periods.map((cell) => ({ cohort, customers, ...cell, currency })),
      ),
  ],
  ["/customers/ext_p3/journey", ({ entries }) => entries as Values[]],
  ["/customers/ext_p3/journey?summary=true", ({ summary }) => [{ ...(summary as Values), currency: "USD" }]],
  [
    "/customers/ext_p3/attribution?model=linear",
    ({ links, campaigns, sources, model, currency }) =>
      Object.entries({ link: links, campaign: campaigns, source: sources }).flatMap(([groupBy, rows]) =>
        (rows as Values[]).map((row) => ({ groupBy, ...row, model, currency })),
      ),
  ],
  [
    "/customers/attribution?group_by=campaign&compare=first,linear",
    ({ rows, model, currency }) =>
      (rows as (Values & { compare: Record<string, Values> })[]).map(({ compare, ...row }) => ({
        ...row,
        model,
        ...Object.fromEntries(
          Object.entries(compare).flatMap(([other, credit]) => Object.entries(credit).map(([name, value]) => [`${other}.${name}`, value])),
        ),
        currency,
      })),
  ],
];

describe("a report as CSV", () => {
  for (const [path, toRows] of REPORTS)
    test(`${path} has the rows of JSON, cell by cell`, async () => {
      const world = await openShop();
      const { data } = (await world.request<Values>("GET", path)).body;
      const wanted = toRows(data);
      const { status, text, headers } = await asCsv(world, path);
      expect([status, headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8; header=present"]);
      const rows = rowsOf(text);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows).toEqual(wanted.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]))));
      expect((await asCsv(world, `${path}${path.includes("?") ? "&" : "?"}format=csv`, { accept: "*/*" })).text).toBe(text);
    });

  test("without rows has its header", async () => {
    const world = openWorld();
    worlds.push(world);
    const { text } = await asCsv(world, "/customers/revenue");
    expect(text).toMatch(/^\uFEFFperiod,start,end,newCustomers,.*,currency\r\n$/);
  });

  test("leaves negative amounts numbers, and defuses text that looks like one", async () => {
    const world = await openShop();
    const { text } = await asCsv(world, "/customers/revenue?group_by=month&start=2026-02-15");
    expect(rowsOf(text)[0]?.revenue).toBe("-28");
    expect((await asCsv(world, "/customers/cohorts?group_by=campaign")).text).toContain("\r\n'-2+3,");
  });

  test("is a file of its own name, and leads from page to page", async () => {
    const world = await openShop();
    const first = await asCsv(world, "/customers/ext_p3/journey?limit=3");
    expect(first.headers.get("content-disposition")).toBe('attachment; filename="journey.csv"');
    const next = /^<(\?.*)>; rel="next"$/.exec(first.headers.get("link") ?? "")?.[1];
    const second = await asCsv(world, `/customers/ext_p3/journey${next}`);
    expect(second.headers.get("link")).toBeNull();
    const both = [...rowsOf(first.text), ...rowsOf(second.text)];
    expect(both).toEqual(rowsOf((await asCsv(world, "/customers/ext_p3/journey")).text));
    expect(both).toHaveLength(4);
  });

  test("is kept beside JSON, each with an ETag of its own", async () => {
    const world = await openShop();
    const path = "/customers/cohorts?group_by=month";
    const json = await world.request("GET", path);
    const csv = await asCsv(world, path);
    expect([json, csv].map(({ headers }) => [headers.get("x-cache"), headers.get("vary")])).toEqual([
      ["MISS", "Accept"],
      ["MISS", "Accept"],
    ]);
    const tags = [json, csv].map(({ headers }) => headers.get("etag") ?? "");
    expect(new Set(tags).size).toBe(2);
    for (let times = 0; times < 3; times++) {
      const again = [await world.request("GET", path), await asCsv(world, path)];
      expect(again.map(({ text, headers }) => [text, headers.get("x-cache")])).toEqual([
        [json.text, "HIT"],
        [csv.text, "HIT"],
      ]);
    }
    expect((await asCsv(world, path, { "if-none-match": String(tags[1]) })).status).toBe(304);
    expect((await asCsv(world, path, { "if-none-match": String(tags[0]) })).status).toBe(200);
  });

  test("of a customer is forgotten when they are erased", async () => {
    const world = await openShop();
    expect((await asCsv(world, "/customers/ext_p3/journey")).text).toContain("a,b;c");
    await world.request("DELETE", "/customers/ext_p3");
    expect((await asCsv(world, "/customers/ext_p3/journey")).status).toBe(404);
  });
});

test.each([
  ["text/csv", "csv"],
  ["TEXT/CSV; charset=utf-8", "csv"],
  ["text/csv, application/json;q=0.9", "csv"],
  ["text/csv, */*", "csv"],
  ["text/csv, application/json", "json"],
  ["text/csv;q=0.5, application/json", "json"],
  ["text/csv;q=0.5, */*", "json"],
  ["text/csv;q=0", "json"],
  ["text/html, */*;q=0.8", "json"],
  ["*/*", "json"],
])("Accept: %s gets %s", async (accept, form) => {
  const world = openWorld();
  worlds.push(world);
  for (const path of ["/customers/cohorts", "/customers"]) {
    const { headers } = await world.request("GET", path, undefined, { accept });
    expect(headers.get("content-type")).toContain(form);
    const { headers: told } = await world.request("GET", `${path}?format=json`, undefined, { accept });
    expect([told.get("content-type"), told.get("vary")]).toEqual(["application/json; charset=utf-8", "Accept"]);
  }
});

test("an error is JSON, whatever is accepted", async () => {
  const world = openWorld();
  worlds.push(world);
  const { status, headers, text } = await asCsv(world, "/customers/cohorts?group_by=year");
  expect([status, headers.get("content-type"), (JSON.parse(text) as Envelope).error?.code]).toEqual([
    400,
    "application/json; charset=utf-8",
    "VALIDATION_ERROR",
  ]);
});

describe("GET /customers as CSV", () => {
  test("has all customers of the filter, in order, as the pages have them", async () => {
    const world = await openShop();
    const more = Array.from({ length: 1234 }, (_, n) => ({
      type: n % 3 ? "click" : "sale",
      externalId: `many-${n}`,
      ...(n % 3 ? { clickId: `m${n}`, source: "many" } : { orderId: `m${n}`, value: n }),
      timestamp: new Date(Date.parse("2026-01-20") + (n % 100) * 60_000).toISOString(),
    }));
    for (let from = 0; from < more.length; from += 1000) await world.request("POST", "/events", more.slice(from, from + 1000));
    await world.workspace.ledger.catchUp(); // a busy machine answers lists before everything is derived
    for (const query of [
      "",
      "?paying=true",
      "?source=many&sortOrder=asc",
      "?sortBy=ltv",
      "?search=many-11&sortBy=firstTouchAt",
      "?minLtv=99999",
    ]) {
      const listed: Values[] = [];
      for (let cursor = ""; ; ) {
        const { body } = await world.request<Values[]>("GET", `/customers${query}${query ? "&" : "?"}limit=100${cursor}`);
        listed.push(...body.data);
        const next = (body.pagination as { nextCursor?: string | null } | undefined)?.nextCursor;
        if (typeof next !== "string") break;
        cursor = `&cursor=${next}`;
      }
      const { text, headers } = await asCsv(world, `/customers${query}`);
      expect(headers.get("content-disposition")).toBe('attachment; filename="customers.csv"');
      expect(rowsOf(text)).toEqual(
        listed.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]))),
      );
    }
  });

  test("is sent while others write, without those who were erased meanwhile", async () => {
    const world = openWorld();
    worlds.push(world);
    const people = Array.from({ length: 900 }, (_, n) => ({ type: "lead", eventId: `l${n}`, externalId: `p${n}`, timestamp: n * 1000 }));
    await world.request("POST", "/events", people);
    await world.workspace.ledger.catchUp();
    const request = new Request("http://localhost/customers?format=csv&sortBy=firstTouchAt&sortOrder=asc", {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });
    const reader = ((await world.app.handle(request)) as Response).body?.getReader();
    const decoder = new TextDecoder();
    let text = decoder.decode((await reader?.read())?.value);
    await world.request("DELETE", "/customers/ext_p899");
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) text += decoder.decode(chunk.value);
    const sent = readCsv(text.replace(/^\uFEFF/, "")).slice(1);
    expect(sent.map(([, externalId]) => externalId)).toEqual(people.slice(0, 899).map(({ externalId }) => externalId));
  });

  test("takes no part of the list, and says so before anything is sent", async () => {
    const world = openWorld();
    worlds.push(world);
    const { status, text } = await asCsv(world, "/customers?page=2&limit=5");
    expect([status, (JSON.parse(text) as Envelope).error?.details?.map(({ path }) => path)]).toEqual([400, ["page", "limit"]]);
    const head = await world.request("HEAD", "/customers?format=csv");
    expect([head.status, head.headers.get("content-type"), head.text]).toEqual([200, "text/csv; charset=utf-8; header=present", ""]);
  });
});
