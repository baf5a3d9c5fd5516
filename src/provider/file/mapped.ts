// What does a table mean whose columns its owner has named? Each row is a sale, and what has been refunded of it.
import { openCalendar } from "../../value/calendar.ts";
import { ignored } from "../meaning.ts";
import { type ColumnMap, MAP_FIELDS, type MapField } from "./column-map.ts";
import { FileError } from "./file-error.ts";
import type { FileOptions, Format, Reader } from "./format.ts";
import type { Header, Row } from "./row.ts";
import { openSold } from "./sold.ts";

const NEEDED = ["orderId", "timestamp", "value"] as const satisfies readonly MapField[];

const PAID = new Set(["", "paid", "approved", "completed", "processing", "succeeded", "refunded", "partially_refunded"]);
const PENDING = new Set(["pending", "on-hold", "authorized"]);
const UNPAID = new Set(["failed", "cancelled", "canceled", "rejected", "voided", "expired"]);

function requireColumns(header: Header, map: ColumnMap): void {
  const unnamed = NEEDED.filter((field) => map[field] === undefined);
  if (unnamed.length > 0)
    throw new FileError(`The map lacks ${unnamed.join(", ")}: add ${unnamed.map((field) => `${field}=Column`).join(",")}.`);
  const absent = MAP_FIELDS.flatMap((field) => (map[field] !== undefined && !header.has(map[field]) ? [`"${map[field]}"`] : []));
  if (absent.length > 0)
    throw new FileError(
      `The file has no column ${absent.join(", ")}. Its columns are: ${header.names.slice(0, 100).join(", ")}.`,
      `The file has no column ${absent.join(", ")}.`,
    );
}

/** Opens the reader of a table by the map in its options. */
function openMapped(header: Header, { map = {}, zone, currency: reporting }: FileOptions): Reader {
  requireColumns(header, map);
  const calendar = openCalendar(zone);
  const sold = openSold();
  let before: string | undefined;
  const text = (row: Row, field: MapField) => (map[field] === undefined ? undefined : row.text(map[field]));
  const id = (row: Row, field: MapField) => (map[field] === undefined ? undefined : row.id(map[field]));

  return {
    dates: [map.timestamp, map.refundedAt].filter((column) => column !== undefined),
    calendar,
    notes: sold.notes,
    read(row, newestAt) {
      // A further row of the same order has an item, and none of what the order was worth.
      const orderId = row.requireId(map.orderId ?? "");
      if (orderId !== undefined && orderId === before && text(row, "value") === undefined && text(row, "timestamp") === undefined)
        return undefined;
      before = orderId;
      const status = text(row, "status")?.toLowerCase() ?? "";
      if (UNPAID.has(status)) return ignored("it was not paid");
      if (!PAID.has(status) && !PENDING.has(status)) return row.refuseWord(map.status ?? "");
      const currency = map.currency === undefined ? reporting : row.currency(map.currency);
      const alias = id(row, "alias");
      const [email, name, country] = [id(row, "email"), text(row, "name"), text(row, "country")];
      return sold.toMeaning(
        {
          orderId,
          at: row.requireInstant(map.timestamp ?? "", calendar),
          money: row.requireAmount(map.value ?? "", currency),
          named: {
            ...{ externalId: id(row, "externalId"), aliases: alias === undefined ? [] : [alias], email, name, country },
            ...{ clickId: id(row, "clickId"), source: text(row, "source"), campaign: text(row, "campaign"), medium: text(row, "medium") },
            ...{ url: text(row, "url"), referrer: text(row, "referrer") },
          },
          isPending: PENDING.has(status),
          refunded:
            map.refunded === undefined ? [] : [{ money: row.amount(map.refunded, currency), at: row.instant(map.refundedAt, calendar) }],
        },
        newestAt,
      );
    },
  };
}

export const MAPPED: Format = { name: "mapped", provider: "file", fits: () => true, open: openMapped };
