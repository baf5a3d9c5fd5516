// Is what is derived the same when later entries are only added to it as when the whole log is read?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { assembleWorkspace, type WorkspaceOptions } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openStatuses } from "../../src/intake/status.ts";
import { openWorld } from "../harness.ts";

const NOW = Date.parse("2026-03-01T00:00:00Z");
const RUNS = Number(process.env.LAW_RUNS ?? 60);
const DERIVED = [
  "cohort_day",
  "cohort_key",
  "cohort_key_day",
  "cohort_key_month",
  "ltv_cohort",
  "ltv_cell",
  "unconverted_total",
  "revenue_day",
  "revenue_unconverted",
  "credit_total",
  "credit_customer",
];
const PER_CUSTOMER = ["customer_cell", "customer_unconverted", "customer_activity"];

interface Step {
  raw: Record<string, unknown>;
  refresh: boolean;
}

/** Entries whose times mostly rise, of few customers, with sales that wait for a rate, refunds that come before, and statuses. */
const step = fc.record({
  raw: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant("sale"),
        value: fc.integer({ min: 0, max: 9 }),
        currency: fc.constantFrom("USD", "EUR", "JPY"),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("click"), visitorId: fc.constantFrom("v1", "v2") }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("refund"), ofSale: fc.nat(30) }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("lead"), visitorId: fc.constantFrom("v1", "v2"), name: fc.constantFrom("Ann", "Bo") }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("status"),
        ofSale: fc.nat(30),
        status: fc.constantFrom("approved", "rejected", "refunded"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("rate"), currency: fc.constantFrom("EUR", "JPY") }) },
  ),
  who: fc.constantFrom("a", "a", "a", "b"),
  by: fc.constantFrom("externalId", "externalId", "email", "both"),
  hours: fc.constantFrom(0, 0, 1, 20, 700, 1500, -300),
  refresh: fc.boolean(),
});

function toSteps(drawn: readonly { raw: Record<string, unknown>; who: string; by: string; hours: number; refresh: boolean }[]): Step[] {
  let at = Date.parse("2025-01-30T23:30:00Z");
  return drawn.map(({ raw: { ofSale, ...raw }, who, by, hours, refresh }, index) => {
    at += hours * 3_600_000;
    const names = { ...(by !== "email" && { externalId: who }), ...(by !== "externalId" && { email: `${who}@example.com` }) };
    const named = raw.type === "sale" || raw.type === "lead" ? names : {};
    const of = raw.type === "sale" ? `o${index}` : ofSale === undefined ? undefined : `o${ofSale}`;
    return {
      raw: { ...raw, ...named, timestamp: new Date(Math.min(at, NOW)).toISOString(), eventId: `e${index}`, ...(of && { orderId: of }) },
      refresh,
    };
  });
}

/** Gives what is derived after the steps (`added`), and then what a rebuild from the whole log derives (`whole`). */
async function derivedOf(steps: readonly Step[], options: WorkspaceOptions): Promise<{ added: unknown; whole: unknown }> {
  const config = readConfig({ DATABASE_PATH: ":memory:", TIMEZONE: "Europe/Berlin", ADMIN_KEY: "a-key-of-sixteen-characters" });
  const context = assembleWorkspace(config, { now: () => NOW, log: silentLog(), ...options });
  const [events, statuses, { ledger }] = [openEvents(context), openStatuses(context), context];
  for (const { raw, refresh } of steps) {
    const { type, ...rest } = raw;
    if (type === "rate") ledger.write(() => ledger.setRate(String(rest.currency), 0, "1.5"));
    else if (type === "status") {
      const known = context.database.sqlite.prepare("SELECT 1 FROM entry WHERE type = 2 AND key = ?").get(rest.orderId);
      if (known) statuses.set(`ord_${rest.orderId}`, rest.status as "approved");
    } else events.many([raw]);
    if (refresh) await ledger.ensureFresh();
  }
  await ledger.ensureFresh();
  const read = (sql: string) => context.database.sqlite.prepare(sql).all();
  const addNoted = () => {
    while (ledger.credit.fold());
  };
  const derived = () => [
    ...DERIVED.map((table) =>
      read(`SELECT * FROM ${table}`)
        .map((row) => JSON.stringify(row))
        .filter((row) =>
          /[1-9]/.test(row.replace(/"(day|sale_day|entry_day|month|period|cohort_month|key|key_id|grouping|unit|currency)":[^,}]*/g, "")),
        )
        .sort(),
    ),
    ...PER_CUSTOMER.map((table) => read(`SELECT * FROM ${table}`)),
    read("SELECT * FROM customer").map((row) => ({ ...(row as object), updated_at: 0 })),
  ];
  addNoted();
  const added = derived();
  await ledger.rebuild();
  addNoted();
  const whole = derived();
  ledger.close();
  context.database.close();
  return { added, whole };
}

