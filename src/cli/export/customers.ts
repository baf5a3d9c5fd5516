// Which customers does an export contain, page by page?

import type { Context } from "../../context.ts";
import { CUSTOMER_COLUMNS as STORED_COLUMNS, type StoredCustomerRow, toCustomerRow } from "../../customer/customer-row.ts";
import { openToCustomer } from "../../customer/to-customer.ts";
import type { TableRow } from "../../value/csv.ts";

const PAGE = 500;

export const CUSTOMER_COLUMNS = [
  ...[
    "id",
    "externalId",
    "email",
    "aliases",
    "aliasCount",
    "name",
    "avatar",
    "country",
    "metadata",
    "clickId",
    "source",
    "campaign",
    "firstTouchAt",
    "lastSeenAt",
  ],
  ...["currency", "ltv", "grossRevenue", "refunds", "sales", "firstSaleAt", "lastSaleAt", "unconverted", "createdAt", "updatedAt"],
] as const;

/** All customers who are not erased, as the API shows them, by id. */
export function* customerPages(context: Context): Generator<TableRow[]> {
  const toCustomer = openToCustomer(context);
  const select = context.database.sqlite.prepare<[after: number], StoredCustomerRow>(
    `SELECT ${STORED_COLUMNS} FROM customer AS c WHERE c.id > ? AND c.deleted_at IS NULL AND c.first_touch_at IS NOT NULL ORDER BY c.id LIMIT ${PAGE}`,
  );
  for (let after = 0; ; ) {
    const rows = select.all(after).map(toCustomerRow);
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(toCustomer);
    after = last.id;
  }
}
