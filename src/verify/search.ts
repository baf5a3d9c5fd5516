// Does the search index hold every customer, with their own text and no other?
import type { Database } from "../../db/database.ts";
import type { customer } from "../../db/schema.ts";
import { toCustomerId } from "../value/id.ts";
import type { Findings } from "./finding.ts";

type Customer = typeof customer.$inferSelect;

/**
 * Checks the index itself, compares its customers with those who have a search
 * text, and searches for each customer of the sample by their whole text.
 */
export function verifySearch({ sqlite }: Database, sample: readonly { id: number }[], findings: Findings): void {
  let state = "whole";
  try {
    // SQLite manual, FTS5, "The 'integrity-check' Command"
    sqlite.prepare("INSERT INTO customer_search (customer_search) VALUES ('integrity-check')").run();
  } catch {
    state = "damaged";
  }
  findings.compare(() => "customer_search: the index", state, "whole");

  const differing = sqlite.prepare<[], Pick<Customer, "id"> & { stored: number }>(
    `SELECT c.id, 0 AS stored FROM customer AS c WHERE c.search_text <> '' AND c.id NOT IN (SELECT id FROM customer_search_docsize)
     UNION ALL
     SELECT d.id, 1 FROM customer_search_docsize AS d WHERE NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.id = d.id AND c.search_text <> '')`,
  );
  for (const { id, stored } of differing.iterate())
    findings.compare(() => `customer_search ${toCustomerId(id)}: in the index`, stored === 1, stored === 0);

  const textOf = sqlite.prepare<[customerId: number], Customer["searchText"]>("SELECT search_text FROM customer WHERE id = ?").pluck();
  const find = sqlite.prepare("SELECT 1 FROM customer_search WHERE rowid = ? AND customer_search MATCH ?");
  for (const { id } of sample) {
    const text = textOf.get(id) ?? "";
    if ([...text].length < 3) continue; // the index holds three characters or more
    const found = find.get(id, `"${text.replaceAll('"', '""')}"`) !== undefined;
    findings.compare(() => `customer_search ${toCustomerId(id)}: found by its text`, found, true);
  }
}
