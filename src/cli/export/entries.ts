// Which entries does an export contain, page by page, in a form that `import` reads?

import { and, asc, getTableColumns, gt, lte, sql } from "drizzle-orm";
import { CLICK, ENTRY_TYPES, entry, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import type { TableRow } from "../../value/csv.ts";
import { toCustomerId, toEntryId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { decimalsOf, toDecimalText } from "../../value/money.ts";
import { statusPages } from "./statuses.ts";

const PAGE = 1000;
/** A refund that was sent without a currency holds its value in ten-thousandths. */
const NO_CURRENCY_DECIMALS = 4;

/** Values are read as text, because a refund's ten-thousandths can be wider than a double. */
const COLUMNS = { ...getTableColumns(entry), value: sql<string | null>`cast(${entry.value} AS TEXT)` };

/** `id`, `customerId` and `statusAt` are only in CSV, because NDJSON has the fields of POST /events. */
export const ENTRY_COLUMNS = [
  ...[
    "id",
    "customerId",
    "type",
    "eventId",
    "timestamp",
    "externalId",
    "email",
    "aliases",
    "name",
    "avatar",
    "country",
    "clickId",
    "visitorId",
    "event",
    "orderId",
  ],
  ...["value", "currency", "status", "statusAt", "link", "campaign", "source", "medium", "url", "referrer", "metadata", "totalUntil"],
] as const;

/**
 * All entries in the order of arrival. Entries of erased persons have no personal data any more. In CSV an entry has the status that counts and
 * its instant. In NDJSON it has the status that was sent, and the statuses that were said later are lines of their own. These come first, so
 * that `import` refuses no refund which others gave room by being rejected. An entry without a key of its own has the status that counts,
 * because no line could name it.
 */
export function* entryPages(context: Context, format: "ndjson" | "csv"): Generator<TableRow[]> {
  if (format === "ndjson") yield* statusPages(context, true);
  for (const rows of entryRowPages(context))
    yield rows.map((row) => {
      if (format === "csv") return toRow(row, context.ledger.statuses.newestAt(row));
      return withoutNulls({ ...toSent(row), ...(!hasOwnKey(row) && { status: row.setStatus }) });
    });
}

/** Did the sender give the entry its key? */
export function hasOwnKey({ type, eventId, orderId }: EntryRow): boolean {
  return type === CLICK || eventId !== null || (type === SALE && orderId !== null);
}

/** The rows of all entries with a row id of at most `last`, in the order of arrival. */
export function* entryRowPages({ database }: Context, last = Number.MAX_SAFE_INTEGER): Generator<EntryRow[]> {
  for (let after = 0; ; ) {
    const page = and(gt(entry.id, after), lte(entry.id, last));
    const rows = database.orm.select(COLUMNS).from(entry).where(page).orderBy(asc(entry.id)).limit(PAGE).all();
    const end = rows.at(-1);
    if (!end) return;
    yield rows;
    after = end.id;
  }
}

export type EntryRow = Omit<typeof entry.$inferSelect, "value"> & { value: string | null };

function toRow(row: EntryRow, statusAt: number): TableRow {
  return {
    ...toSent(row),
    id: toEntryId(row.id),
    customerId: row.customerId === null ? null : toCustomerId(row.customerId),
    status: row.status,
    statusAt: row.status === null ? null : toIso(statusAt),
  };
}

/** The number that was sent. Intake accepts numbers by their shortest decimal, so this restores it to the digit. */
function toNumber(minor: string, decimals: number): number {
  return Number(toDecimalText(BigInt(minor), decimals));
}

/** The entry as POST /events takes it. `totalUntil`, which that does not take, is only on a total of refunds: `import` takes it. */
export function toSent(row: EntryRow): TableRow {
  const decimals = (row.currency === null ? undefined : decimalsOf(row.currency)) ?? NO_CURRENCY_DECIMALS;
  return {
    type: ENTRY_TYPES[row.type],
    eventId: row.eventId,
    timestamp: toIso(row.at),
    externalId: row.externalId,
    email: row.email,
    aliases: row.aliases === null ? null : JSON.parse(row.aliases),
    name: row.name,
    avatar: row.avatar,
    country: row.country,
    clickId: row.clickId,
    visitorId: row.visitorId,
    event: row.event,
    orderId: row.orderId,
    value: row.value === null ? null : toNumber(row.value, decimals),
    currency: row.currency,
    status: row.sentStatus,
    link: row.link,
    campaign: row.campaign,
    source: row.source,
    medium: row.medium,
    url: row.url,
    referrer: row.referrer,
    metadata: row.metadata === null ? null : JSON.parse(row.metadata),
    totalUntil: row.totalUntil === null ? null : toIso(row.totalUntil),
  };
}

export function withoutNulls(record: TableRow): TableRow {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}
