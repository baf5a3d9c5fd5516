// What does an entry look like in an answer?
import { type Static, Type } from "@sinclair/typebox";
import type { Database } from "../../db/database.ts";
import { CLICK, ENTRY_TYPES, type entry, REFUND, STATUSES, type Status } from "../../db/schema.ts";
import { Instant, OneOf, orNull, personal } from "../http/wire.ts";
import { notFound } from "../value/error.ts";
import { toEntryId } from "../value/id.ts";
import { toIso } from "../value/instant.ts";
import { requireDecimals, toMajor } from "../value/money.ts";
import entrySql from "./entry.sql" with { type: "text" };

const text = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

export const JourneyEntry = Type.Object({
  id: Type.String({ description: "The id of the entry, `ent_…` (definitions §1)." }),
  type: OneOf(ENTRY_TYPES, { description: "What kind of entry this is (definitions §1)." }),
  event: text("The name of the event, as sent (definitions §1)."),
  timestamp: Type.Unsafe<string>({ ...Instant, description: "When it happened (definitions §2)." }),
  clickId: text("On a click, its own id; on other entries, the click that they name (definitions §5)."),
  link: text("The link, as sent (definitions §6)."),
  campaign: text("The campaign as sent, or else `utm_campaign` in the url (definitions §6)."),
  source: text("The source as sent, or else `utm_source` in the url, or else the host of the referrer without `www.` (definitions §6)."),
  medium: text("The medium as sent, or else `utm_medium` in the url (definitions §6)."),
  url: personal(text("The page, as sent; null once its customer is erased (definitions §6, §10).")),
  referrer: personal(text("The referrer, as sent; null once its customer is erased (definitions §6, §10).")),
  eventId: text("Your id of the entry. It is the key, except on clicks and on sales with an orderId (definitions §1)."),
  orderId: text("On a sale, its key; on a refund, the order of its sale (definitions §1)."),
  value: orNull(
    Type.Number({
      description:
        "In major units of `currency`. On a refund, the amount that is refunded: its value, or all that is left of the sale, and never more than is left. 0 when it is rejected, and null while the sale is unknown (definitions §4).",
    }),
  ),
  currency: text("The ISO 4217 currency of `value`; on a refund, that of its sale. null without a value (definitions §3)."),
  status: Type.Union([OneOf(STATUSES), Type.Null()], {
    description:
      "The status that counts, of a conversion or refund. An approved sale that is fully refunded is `refunded`; a refund is `approved` or `rejected` (definitions §4).",
  }),
  metadata: personal(
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: "As sent; null once its customer is erased (definitions §10).",
    }),
  ),
});
export type JourneyEntry = Static<typeof JourneyEntry>;

type Entry = typeof entry.$inferSelect;
/**
 * The columns of `entry` that an answer needs. `saleCurrency` is the currency of a refund's sale, absent or null while the sale is unknown.
 */
export type EntryRow = Pick<Entry, "id" | "type" | "at" | "event" | "clickId" | "eventId" | "orderId" | "link" | "campaign" | "source"> &
  Pick<Entry, "medium" | "url" | "referrer" | "value" | "appliedRefundMinor" | "currency" | "status" | "metadata"> & {
    readonly saleCurrency?: Entry["currency"];
  };

/** The value of an entry in its own currency. The value of a refund is the applied refund, in the currency of its sale (definitions §4). */
function amountOf(row: EntryRow): { value: number | null; currency: string | null } {
  const currency = row.type === REFUND ? row.saleCurrency : row.currency;
  const minor = row.type === REFUND ? row.appliedRefundMinor : row.value;
  if (typeof currency !== "string" || minor === null || row.type === CLICK) return { value: null, currency: null };
  return { value: toMajor(minor, requireDecimals(currency)), currency };
}

/** An entry as it is shown in a journey and in the answer of `PATCH /conversions/:id`. */
export function toJourneyEntry(row: EntryRow): JourneyEntry {
  const type = ENTRY_TYPES[row.type];
  if (type === undefined) throw new RangeError(`Unknown type of an entry: ${row.type}`);
  return {
    id: toEntryId(row.id),
    type,
    event: row.event,
    timestamp: toIso(row.at),
    clickId: row.clickId,
    link: row.link,
    campaign: row.campaign,
    source: row.source,
    medium: row.medium,
    url: row.url,
    referrer: row.referrer,
    eventId: row.eventId,
    orderId: row.orderId,
    ...amountOf(row),
    status: row.type === CLICK ? null : (row.status as Status | null),
    metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as Record<string, unknown>),
  };
}

export interface JourneyEntries {
  /** The current state of the entry with this row number. Throws NOT_FOUND if there is none. */
  read(entryId: number): JourneyEntry;
}

/** Reads single entries. Prepares its statement at once. */
export function openJourneyEntries({ database }: { readonly database: Database }): JourneyEntries {
  const findEntry = database.sqlite.prepare<{ entryId: number }, EntryRow>(entrySql);
  return {
    read(entryId) {
      const row = findEntry.get({ entryId });
      if (!row) throw notFound("conversion");
      return toJourneyEntry(row);
    },
  };
}
