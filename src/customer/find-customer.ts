// Which customer does `:id` identify, and what is known about them now?

import type { Statement } from "../../db/connection.ts";
import type { Context } from "../context.ts";
import type { Name } from "../ledger/name.ts";
import { mayLackSql } from "../ledger/stale.ts";
import { notFound } from "../value/error.ts";
import { parseCustomerId } from "../value/id.ts";
import { CUSTOMER_COLUMNS, type CustomerRow, type StoredCustomerRow, toCustomerRow } from "./customer-row.ts";

type Lookup = Pick<Context, "database" | "ledger" | "now">;

interface Lookups {
  byId: Statement<[now: number, id: number], StoredCustomerRow & { mayLack: 0 | 1 }>;
  byExternalId: Statement<[externalId: string], number>;
}
const LOOKUPS = new WeakMap<Context["database"], Lookups>();

/** The prepared statements, one set per database. One of them tells too whether the customer may lack something, because every read asks. */
function lookupsOf({ database }: Pick<Context, "database">): Lookups {
  let lookups = LOOKUPS.get(database);
  if (!lookups) {
    lookups = {
      byId: database.sqlite.prepare(
        `SELECT ${CUSTOMER_COLUMNS}, EXISTS (${mayLackSql("c.id")}) AS mayLack FROM customer AS c WHERE c.id = ? AND c.deleted_at IS NULL`,
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
export function findCustomer(context: Lookup, id: number): CustomerRow | undefined {
  const { byId } = lookupsOf(context);
  let found = byId.get(context.now(), id);
  if (found?.mayLack) {
    context.ledger.ensureCustomerFresh(id);
    found = byId.get(context.now(), id);
  }
  if (found === undefined) return undefined;
  const row = toCustomerRow(found);
  if (row.firstTouchAt !== null) return row;
  // The name that they were known by is another customer's now, so this id leads to that customer.
  const known = knownNameOf(row);
  const owner = known && context.ledger.identity.ownerOfName(known.kind, known.value);
  return owner === undefined || owner === id ? undefined : findCustomer(context, owner);
}

/** The name that a customer without externalId is known by. */
export function knownNameOf({ knownEmail, knownAlias }: Pick<CustomerRow, "knownEmail" | "knownAlias">): Name | undefined {
  if (knownEmail !== null) return { kind: "email", value: knownEmail };
  return knownAlias === null ? undefined : { kind: "alias", value: knownAlias };
}

function findId(context: Lookup, idParam: string): number | undefined {
  const name = idParam.slice(4).normalize("NFC");
  if (idParam.startsWith("ext_")) return lookupsOf(context).byExternalId.get(name);
  return idParam.startsWith("als_") ? context.ledger.identity.ownerOfName("alias", name) : parseCustomerId(idParam);
}

/** The customer of an `:id`: `cus_…`, `ext_` and a current or former externalId, or `als_` and an alias. Throws NOT_FOUND. */
export function requireCustomer(context: Lookup, idParam: string): CustomerRow {
  const id = findId(context, idParam);
  const row = id === undefined ? undefined : findCustomer(context, id);
  if (row === undefined) throw notFound("customer");
  return row;
}