test("what later entries add is what reading the whole log gives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (drawn) => {
      const steps = toSteps(drawn);
      const { added, whole } = await derivedOf(steps, {});
      expect(added).toEqual(whole);
      expect((await derivedOf(steps, { reassignAtOnce: 1 })).added).toEqual(whole);
    }),
    { numRuns: RUNS },
  );
});

test("a customer with entries is added to, not read again", async () => {
  const config = readConfig({ DATABASE_PATH: ":memory:", ADMIN_KEY: "a-key-of-sixteen-characters" });
  const context = assembleWorkspace(config, { now: () => NOW, log: silentLog() });
  const events = openEvents(context);
  const stale = context.database.sqlite.prepare("SELECT appended_from FROM stale").pluck();
  const sale = (n: number) => ({
    type: "sale",
    orderId: `o${n}`,
    externalId: "a",
    value: 1,
    timestamp: new Date(NOW - 1_000_000 + n * 1000).toISOString(),
  });
  events.many([sale(0), sale(1), sale(2)]);
  expect(stale.all()).toEqual([null]);
  await context.ledger.ensureFresh();
  events.many([sale(10), sale(11)]);
  expect(stale.all()).toEqual([4]);
  events.many([sale(9)]);
  expect(stale.all()).toEqual([null]);
  await context.close();
});

test("who takes on an externalId by an entry that is added is found by it", async () => {
  const world = openWorld();
  const sale = { type: "sale", email: "ann@example.com", value: 1 };
  await world.request("POST", "/events", { ...sale, orderId: "o1", timestamp: "2026-01-01" });
  await world.workspace.ledger.ensureFresh();
  await world.request("POST", "/events", { ...sale, orderId: "o2", externalId: "user_42", timestamp: "2026-01-02" });
  expect((await world.request("GET", "/customers/count?search=user_42")).body.data).toEqual({ count: 1 });
  world.close();
});

test("who buys twice in a month, in two periods of their life, was active in that month once", async () => {
  const world = openWorld({ now: NOW });
  const sale = { type: "sale", externalId: "a", value: 1 };
  await world.request("POST", "/events", [
    { type: "click", clickId: "c1", externalId: "a", timestamp: "2026-01-15" },
    { ...sale, orderId: "o1", timestamp: "2026-02-10" },
  ]);
  await world.workspace.ledger.ensureFresh();
  await world.request("POST", "/events", { ...sale, orderId: "o2", timestamp: "2026-02-20" });
  await world.workspace.ledger.ensureFresh();
  const read = (sql: string) => world.workspace.database.sqlite.prepare(sql).all();
  const cells = [
    { period: 0, active_month: 1, active_period: 1 },
    { period: 1, active_month: 0, active_period: 1 },
  ];
  expect(read("SELECT period, active_month, active_period FROM customer_cell ORDER BY period")).toEqual(cells);
  expect(read("SELECT period, active_month, active_period FROM ltv_cell ORDER BY period")).toEqual(cells);
  world.close();
});
