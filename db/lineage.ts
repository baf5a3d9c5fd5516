// In which history was a customer's row number given out? A restored backup begins another history, whose numbers mean other people.
import { randomUUID } from "node:crypto";
import type { Sqlite } from "./connection.ts";

/** From row `from` on, customers were made in this history. */
interface Span {
  readonly from: number;
  readonly history: string;
}

/** The histories of a database, oldest first. */
export type Lineage = readonly Span[];

/** Settings that storage keeps in the database. */
const LINEAGE = "lineage";
const COPIED_AT = "copied_at";

export function readLineage(sqlite: Sqlite): Lineage {
  const text = sqlite.prepare("SELECT value FROM setting WHERE name = ?").pluck().get(LINEAGE) as string | undefined;
  return text === undefined ? [] : (JSON.parse(text) as Span[]);
}

/** Begins a history for the customers made from now on, in a database new or restored. To be called within a write. */
export function beginHistory(sqlite: Sqlite): void {
  const from = Number(sqlite.prepare("SELECT coalesce(max(id), 0) + 1 FROM customer").pluck().get());
  const before = readLineage(sqlite).filter((span) => span.from < from);
  sqlite
    .prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)")
    .run(LINEAGE, JSON.stringify([...before, { from, history: randomUUID() }]));
}

/** The history in which the customer with this row number was made. */
export function historyOf(lineage: Lineage, customerId: number): string | undefined {
  return lineage.findLast(({ from }) => from <= customerId)?.history;
}

/** Marks a database as a copy, so that whoever opens it to work with knows. */
export function markAsCopy(sqlite: Sqlite): void {
  sqlite.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)").run(COPIED_AT, new Date().toISOString());
}

export function isCopy(sqlite: Sqlite): boolean {
  return sqlite.prepare("SELECT 1 FROM setting WHERE name = ?").get(COPIED_AT) !== undefined;
}

/** Makes a copy the database to work with, in a history of its own. To be called within a write. */
export function adopt(sqlite: Sqlite): void {
  if (sqlite.prepare("DELETE FROM setting WHERE name = ?").run(COPIED_AT).changes > 0) beginHistory(sqlite);
}
