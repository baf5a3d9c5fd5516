// Which customer does `:id` mean, and what is known of them now?

import type { Statement } from "../../db/open.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { parseCustomerId } from "../id.ts";

/** A row of `customer`, fresh. Money in minor units of the reporting currency; bigints where a sum can be wider than a double. */
export interface CustomerRow {
  id: number;
  externalId: string | null;
  knownEmail: string | null;
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
  email: string | null;
  name: string | null;
  avatar: string | null;
  country: string | null;
  metadata: string | null;
  firstTouchAt: number | null;
  source: string | null;
  campaign: string | null;
  clickId: string | null;
  lastSeenAt: number | null;
  sales: number;
  grossMinor: bigint;
  refundsMinor: bigint;
  firstSaleAt: number | null;
  lastSaleAt: number | null;
  /** 1: some of their sales have no rate. */
  unconverted: number;
}

/** The columns of a CustomerRow; sums as text, since the driver would round wide integers. */
export const CUSTOMER_COLUMNS = `c.id, c.external_id AS externalId, c.known_email AS knownEmail, c.created_at AS createdAt, c.updated_at AS updatedAt,
  c.deleted_at AS deletedAt, c.email, c.name, c.avatar, c.country, c.metadata, c.first_touch_at AS firstTouchAt, c.source, c.campaign, c.click_id AS clickId,
  c.last_seen_at AS lastSeenAt, c.sales, cast(c.gross_minor AS TEXT) AS grossMinor, cast(c.refunds_minor AS TEXT) AS refundsMinor,
  c.first_sale_at AS firstSaleAt, c.last_sale_at AS lastSaleAt,
  EXISTS (SELECT 1 FROM customer_unconverted WHERE customer_id = c.id) AS unconverted`;

/** A row as the driver gives it, with its sums exact. */
export function toCustomerRow(row: unknown): CustomerRow {
  const read = row as CustomerRow;
  read.grossMinor = BigInt(read.grossMinor);
  read.refundsMinor = BigInt(read.refundsMinor);
  return read;
}

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
