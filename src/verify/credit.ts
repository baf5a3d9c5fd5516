// Is the attribution of all customers what the log says, to the cent and the customer, for every grouping and model? (definitions §9)
import type { Database } from "../../db/database.ts";
import { type Calendar, DAY_MS } from "../value/calendar.ts";
import { toIso } from "../value/instant.ts";
import { toMajor } from "../value/money.ts";
import { type CreditRange, GROUPINGS, MODELS } from "./attribution.ts";
import type { ServedOptions } from "./served.ts";

/** The most rows that an answer has. If there are this many, some may be missing. */
const MOST_ROWS = 10_000;
/** Decimals of a sale's credit. */
const CREDIT_DECIMALS = 4;

interface Figures {
  customers: number;
  sales: number;
  revenue: number;
}
interface CreditAnswer {
  rows: (Figures & { key: string; touches: number; clicks: number; compare: Record<string, Figures> })[];
  totals: Figures;
}

/** All time, and whole days from amid the sales to later amid them, so that the range begins and ends within months. */
export function rangesOf({ sqlite }: Database, calendar: Calendar): CreditRange[] {
  const { first, last } = sqlite
    .prepare<[], { first: number | null; last: number | null }>("SELECT min(at) AS first, max(at) AS last FROM entry WHERE type = 2")
    .get() ?? { first: null, last: null };
  const dayAt = (share: number) => calendar.startOfDay(calendar.dayOf((first ?? 0) + ((last ?? 0) - (first ?? 0)) * share));
  const amid = { from: dayAt(1 / 3), to: Math.max(dayAt(3 / 4), dayAt(1 / 3) + 2 * DAY_MS) };
  return [
    { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
    { from: amid.from, to: calendar.startOfDay(calendar.dayOf(amid.to)) },
  ];
}

/** Compares every row under every model, and the totals, with what each customer's entries give. */
export async function verifyCredit({ ask, decimals, totals, credit, ranges, findings }: ServedOptions): Promise<void> {
  let [paying, sales, net] = [0n, 0n, 0n];
  for (const [, [, , payingHere = 0n, salesHere = 0n, gross = 0n, refunds = 0n]] of totals.cohortDay.entries()) {
    paying += payingHere;
    sales += salesHere;
    net += gross - refunds;
  }
  for (const grouping of GROUPINGS)
    for (const [place, { from, to }] of ranges.entries()) {
      const range = Number.isFinite(from) ? `&start=${toIso(from)}&end=${toIso(to)}` : "";
      const path = `/customers/attribution?group_by=${grouping}&model=linear&compare=${MODELS.join(",")}&limit=${MOST_ROWS}${range}`;
      const answer = (await ask(path)) as CreditAnswer | undefined;
      if (!answer) continue;
      if (range === "") {
        findings.compare(() => `${path} totals: revenue`, answer.totals.revenue, toMajor(net, decimals));
        findings.compare(() => `${path} totals: sales`, answer.totals.sales, sales);
        findings.compare(() => `${path} totals: customers`, answer.totals.customers, paying);
      }
      if (answer.rows.length === MOST_ROWS) continue;
      const served = new Map(answer.rows.map((row) => [row.key, row]));
      const computed = credit.keysOf(place, grouping);
      for (const key of new Set([...served.keys(), ...computed.keys()])) {
        const [row, own] = [served.get(key), computed.get(key)];
        const compare = (figure: string, stored: number | undefined, wanted: number | bigint | undefined) =>
          findings.compare(() => `${path} ${key}: ${figure}`, stored, wanted);
        compare("touches", row?.touches, own?.touches);
        compare("clicks", row?.clicks, own?.clicks);
        for (const model of MODELS) {
          const [figures, earned] = [row?.compare[model], own?.earned[model]];
          compare(`${model}.customers`, figures?.customers, earned?.customers);
          compare(`${model}.sales`, figures?.sales, earned && toMajor(earned.sales, CREDIT_DECIMALS));
          compare(`${model}.revenue`, figures?.revenue, earned && toMajor(earned.minor, decimals));
        }
      }
    }
}
