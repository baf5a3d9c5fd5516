// Does a rebuild make good whatever was wrong with what is derived, and change nothing else?
import { expect, test } from "bun:test";
import { openWorld, type World } from "../harness.ts";

const DERIVED = [
  "claim",
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
const ROWS = [
  "customer_activity",
  "credit_delta",
  "pending_credit",
  "customer",
  "customer_cell",
  "customer_unconverted",
  "entry",
  "profile_update",
];

/** People of every kind: named, known by email, by clicks and visitors, erased, renamed, with refunds, statuses and other currencies. */
async function tell(world: World): Promise<void> {
  const at = (day: number) => new Date(Date.parse("2025-11-01T10:00:00Z") + day * 86_400_000).toISOString();
  const entries = Array.from({ length: 60 }, (_, n) => {
    const who = `p${n % 7}`;
    const base = { timestamp: at((n * 7) % 100), eventId: `e${n}`, visitorId: `v${n % 9}` };
    if (n % 5 === 0) return { ...base, type: "click", clickId: `c${n}`, source: `s${n % 3}`, campaign: `k${n % 4}` };
    if (n % 5 === 1) return { ...base, type: "sale", orderId: `o${n}`, externalId: who, value: n, currency: n % 3 ? "USD" : "EUR" };
    if (n % 5 === 2)
      return { ...base, type: "lead", email: `p${n % 6}@example.com`, ...(n % 2 && { externalId: who }), clickId: `c${n - 2}` };
    if (n % 5 === 3) return { ...base, type: "refund", orderId: `o${n - 2}`, ...(n % 2 && { value: 1 }) };
    return { ...base, type: "custom", event: "x", clickId: `c${n - 4}` };
  });
  await world.request("POST", "/events", entries);
  await world.request("POST", "/customers", { externalId: "made", clickId: "c5", email: "p1@example.com", name: "Made" });
  await world.request("PATCH", "/conversions/ord_o1", { status: "rejected" });
  await world.request("PATCH", "/customers/ext_p3", { externalId: "renamed" });
  expect((await world.request("DELETE", "/customers/ext_p2")).status).toBe(200);
  await world.workspace.ledger.ensureFresh();
}

function stateOf(world: World): unknown {
  while (world.workspace.ledger.credit.fold());
  const read = (table: string) => world.workspace.database.sqlite.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[];
  const figures = (row: Record<string, unknown>) =>
    Object.entries(row).filter(
      ([name]) =>
        !["day", "sale_day", "entry_day", "month", "period", "cohort_month", "key", "grouping", "currency", "unit", "key_id"].includes(
          name,
        ),
    );
  const isSomething = (row: Record<string, unknown>) => figures(row).some(([, value]) => value !== 0);
  const sorted = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  return [
    ...DERIVED.map((table) => sorted(read(table).filter(isSomething))),
    ...ROWS.map((table) => sorted(read(table).map((row) => ({ ...row, updated_at: 0 })))),
  ];
}

const CORRUPTIONS = [
  "DELETE FROM claim",
  "UPDATE claim SET customer_id = (SELECT max(id) FROM customer) WHERE at >= 0",
  "INSERT INTO claim SELECT 'visitor', 'v-of-nobody', 1, 0, 0, 'x', 1, NULL, 1",
  "UPDATE entry SET customer_id = NULL",
  "UPDATE entry SET customer_id = 1 WHERE erased_customer_id IS NULL AND type <> 4",
  "UPDATE entry SET status = 'fraud', is_counted = 0, amount_minor = 5 WHERE type = 2",
  "UPDATE entry SET is_counted = 0, applied_refund_minor = 1, amount_minor = 5 WHERE type = 4",
  "UPDATE entry SET is_counted = 1 - is_counted, status = 'pending' WHERE type = 1",
  "UPDATE entry SET rate_day = 3 WHERE rate_day IS NOT NULL",
  "UPDATE customer SET sales = 7, gross_minor = 1, source = 'x', first_touch_at = 5, first_touch_day = 0, cohort_month = 3, has_lead = 1",
  "UPDATE customer SET name = 'X', email = 'x', search_text = 'x' WHERE deleted_at IS NULL",
  "DELETE FROM customer_cell",
  "UPDATE customer_unconverted SET sales = sales + 1",
  "DELETE FROM cohort_day",
  "UPDATE cohort_key SET customers = customers + 1",
  "UPDATE cohort_key_day SET gross_minor = 1",
  "DELETE FROM cohort_key_month",
  "UPDATE ltv_cell SET revenue_minor = 1",
  "UPDATE ltv_cohort SET customers = 99",
  "DELETE FROM unconverted_total",
  "UPDATE revenue_day SET first_sale_minor = first_sale_minor + 1",
  "DELETE FROM revenue_unconverted",
  "UPDATE customer SET first_sale_minor = 5 WHERE sales > 0",
  "DELETE FROM customer_activity",
  "UPDATE customer_activity SET activity = (SELECT activity FROM customer_activity LIMIT 1)",
  "DELETE FROM credit_total WHERE unit = 1",
  "UPDATE credit_total SET clicks = clicks + 1 WHERE touches > 0",
  "UPDATE credit_total SET time_decay_minor = time_decay_minor + grouping - 1 WHERE unit = 0",
  "UPDATE credit_customer SET counts = (SELECT counts FROM credit_customer LIMIT 1) WHERE unit = 0",
  "DELETE FROM credit_customer WHERE grouping = 3",
];

for (const corruption of CORRUPTIONS)
  test(`a rebuild makes good: ${corruption}`, async () => {
    const world = openWorld({ now: "2026-03-01T00:00:00Z", config: { timezone: "Europe/Berlin" } });
    await tell(world);
    const sound = stateOf(world);
    world.workspace.database.sqlite.exec(corruption);
    expect(stateOf(world)).not.toEqual(sound);
    await world.workspace.ledger.rebuild();
    expect(stateOf(world)).toEqual(sound);
    world.close();
  });

test("a rebuild lets others write and read in between, and says how far it is", async () => {
  const world = openWorld({ now: "2026-03-01T00:00:00Z" });
  await tell(world);
  const steps: number[] = [];
  const rebuilding = world.workspace.ledger.rebuild((done, total) => void steps.push(done / total));
  expect((await world.request("POST", "/events", { type: "sale", orderId: "between", externalId: "p1", value: 1 })).status).toBe(201);
  expect((await world.request("GET", "/customers/cohorts")).status).toBe(200);
  await rebuilding;
  expect(steps.at(-1)).toBe(1);
  expect(steps.length).toBeGreaterThan(2);
  const during = stateOf(world);
  await world.workspace.ledger.rebuild();
  expect(stateOf(world)).toEqual(during);
  world.close();
});

/** A visitor's clicks, and a lead at last that says who they are: each click moves in a write of its own. */
async function tellVisitor(world: World, visitorId: string): Promise<void> {
  const clicks = [1, 2, 3, 4].map((day) => ({ type: "click", clickId: `${visitorId}${day}`, visitorId, timestamp: `2026-01-0${day}` }));
  await world.request("POST", "/events", [...clicks, { type: "lead", eventId: visitorId, externalId: visitorId, visitorId }]);
}

test("a rebuild that was ended on its way leaves nothing where it was that was changing hands", async () => {
  const world = openWorld({ reassignAtOnce: 1 });
  await tellVisitor(world, "ann");
  const ended = world.workspace.ledger.rebuild(() => {
    throw new Error("ended");
  });
  await expect(ended).rejects.toThrow("ended");
  const { body } = await world.request<{ entries: object[] }>("GET", "/customers/ext_ann/journey");
  expect(body.data.entries).toHaveLength(5);
  world.close();
});

test("a rebuild is not through before everything that changes hands by it has", async () => {
  const world = openWorld({ reassignAtOnce: 1 });
  await tellVisitor(world, "ann");
  await tellVisitor(world, "bob");
  await world.workspace.ledger.ensureFresh();
  const sound = stateOf(world);
  world.workspace.database.sqlite.exec("DELETE FROM claim; UPDATE entry SET customer_id = NULL WHERE type = 0");
  await world.workspace.ledger.rebuild();
  expect(world.workspace.ledger.identity.hasPendingReassignments()).toBe(false);
  expect(stateOf(world)).toEqual(sound);
  world.close();
});
