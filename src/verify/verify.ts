// Does all derived data follow from the log? It is computed anew in plain TypeScript, independently of src/ledger, and compared.
import type { Database } from "../../db/database.ts";
import type { profileUpdate } from "../../db/schema.ts";
import type { Calendar } from "../value/calendar.ts";
import { toCustomerId } from "../value/id.ts";
import { requireDecimals } from "../value/money.ts";
import { openCreditOfAll } from "./attribution.ts";
import { type Owners, verifyClaims } from "./claim.ts";
import { rangesOf, verifyCredit } from "./credit.ts";
import { verifyCustomers } from "./customer.ts";
import { MOST_CORRECTIONS, verifyEntries } from "./entry.ts";
import { verifyFeed } from "./feed.ts";
import { type Findings, openFindings } from "./finding.ts";
import { NAMED_UPDATE, type Named } from "./name.ts";
import { openSample, type Sample, verifyPeople } from "./person.ts";
import { verifyRevenue } from "./revenue.ts";
import { verifySearch } from "./search.ts";
import { type Ask, openAsk, type ServedOptions, verifyCohorts, verifyCurves } from "./served.ts";
import { openTotals, verifyTotals } from "./tally.ts";

export interface VerifyOptions {
  /** Nobody may write to it meanwhile, and its stale customers must have been refreshed. */
  readonly database: Database;
  readonly calendar: Calendar;
  /** The reporting currency. */
  readonly currency: string;
  /** The time of the check, in milliseconds since 1970 UTC. */
  readonly now: number;
  /** Asks the app that serves this database. Without it, only stored values are compared. */
  readonly ask?: Ask;
  /** Takes how many of the `total` rows are done, and what is being compared. */
  readonly progress?: (done: number, total: number, note: string) => void;
}

export interface Verified extends Findings {
  readonly customers: number;
  readonly entries: number;
}

/**
 * Recomputes and compares claims, entries, customers, totals and, with `ask`,
 * the served reports. After `MOST_CORRECTIONS` wrong entries it stops.
 */
export async function verify({ database, calendar, currency, now, ask, progress }: VerifyOptions): Promise<Verified> {
  const { sqlite } = database;
  const findings = openFindings();
  const numberOf = (table: string) => Number(sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  const [customers, entries] = [numberOf("customer"), numberOf("entry")];
  const total = customers + entries;
  const decimals = requireDecimals(currency);
  const totals = openTotals();
  const sample = openSample();
  const asked = ask && openAsk(ask, findings);
  // Without an app, nothing is served, and its window is not known.
  const ranges = asked ? rangesOf(database, calendar) : [];
  const { windowDays = 0 } = ((await asked?.("/customers/attribution?limit=1")) as { windowDays: number } | undefined) ?? {};
  const credit = openCreditOfAll(ranges, windowDays);

  const pace = (before: number, what: string) => (done: number) => {
    progress?.(before + done, total, `${done} ${what}`);
    return new Promise<void>((resume) => setTimeout(resume, 0));
  };

  verifyAliases(database, findings);
  verifyFeed(database, findings);
  const owners = await verifyClaims(database, findings, pace(0, "claims"));
  verifyProfileUpdates(database, owners, findings);
  const corrections = await verifyEntries({ database, calendar, currency, owners, findings, pace: pace(0, "entries") });
  if (corrections.size >= MOST_CORRECTIONS) return Object.assign(findings, { customers, entries });
  await verifyCustomers({
    database,
    calendar,
    now,
    corrections,
    findings,
    totals,
    credit,
    onLive: sample.add,
    pace: pace(entries, "customers"),
  });
  verifySearch(database, sample.people, findings);
  verifyTotals(database, totals, findings);
  if (asked) await verifyServed({ ask: asked, calendar, now, decimals, totals, credit, ranges, findings }, sample);
  return Object.assign(findings, { customers, entries });
}

async function verifyServed(served: ServedOptions, sample: Sample): Promise<void> {
  await verifyCohorts(served);
  await verifyCurves(served);
  await verifyRevenue(served);
  await verifyCredit(served);
  await verifyPeople(served.ask, sample, served.decimals, served.findings);
}

/** Compares the aliases of entries and profile updates with the tables that find them by an alias. */
function verifyAliases({ sqlite }: Database, findings: Findings): void {
  for (const [table, id] of [
    ["entry", "entry_id"],
    ["profile_update", "profile_update_id"],
  ]) {
    const differing = sqlite.prepare<[], { id: number; stored: number }>(
      `SELECT t.id, 0 AS stored FROM ${table} AS t, json_each(t.aliases) AS j
       WHERE t.aliases IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${table}_alias WHERE alias = j.value AND ${id} = t.id)
       UNION ALL
       SELECT a.${id}, 1 FROM ${table}_alias AS a LEFT JOIN ${table} AS t ON t.id = a.${id}
       WHERE t.aliases IS NULL OR a.alias NOT IN (SELECT value FROM json_each(t.aliases))`,
    );
    for (const row of differing.iterate())
      findings.compare(() => `${table}_alias of ${row.id}: an alias is there`, row.stored === 1, row.stored === 0);
  }
}

/** Compares the customers of profile updates without an externalId: they belong to whoever has the name that they were told of (definitions §5). */
function verifyProfileUpdates({ sqlite }: Database, owners: Owners, findings: Findings): void {
  const profileUpdates = sqlite.prepare<[], Named & Pick<typeof profileUpdate.$inferSelect, "customerId">>(
    `SELECT ${NAMED_UPDATE}, customer_id AS customerId FROM profile_update WHERE known_email IS NOT NULL OR known_alias IS NOT NULL OR is_said`,
  );
  for (const update of profileUpdates.iterate())
    findings.compare(
      () => `profile update of ${toCustomerId(update.customerId)}: customer_id`,
      toCustomerId(update.customerId),
      toCustomerId(owners.ofNamed(update) ?? update.customerId),
    );
}
