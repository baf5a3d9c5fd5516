// Do the totals match the log? They are read from a database file, and compared with the oracle and with a rebuild.
import { createApp } from "../../src/app/app.ts";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { answer } from "../oracle/answer.ts";
import { differences } from "../oracle/golden-rules.ts";
import { World } from "../oracle/world.ts";
import { ADMIN_KEY } from "./victim.ts";
import { type Answers, CLOCK } from "./writer.ts";

/** The reports about all customers. */
export const REPORTS: readonly string[] = [
  ...["week", "month", "source", "campaign"].map((grouping) => `/customers/cohorts?group_by=${grouping}`),
  ...["day", "week", "month"].map((span) => `/customers/revenue?group_by=${span}&start=2026-01-01`),
  ...["calendar", "elapsed"].map((period) => `/customers/ltv-cohorts?months=24&end=2026-06&period=${period}`),
];

/** The database's answers to each report, with its totals as they are and after a rebuild from the log. */
export async function reportsOf(path: string): Promise<{ asStored: unknown[]; anew: unknown[] }> {
  const context = assembleWorkspace(readConfig({ DATABASE_PATH: path, ADMIN_KEY, SNAPSHOT_TTL: "0", CLOCK }), { log: silentLog() });
  const app = createApp(context);
  const ask = async (report: string) => {
    const response = await app.handle(new Request(`http://localhost${report}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } }));
    if (!response.ok) throw new Error(`${report} answers ${response.status}`);
    return ((await response.json()) as { data: unknown }).data;
  };
  try {
    const asStored: unknown[] = [];
    const anew: unknown[] = [];
    for (const report of REPORTS) asStored.push(await ask(report));
    await context.ledger.rebuild();
    for (const report of REPORTS) anew.push(await ask(report));
    return { asStored, anew };
  } finally {
    app.close();
    await context.close();
  }
}

/** The first few differences between two lists of reports. */
export function reportFaults(wanted: readonly unknown[], got: readonly unknown[], what: string): string[] {
  return REPORTS.flatMap((report, index) => {
    const found = differences(wanted[index], got[index], new Set());
    return found.length === 0 ? [] : [`${what}: ${report}: ${found.slice(0, 3).join("; ")}`];
  });
}

/** The oracle's answers to each report, from what the clients were answered. Erasures are left out, because they change no report. */
export function oraclesReports({ created, entries }: Answers): unknown[] {
  const world = new World({ timezone: "UTC", currency: "USD", now: Date.parse(CLOCK), attributionWindowDays: 30 });
  for (const person of created) world.apply({ op: "customer", ...person });
  for (const entry of entries.values()) world.apply({ op: "event", ...entry });
  return REPORTS.map((report) => answer(world, report).data);
}
