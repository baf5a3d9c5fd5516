// Does the attribution of all customers add up to all revenue, to the cent, for every grouping and model? (definitions §9)
import { toMajor } from "../value/money.ts";
import type { ServedOptions } from "./served.ts";

/** The most rows that an answer has. If there are this many, some may be missing, and their sums are not compared with the totals. */
const MOST_ROWS = 10_000;
/** Decimals of a sale's credit. */
const CREDIT_DECIMALS = 4;
const QUESTIONS = [
  ["source", "linear"],
  ["campaign", "time_decay"],
  ["link", "position"],
] as const;

interface CreditAnswer {
  rows: { sales: number; revenue: number }[];
  totals: { customers: number; sales: number; revenue: number };
}

/** Compares the totals and the sums of the rows of three attributions with the sums of all customers by the log. */
export async function verifyCredit({ ask, decimals, totals, findings }: ServedOptions): Promise<void> {
  let [paying, sales, net] = [0n, 0n, 0n];
  for (const [, [, , payingHere = 0n, salesHere = 0n, gross = 0n, refunds = 0n]] of totals.cohortDay.entries()) {
    paying += payingHere;
    sales += salesHere;
    net += gross - refunds;
  }
  for (const [grouping, model] of QUESTIONS) {
    const path = `/customers/attribution?group_by=${grouping}&model=${model}&limit=${MOST_ROWS}`;
    const answer = (await ask(path)) as CreditAnswer | undefined;
    if (!answer) continue;
    findings.compare(() => `${path} totals: revenue`, answer.totals.revenue, toMajor(net, decimals));
    findings.compare(() => `${path} totals: sales`, answer.totals.sales, sales);
    findings.compare(() => `${path} totals: customers`, answer.totals.customers, paying);
    if (answer.rows.length === MOST_ROWS) continue;
    const sum = (of: "revenue" | "sales", digits: number) =>
      answer.rows.reduce((all, row) => all + BigInt(Math.round(row[of] * 10 ** digits)), 0n);
    findings.compare(() => `${path}: Σ revenue of rows`, sum("revenue", decimals), net);
    findings.compare(() => `${path}: Σ sales of rows`, sum("sales", CREDIT_DECIMALS), sales * 10_000n);
  }
}
