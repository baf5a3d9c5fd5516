// How does a dry run print what it found?
import type { Report } from "../../intake/import/report.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toDecimalText } from "../../value/money.ts";
import { toAmount } from "../amount.ts";

/** The lines for a person. `currency`: the workspace's. */
export function reportLines(format: string, report: Report, currency: string): string[] {
  const { recorded, duplicates, conflicts, refused, ignored, reasons, unnamedSales, notes, found } = report;
  const rows = recorded + duplicates + conflicts + refused + ignored;
  const lines = [
    `${format}: ${toAmount(rows, "row")}; nothing was written.`,
    `  ${recorded} would be recorded, ${toAmount(duplicates, "duplicate")}, ${toAmount(conflicts, "conflict")}, ${refused} refused, ${ignored} without anything to record`,
  ];
  if (found) {
    const { sums, firstAt, lastAt, newCustomers, knownCustomers, movedCustomers, lacksRates } = found;
    if (firstAt !== null && lastAt !== null) lines.push(`  from ${toIso(firstAt)} to ${toIso(lastAt)}`);
    for (const sum of sums) {
      const inMajor = (minor: string) => `${toDecimalText(BigInt(minor), requireDecimals(sum.currency))} ${sum.currency}`;
      lines.push(
        `  ${toAmount(sum.sales, "sale")} of ${inMajor(sum.salesMinor)}, ${toAmount(sum.refunds, "refund")} of ${inMajor(sum.refundsMinor)}`,
      );
    }
    lines.push(`  ${toAmount(newCustomers, "new customer")}, ${knownCustomers} known; ${movedCustomers} of these move to an older cohort`);
    for (const { currency: lacking, sales } of lacksRates)
      lines.push(`  ${toAmount(sales, "sale")} in ${lacking} would have no rate to ${currency}: set one with PUT /rates`);
  }
  for (const { result, reason, count, line } of reasons) lines.push(`  ${count} × ${result}: ${reason} (first in line ${line})`);
  return [...lines, ...unnamedLines(unnamedSales).map((line) => `  ${line}`), ...notes.map((note) => `  ${note}`)];
}

/** How many lines of sales that name nobody are shown. */
const MOST_SHOWN = 10;

/** What to say of sales that name nobody. */
export const unnamedLines = (unnamedSales: Report["unnamedSales"]): string[] =>
  unnamedSales.map(({ currency, sales, valueMinor, lines }) => {
    const value = `${toDecimalText(BigInt(valueMinor), requireDecimals(currency))} ${currency}`;
    const where = `${lines.slice(0, MOST_SHOWN).join(", ")}${sales > MOST_SHOWN ? " and others" : ""}`;
    return `${toAmount(sales, "sale")} of ${value} of nobody, in no figure: ${lines.length === 1 ? "line" : "lines"} ${where}`;
  });
