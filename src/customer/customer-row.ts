// Which columns of a customer are read, and how do sums beyond 2^53 stay exact?

import type { customer } from "../../db/schema.ts";

type Column =
  | (
      | "id"
      | "externalId"
      | "knownEmail"
      | "knownAlias"
      | "createdAt"
      | "updatedAt"
      | "deletedAt"
      | "email"
      | "name"
      | "avatar"
      | "country"
      | "metadata"
    )
  | ("firstTouchAt" | "source" | "campaign" | "clickId" | "lastSeenAt" | "sales" | "firstSaleAt" | "lastSaleAt");

/** The columns that are read as they are stored. */
type PlainColumns = Pick<typeof customer.$inferSelect, Column> & {
  /** 1 if the customer has sales in a currency without a rate, else 0. */
  unconverted: number;
  /** 1 if the customer claims aliases, else 0. */
  aliased: number;
};

/** What the driver gives for CUSTOMER_COLUMNS. */
export type StoredCustomerRow = PlainColumns & { grossMinor: string; refundsMinor: string };

/** A row of `customer`, up to date. Money is in minor units of the reporting currency; a sum that can be wider than a double is a bigint. */
export type CustomerRow = PlainColumns & { grossMinor: bigint; refundsMinor: bigint };

/** The columns of a CustomerRow, of `customer AS c`. Sums come as text, because the driver would round wide integers. */
export const CUSTOMER_COLUMNS = `c.id, c.external_id AS externalId, c.known_email AS knownEmail, c.known_alias AS knownAlias, c.created_at AS createdAt, c.updated_at AS updatedAt,
  c.deleted_at AS deletedAt, c.email, c.name, c.avatar, c.country, c.metadata, c.first_touch_at AS firstTouchAt, c.source, c.campaign, c.click_id AS clickId,
  c.last_seen_at AS lastSeenAt, c.sales, cast(c.gross_minor AS TEXT) AS grossMinor, cast(c.refunds_minor AS TEXT) AS refundsMinor,
  c.first_sale_at AS firstSaleAt, c.last_sale_at AS lastSaleAt,
  EXISTS (SELECT 1 FROM customer_unconverted WHERE customer_id = c.id) AS unconverted,
  EXISTS (SELECT 1 FROM claim WHERE customer_id = c.id AND kind = 'alias') AS aliased`;

/** Turns the sums of a stored row, which are text, into bigints. */
export function toCustomerRow(row: StoredCustomerRow): CustomerRow {
  return { ...row, grossMinor: BigInt(row.grossMinor), refundsMinor: BigInt(row.refundsMinor) };
}
