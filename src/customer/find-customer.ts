// Which customer does `:id` mean, and what is known of them now?

import type { Statement } from "../../db/connection.ts";
import type { Context } from "../context.ts";
import { notFound } from "../value/error.ts";
import { parseCustomerId } from "../value/id.ts";
import { CUSTOMER_COLUMNS, type CustomerRow, toCustomerRow } from "./customer-row.ts";

interface Lookup {
  byId: Statement;
  byExternalId: Statement;
}
const LOOKUPS = new WeakMap<Context["database"], Lookup>();

/** Prepared once for each database. */
function lookupOf({ database }: Pick<Context, "database">): Lookup {
  let lookup = LOOKUPS.get(database);
  if (!lookup) {
    lookup = {
      byId: database.sqlite.prepare(`SELECT ${CUSTOMER_COLUMNS} FROM customer AS c WHERE c.id = ? AND c.deleted_at IS NULL`),
      byExternalId: database.sqlite.prepare(`SELECT customer_id FROM external_id WHERE external_id = ?`).pluck(),
    };
    LOOKUPS.set(database, lookup);
  }
  return lookup;
}

/** The customer with this row number, up to date; undefined: there is none (any more), or nothing is theirs. */
export function findCustomer(context: Pick<Context, "database" | "ledger">, id: number): CustomerRow | undefined {
  context.ledger.freshCustomer(id);
  const found = lookupOf(context).byId.get(id);
  if (found === undefined) return undefined;
  const row = toCustomerRow(found);
  if (row.firstTouchAt !== null) return row;
  // A customer known by email alone, whose email is another's by now: the old id leads to the owner.
  const owner = row.knownEmail === null ? undefined : context.ledger.identity.ownerOfEmail(row.knownEmail);
  return owner === undefined || owner === id ? undefined : findCustomer(context, owner);
}

/** The customer that `:id` means: `cus_…`, or `ext_` and an externalId, current or former. Throws NOT_FOUND. */
export function requireCustomer(context: Pick<Context, "database" | "ledger">, idParam: string): CustomerRow {
  const id = idParam.startsWith("ext_")
    ? (lookupOf(context).byExternalId.get(idParam.slice(4).normalize("NFC")) as number | undefined)
    : parseCustomerId(idParam);
  const row = id === undefined ? undefined : findCustomer(context, id);
  if (row === undefined) throw notFound("customer");
  return row;
}
