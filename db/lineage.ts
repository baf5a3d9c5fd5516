// In which history was a customer's row number assigned? A restored backup begins a new history, where the same numbers may mean other people.
import { randomUUID } from "node:crypto";
import type { Sqlite } from "./connection.ts";

/** Customers from row `from` on were created in this history. */
interface Span {
  readonly from: number;
  readonly history: string;
}

/** The histories of a database, oldest first. */
export type Lineage = readonly Span[];

/** Names in the table `setting`. */
const LINEAGE = "lineage";
const COPIED_AT = "copied_at";

/** The histories of a database; none before its first. */
export function readLineage(sqlite: Sqlite): Lineage {
  const text = sqlite.prepare<[string], string>("SELECT value FROM setting WHERE name = ?").pluck().get(LINEAGE);
  return text === undefined ? [] : (JSON.parse(text) as Span[]);
}

/** Begins a history for the customers created from now on, in a new or a restored database. Call it within a write. */
export function beginHistory(sqlite: Sqlite): void {
  const from = Number(sqlite.prepare("SELECT coalesce(max(id), 0) + 1 FROM customer").pluck().get());
  const before = readLineage(sqlite).filter((span) => span.from < from);
  sqlite
    .prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)")
    .run(LINEAGE, JSON.stringify([...before, { from, history: randomUUID() }]));
}

/** The history in which the customer with this row number was created, or undefined if there is none. */
export function historyOf(lineage: Lineage, customerId: number): string | undefined {
  return lineage.findLast(({ from }) => from <= customerId)?.history;
}

/** Marks a database as a copy, so that the next program that opens it knows. */
export function markAsCopy(sqlite: Sqlite): void {
  sqlite.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)").run(COPIED_AT, new Date().toISOString());
}

/** Was the database marked as a copy? */
export function isCopy(sqlite: Sqlite): boolean {
  return sqlite.prepare("SELECT 1 FROM setting WHERE name = ?").get(COPIED_AT) !== undefined;
}

/** Takes the mark of a copy away. */
export function unmarkCopy(sqlite: Sqlite): boolean {
  return sqlite.prepare("DELETE FROM setting WHERE name = ?").run(COPIED_AT).changes > 0;
}

/** Turns a copy into a database of its own, with a new history. Does nothing to others. Call it within a write. */
export function adopt(sqlite: Sqlite): void {
  if (unmarkCopy(sqlite)) beginHistory(sqlite);
}
