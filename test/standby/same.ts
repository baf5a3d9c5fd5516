// Are two databases the same, row by row? Who is who, what is worth what, every figure, and the feed; not what each server notes for itself.
import { expect } from "bun:test";
import type { World } from "../harness.ts";
import { PERSONAL, TOTALS } from "../oracle/questions.ts";
import type { Pair } from "./pair.ts";

/** What each server notes for itself, or has in another form: see db/standby.ts. */
const OWN_TABLES = ["follower", "session", "stale", "migration"];
const WORK_TABLES = ["pending_reassignment", "pending_follow", "pending_rate", "pending_sale", "pending_claim", "pending_erasure"];
/** Totals by numbers of texts, which each server gives in its own order. The answers that are read from them are compared. */
const NUMBERED_TABLES = [
  "credit_key",
  "customer_activity",
  "credit_total",
  "credit_customer",
  "credit_delta",
  "credit_adding_up",
  "pending_credit",
];
const OWN_SETTINGS = ["following", "unfinished_work", "erased_last", "derived_version", "keys_concealed", "copied_at", "secret_check"];

/** Every row of the tables that a standby has too, as text. */
export function rowsOf({ workspace: { database } }: World, own: readonly string[] = []): Map<string, string[]> {
  const { sqlite } = database;
  const tables = sqlite
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'customer_search%' ORDER BY name",
    )
    .pluck()
    .all();
  return new Map(
    tables
      .filter((table) => ![...OWN_TABLES, ...WORK_TABLES, ...NUMBERED_TABLES, ...own].includes(table))
      .map((table) => {
        const rows = sqlite.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).safeIntegers(true).all();
        const kept = table === "setting" ? rows.filter(({ name }) => !OWN_SETTINGS.includes(String(name))) : rows;
        const text = (row: Record<string, unknown>) => {
          const { last_used_at: _, ...rest } = row;
          return JSON.stringify(rest, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
        };
        // Totals that fell to nothing may stay, with zeros.
        return [
          table,
          kept
            .filter((row) => !isNothing(table, row))
            .map(text)
            .sort(),
        ] as const;
      }),
  );
}

const TOTALS_TABLES = /^(cohort_|ltv_|revenue_|unconverted_total|customer_unconverted|customer_cell)/;
const KEYS = ["day", "month", "period", "cohort_month", "grouping", "key", "currency", "customer_id", "sale_day", "entry_day"];
function isNothing(table: string, row: Record<string, unknown>): boolean {
  return TOTALS_TABLES.test(table) && Object.entries(row).every(([name, value]) => KEYS.includes(name) || value === 0n);
}

/** Fails if a row or an answer differs. Both worlds are brought up to date first. */
export async function expectSame({ primary, standby, keepUp }: Pair): Promise<void> {
  await primary.workspace.ledger.catchUp();
  await keepUp();
  await standby.workspace.ledger.catchUp();
  const [ours, theirs] = [rowsOf(primary), rowsOf(standby)];
  for (const [table, rows] of ours) {
    const there = new Set(theirs.get(table));
    const here = new Set(rows);
    const missing = rows.filter((row) => !there.has(row));
    const extra = (theirs.get(table) ?? []).filter((row) => !here.has(row));
    expect({ table, missing: missing.slice(0, 3), extra: extra.slice(0, 3) }).toEqual({ table, missing: [], extra: [] });
    expect(theirs.get(table)?.length).toBe(rows.length);
  }
}

/** Fails if an answer of a report, a list or a journey differs. */
export async function expectSameAnswers({ primary, standby }: Pair): Promise<void> {
  const list = await primary.request<{ id: string }[]>("GET", "/customers?limit=100");
  const paths = [
    ...TOTALS.filter((_, place) => place % 3 === 0),
    "/customers?limit=100",
    "/customers?limit=100&sort=ltv&search=e",
    ...list.body.data.flatMap(({ id }) => PERSONAL.slice(0, 4).map((path) => `/customers/${id}${path}`)),
  ];
  expect(list.body.data.length).toBeGreaterThan(0);
  for (const path of paths) {
    const [wanted, got] = [await primary.request("GET", path), await standby.request("GET", path)];
    const textOf = ({ status, body: { data, pagination } }: typeof wanted) => `${path} ${status} ${JSON.stringify({ data, pagination })}`;
    expect(textOf(got)).toBe(textOf(wanted));
  }
}
