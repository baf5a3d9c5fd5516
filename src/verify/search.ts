// Does the search find everybody by what they are called, and nobody by what they are not?
import type { Database } from "../../db/database.ts";
import type { customer } from "../../db/schema.ts";
import { toCustomerId } from "../value/id.ts";
import type { Findings } from "./finding.ts";

type Customer = typeof customer.$inferSelect;

/** Compares whom the index of the search holds with the customers who have a text, and looks a sample of them up by all of it. */
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
    if ([...text].length < 3) continue; // shorter than what the index holds
    const found = find.get(id, `"${text.replaceAll('"', '""')}"`) !== undefined;
    findings.compare(() => `customer_search ${toCustomerId(id)}: found by its text`, found, true);
  }
}
