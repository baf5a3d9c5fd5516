// Which customer does `:id` identify, and what is known about them now?

import type { Statement } from "../../db/connection.ts";
import type { Context } from "../context.ts";
import { notFound } from "../value/error.ts";
import { parseCustomerId } from "../value/id.ts";
import { CUSTOMER_COLUMNS, type CustomerRow, type StoredCustomerRow, toCustomerRow } from "./customer-row.ts";

interface Lookups {
  byId: Statement<[id: number], StoredCustomerRow>;
  byExternalId: Statement<[externalId: string], number>;
}
const LOOKUPS = new WeakMap<Context["database"], Lookups>();

/** The prepared statements, one set per database. */
function lookupsOf({ database }: Pick<Context, "database">): Lookups {
  let lookups = LOOKUPS.get(database);
  if (!lookups) {
    lookups = {
      byId: database.sqlite.prepare<[id: number], StoredCustomerRow>(
        `SELECT ${CUSTOMER_COLUMNS} FROM customer AS c WHERE c.id = ? AND c.deleted_at IS NULL`,
      ),
      byExternalId: database.sqlite
        .prepare<[externalId: string], number>(`SELECT customer_id FROM external_id WHERE external_id = ?`)
        .pluck(),
    };
    LOOKUPS.set(database, lookups);
  }
  return lookups;
}

/** The customer with this row id, up to date. Undefined if there is none, if they are erased, or if they own no entry and no creation. */
export function findCustomer(context: Pick<Context, "database" | "ledger">, id: number): CustomerRow | undefined {
  context.ledger.ensureCustomerFresh(id);
  const found = lookupsOf(context).byId.get(id);
  if (found === undefined) return undefined;
  const row = toCustomerRow(found);
  if (row.firstTouchAt !== null) return row;
  // Another customer has claimed the email that they were known by, so this id now leads to that customer.
  const owner = row.knownEmail === null ? undefined : context.ledger.identity.ownerOfEmail(row.knownEmail);
  return owner === undefined || owner === id ? undefined : findCustomer(context, owner);
}

/** The customer of an `:id`: `cus_…`, or `ext_` and a current or former externalId. Throws NOT_FOUND. */
export function requireCustomer(context: Pick<Context, "database" | "ledger">, idParam: string): CustomerRow {
  const id = idParam.startsWith("ext_") ? lookupsOf(context).byExternalId.get(idParam.slice(4).normalize("NFC")) : parseCustomerId(idParam);
  const row = id === undefined ? undefined : findCustomer(context, id);
  if (row === undefined) throw notFound("customer");
  return row;
}
