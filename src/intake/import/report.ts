// What did an import find in its file? Counts, sums, and reasons in words that name nobody. It is stored as JSON, and an import that was cut goes on with it.
import { EntryInput } from "../../entry/input.ts";
import type { Result, UnnamedSale } from "../effect/outcome.ts";
import type { Rejection } from "./reasons.ts";

/** What became of a row. */
export interface RowResult {
  readonly result: Result;
  /** Why nothing was stored, in words that name nobody. */
  readonly reason?: string;
  /** The whole reason, for whoever has the file. */
  readonly rejection?: Rejection;
  /** The sale, if it names nobody. */
  readonly unnamed?: UnnamedSale;
}

/** Rows that were not stored for one reason. */
export interface Reason {
  readonly result: Result;
  readonly reason: string;
  count: number;
  /** The number of the first such row in the file, from 1. */
  readonly line: number;
}

/** Sales and refunds of one currency, in its minor units as text, which can be larger than a double. */
export interface Sum {
  readonly currency: string;
  sales: number;
  salesMinor: string;
  refunds: number;
  refundsMinor: string;
}

/** Sales of one currency that name nobody. `lines`: the first of them in the file. */
export interface UnnamedSum {
  readonly currency: string;
  sales: number;
  /** In minor units. */
  valueMinor: string;
  readonly lines: number[];
}

/** What a dry run finds out besides. Instants are in milliseconds. */
export interface Found {
  sums: Sum[];
  firstAt: number | null;
  lastAt: number | null;
  newCustomers: number;
  knownCustomers: number;
  /** Known customers whose first touch would be in an earlier month. */
  movedCustomers: number;
  /** Sales in a currency without a rate. */
  lacksRates: { currency: string; sales: number }[];
}

export interface Report extends Record<"recorded" | "duplicates" | "conflicts" | "refused" | "ignored", number> {
  reasons: Reason[];
  unnamedSales: UnnamedSum[];
  notes: string[];
  found: Found | null;
}

const COUNTED = {
  recorded: "recorded",
  duplicate: "duplicates",
  conflict: "conflicts",
  refused: "refused",
  ignored: "ignored",
} as const satisfies Record<Result, keyof Report>;

/** How many reasons are told apart. */
const MOST_REASONS = 100;
/** How many lines of sales that name nobody are told. */
const MOST_LINES = 100;
const OTHER = "for other reasons";

export const emptyReport = (): Report => ({
  recorded: 0,
  duplicates: 0,
  conflicts: 0,
  refused: 0,
  ignored: 0,
  reasons: [],
  unnamedSales: [],
  notes: [],
  found: null,
});

function addUnnamed(sums: UnnamedSum[], line: number, { currency, value }: UnnamedSale): void {
  const known = sums.find((each) => each.currency === currency);
  const sum = known ?? { currency, sales: 0, valueMinor: "0", lines: [] };
  if (!known) sums.push(sum);
  sum.sales += 1;
  sum.valueMinor = String(BigInt(sum.valueMinor) + BigInt(value));
  if (sum.lines.length < MOST_LINES) sum.lines.push(line);
}

/** Counts what became of a row. */
export function addResult(report: Report, line: number, { result, reason, unnamed }: RowResult): void {
  report[COUNTED[result]] += 1;
  if (unnamed) addUnnamed(report.unnamedSales, line, unnamed);
  if (reason === undefined || reason === "") return;
  const told = report.reasons.length < MOST_REASONS ? reason : OTHER;
  const known = report.reasons.find((each) => each.result === result && (each.reason === reason || each.reason === told));
  if (known) known.count += 1;
  else report.reasons.push({ result, reason: told, count: 1, line });
}

/** The reason of a rejection without any value of the file: which of our fields, and what is wrong with them. */
export function toReason({ message, details = [] }: Rejection): string {
  if (details.length === 0) return message;
  const told = details.map(({ path, message: problem }) => {
    const [field = ""] = path.split(".");
    const name = Object.hasOwn(EntryInput.properties, field) ? field : field === "" ? "the line" : "another field";
    // What the sender wrote comes after a comma or a colon.
    return `${name} ${problem.replace(/(?:, not |: ).*$/s, "")}`;
  });
  return [...new Set(told)].sort().join("; ");
}
