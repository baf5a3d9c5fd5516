// Does verify find what is wrong, name it, and find nothing where nothing is wrong?
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { readWorldSettings, selfTest } from "../../src/verify/self-test.ts";
import { ADMIN_KEY, openWorld, type World } from "../harness.ts";
import { randomLog } from "../oracle/random-log.ts";
import { Api } from "../oracle/through-api.ts";
import { World as Oracle } from "../oracle/world.ts";
import { verifyWorld } from "./world.ts";

const RUNS = Number(process.env.VERIFY_RUNS ?? 6);
const SEED = Number(process.env.VERIFY_SEED ?? 1);
setDefaultTimeout(60_000 + RUNS * 5000);

/** The small world, with what it lacks: a lasting lead of a visitor, somebody known by email alone who is told of, a touch ahead of the clock. */
async function openSmallWorld(): Promise<World> {
  const { timezone, currency, attributionWindowDays, now } = readWorldSettings();
  const world = openWorld({ config: { timezone, currency, attributionWindowDays }, now });
  const { differences } = await selfTest((method, path, body) => world.request(method, path, body));
  expect(differences).toEqual([]);
  const further: [method: string, path: string, body: unknown][] = [
    [
      "POST",
      "/events",
      { type: "custom", event: "x", eventId: "ahead", timestamp: "2021-03-01T12:00:00Z", externalId: "ann", name: "Ann" },
    ],
    ["POST", "/events", { type: "lead", eventId: "ian-1", timestamp: "2021-02-01T12:00:00Z", email: "ian@example.com" }],
  ];
  for (const [method, path, body] of further) expect((await world.request(method, path, body)).status).toBe(201);
  const ian = await world.request<{ id: string }[]>("GET", "/customers?search=ian@example.com");
  expect((await world.request("PATCH", `/customers/${ian.body.data[0]?.id}`, { name: "Ian", visitorId: "v-ian" })).status).toBe(200);
  return world;
}

let world: World;
beforeAll(async () => {
  world = await openSmallWorld();
});
afterAll(() => world.close());

/** Breaks something by SQL, verifies, and mends it again. */
async function broken(sql: string, what: "all" | "stored" = "all") {
  await world.workspace.ledger.catchUp();
  const { sqlite } = world.workspace.database;
  sqlite.exec("BEGIN");
  try {
    const { changes } = sqlite.prepare(sql).run();
    expect(changes).toBeGreaterThan(0);
    return await verifyWorld(world, what);
  } finally {
    sqlite.exec("ROLLBACK");
  }
}

const ANN = `(SELECT customer_id FROM external_id WHERE external_id = 'ann')`;

test("reports that are not answered are differences, and the rest is still compared", async () => {
  const silent: World = {
    ...world,
    request: (method, path, ...rest) => world.request(method, path.includes("/attribution?") ? "/nowhere" : path, ...rest),
  };
  const { kept, compared } = await verifyWorld(silent);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.filter(({ what }) => !what.includes("/attribution?"))).toEqual([]);
  expect(kept.filter(({ stored }) => !stored.startsWith("no answer ("))).toEqual([]);
  expect(compared).toBeGreaterThan(4000);
});

test("finds no difference in a right world, having compared thousands of values", async () => {
  const { kept, count, compared, customers, entries } = await verifyWorld(world);
  expect([kept, count]).toEqual([[], 0]);
  expect(compared).toBeGreaterThan(5000);
  expect(customers).toBeGreaterThan(40);
  expect(entries).toBeGreaterThan(90);
});

test("finds no difference in random logs of everything mixed", async () => {
  for (const { timezone, segments } of fc.sample(randomLog, { numRuns: RUNS, seed: SEED })) {
    const random = openWorld({ config: { timezone, currency: "USD" }, now: 0 });
    const api = new Api({ key: ADMIN_KEY, handle: (request) => random.app.handle(request), setNow: random.clock.set });
    const oracle = new Oracle({ timezone, currency: "USD", attributionWindowDays: 30, now: 0 });
    for (const { now, entries, statuses, call } of segments) {
      random.clock.set(now);
      oracle.apply({ op: "clock", now });
      for (const entry of entries) oracle.apply({ op: "event", ...entry });
      await api.events(entries, true);
      for (const operation of [...statuses, call]) {
        await api.apply(operation, oracle);
        oracle.apply(operation);
      }
    }
    expect([`VERIFY_SEED=${SEED}`, ...(await verifyWorld(random)).kept]).toEqual([`VERIFY_SEED=${SEED}`]);
    random.close();
  }
});

