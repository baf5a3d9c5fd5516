// Which columns of a customer are read, and how do wide sums stay exact on the way?

/** A row of `customer`, up to date. Money is in minor units of the reporting currency; a sum that can be wider than a double is a bigint. */
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
  /** 1 if some of their sales could not be converted for want of a rate, else 0. */
  unconverted: number;
}

/** The columns of a CustomerRow, of `customer AS c`. Sums come as text, because the driver would round wide integers. */
export const CUSTOMER_COLUMNS = `c.id, c.external_id AS externalId, c.known_email AS knownEmail, c.created_at AS createdAt, c.updated_at AS updatedAt,
  c.deleted_at AS deletedAt, c.email, c.name, c.avatar, c.country, c.metadata, c.first_touch_at AS firstTouchAt, c.source, c.campaign, c.click_id AS clickId,
  c.last_seen_at AS lastSeenAt, c.sales, cast(c.gross_minor AS TEXT) AS grossMinor, cast(c.refunds_minor AS TEXT) AS refundsMinor,
  c.first_sale_at AS firstSaleAt, c.last_sale_at AS lastSaleAt,
  EXISTS (SELECT 1 FROM customer_unconverted WHERE customer_id = c.id) AS unconverted`;

/** The driver's row of CUSTOMER_COLUMNS, changed in place: sums become bigints. */
export function toCustomerRow(row: unknown): CustomerRow {
  const customer = row as CustomerRow;
  customer.grossMinor = BigInt(customer.grossMinor);
  customer.refundsMinor = BigInt(customer.refundsMinor);
  return customer;
}