describe("finds and names", () => {
  test.each([
    [
      "whose a click is",
      `UPDATE claim SET customer_id = ${ANN} WHERE kind = 'click' AND value = 'c-two'`,
      /^claim of a clickId .*: customer_id$/,
    ],
    ["whose a visitor is", `DELETE FROM claim WHERE kind = 'visitor' AND value = 'v-ann'`, /^claim of a visitorId .*: customer_id$/],
    [
      "whose an email is",
      `UPDATE claim SET customer_id = ${ANN} WHERE kind = 'email' AND value = 'bob@example.com'`,
      /^claim of an email .*: customer_id$/,
    ],
    ["a claim that nobody made", `INSERT INTO claim VALUES ('click', 'c-nobody', 1, 0, 2, 'x', NULL, NULL, ${ANN})`, /^claim of a clickId/],
    ["whose an entry is", `UPDATE entry SET customer_id = ${ANN} WHERE key = 'o-zoe-1'`, /^entry ent_\w+: customer_id$/],
    [
      "an entry that is nobody's but was given away",
      `UPDATE entry SET customer_id = ${ANN} WHERE key = 'c-nobody'`,
      /^entry ent_\w+: customer_id$/,
    ],
    ["an entry that was lost", `UPDATE entry SET customer_id = NULL WHERE key = 'o-ann-2'`, /^entry ent_\w+: customer_id$/],
    ["a sale's status", `UPDATE entry SET status = 'approved' WHERE key = 'o-ria-1'`, /^entry ent_\w+: status$/],
    ["what counts", `UPDATE entry SET is_counted = 1 WHERE key = 'o-rex-1'`, /^entry ent_\w+: is_counted$/],
    [
      "what a refund takes",
      `UPDATE entry SET applied_refund_minor = applied_refund_minor + 1 WHERE key = 'r-rest-2'`,
      /^entry ent_\w+: applied_refund_minor$/,
    ],
    ["what a sale is worth", `UPDATE entry SET amount_minor = amount_minor - 1 WHERE key = 'o-eli-1'`, /^entry ent_\w+: amount_minor$/],
    ["a rate that was passed over", `UPDATE entry SET amount_minor = NULL WHERE key = 'o-jun-2'`, /^entry ent_\w+: amount_minor$/],
    ["the day of a rate", `UPDATE entry SET rate_day = rate_day + 1 WHERE key = 'o-kim-1'`, /^entry ent_\w+: rate_day$/],
    [
      "a profile update of somebody known by email",
      `UPDATE profile_update SET customer_id = ${ANN} WHERE known_email IS NOT NULL`,
      /^profile update of cus_\w+: customer_id$/,
    ],
    ...[
      "first_touch_at",
      "first_touch_day",
      "first_touch_month",
      "entries",
      "cohort_month",
      "last_seen_at",
      "sales",
      "gross_minor",
      "refunds_minor",
      "first_sale_at",
      "last_sale_at",
      "first_sale_minor",
    ].map((column): [string, string, RegExp] => [
      `${column} of a customer`,
      `UPDATE customer SET ${column} = ${column} + 1 WHERE id = ${ANN}`,
      new RegExp(`^customer cus_\\w+: ${column}$`),
    ]),
    ...["source", "campaign", "click_id", "name", "email", "avatar", "country", "metadata", "search_text"].map(
      (column): [string, string, RegExp] => [
        `${column} of a customer`,
        `UPDATE customer SET ${column} = 'wrong' WHERE id = ${ANN}`,
        new RegExp(`^customer cus_\\w+: ${column}$`),
      ],
    ),
    ["a lead of a customer", `UPDATE customer SET has_lead = 0 WHERE id = ${ANN}`, /^customer cus_\w+: has_lead$/],
    ["when somebody is due", `DELETE FROM stale WHERE customer_id = ${ANN}`, /^stale cus_\w+: due_at$/],
    ...["month", "sales", "gross_minor", "refunds_minor", "first_sale_minor", "active_month", "active_period", "new_paying"].map(
      (column): [string, string, RegExp] => [
        `${column} of a customer's cells`,
        `UPDATE customer_cell SET ${column} = ${column} + 1 WHERE customer_id = ${ANN}`,
        new RegExp(`^customer_cell cus_\\w+ \\d+ \\d+: ${column}$`),
      ],
    ),
    ...["new_paying", "sales", "gross_minor", "refunds_minor", "first_sale_minor"].map((column): [string, string, RegExp] => [
      `${column} of revenue over time`,
      `UPDATE revenue_day SET ${column} = ${column} + 1`,
      new RegExp(`^revenue_day day=\\d+: ${column}$`),
    ]),
    ["unconverted sales over time", `UPDATE revenue_unconverted SET sales = sales + 1`, /^revenue_unconverted sale_day=.*: sales$/],
    ["a cell that is lost", `DELETE FROM customer_cell WHERE customer_id = ${ANN}`, /^customer_cell cus_\w+/],
    [
      "a cell of nobody",
      `INSERT INTO customer_cell VALUES (999999, 18000, 24250, 0, 1, 1, 0, 1, 1, 1, 1)`,
      /^customer_cell of cus_\w+: customer_id$/,
    ],
    [
      "what is unconverted",
      `UPDATE customer_unconverted SET gross_minor = gross_minor + 1`,
      /^customer_unconverted cus_\w+ .*: gross_minor$/,
    ],
    ...["customers", "leads", "paying_customers", "sales", "gross_minor", "refunds_minor", "repeat_customers"].flatMap(
      (column): [string, string, RegExp][] =>
        ["cohort_day", "cohort_key", "cohort_key_day", "cohort_key_month"].map((table) => [
          `${column} of ${table}`,
          `UPDATE ${table} SET ${column} = ${column} + 1${table === "cohort_day" ? "" : " WHERE grouping = 'source' AND key = 'google'"}`,
          new RegExp(`^${table} .*: ${column}$`),
        ]),
    ),
    ["days of totals that are lost", `DELETE FROM cohort_day`, /^cohort_day day=\d+: customers$/],
    [
      "a campaign that is nobody's",
      `INSERT INTO cohort_key VALUES ('campaign', 'made up', 1, 0, 0, 0, 0, 0, 0)`,
      /^cohort_key .*key=made up: customers$/,
    ],
    [
      "somebody whom the search does not find",
      `INSERT INTO customer_search (customer_search, rowid, search_text) SELECT 'delete', id, search_text FROM customer WHERE id = ${ANN}`,
      /^customer_search cus_\w+: in the index$/,
    ],
    [
      "somebody whom the search finds by another name alone",
      `UPDATE customer SET name = 'zoe', search_text = 'zoe' WHERE id = ${ANN}`,
      /^customer cus_\w+: search_text$/,
    ],
    ["members of a curve", `UPDATE ltv_cohort SET customers = customers + 1`, /^ltv_cohort cohort_month=\d+: customers$/],
    ...["revenue_minor", "active_month", "active_period", "new_paying"].map((column): [string, string, RegExp] => [
      `${column} of the curves`,
      `UPDATE ltv_cell SET ${column} = ${column} + 1 WHERE cohort_month = (SELECT min(cohort_month) FROM ltv_cell)`,
      new RegExp(`^ltv_cell .*: ${column}$`),
    ]),
    ["totals of what is unconverted", `UPDATE unconverted_total SET sales = sales + 1`, /^unconverted_total .*: sales$/],
  ] as [string, string, RegExp][])("%s", async (_, sql, named) => {
    const { kept, count } = await broken(sql, "stored");
    expect(count).toBeGreaterThan(0);
    expect(kept.map(({ what }) => what)).toContainEqual(expect.stringMatching(named));
  });
});

test("names the report that serves a wrong total", async () => {
  const { kept } = await broken(`UPDATE cohort_day SET gross_minor = gross_minor + 1 WHERE customers > 0`);
  expect(kept.some(({ what }) => /^cohort_day/.test(what))).toBe(true);
  const { kept: revenue } = await broken(`UPDATE revenue_day SET first_sale_minor = first_sale_minor + 1 WHERE sales > 0`);
  expect(revenue.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^\/customers\/revenue\?.* 20\d\d-\d\d: firstSaleRevenue$/));
  const { kept: curves } = await broken(`UPDATE ltv_cohort SET customers = customers + 1 WHERE customers > 0`);
  expect(curves.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^\/customers\/ltv-cohorts\?.* 20\d\d-\d\d: customers$/));
});

test("follows the log, not the store: what hangs on a wrong entry is not called wrong", async () => {
  const { kept } = await broken(
    `UPDATE entry SET amount_minor = amount_minor + 5, is_counted = 0, customer_id = NULL WHERE key = 'o-ann-2'`,
  );
  const tables = new Set(kept.map(({ what }) => what.split(" ")[0]));
  // The answers about one person are computed from their entries, so they differ too.
  expect([...tables].filter((table) => !table?.startsWith("/"))).toEqual(["entry"]);
});

test("counts all differences, keeps a hundred, and shows nothing personal", async () => {
  const { kept, count } = await broken(
    `UPDATE customer SET sales = sales + 1, email = 'somebody@example.com', name = 'Some Body'`,
    "stored",
  );
  expect(kept.length).toBe(100);
  expect(count).toBeGreaterThan(100);
  expect(JSON.stringify(kept)).not.toMatch(/Some|somebody|example\.com/);
});
