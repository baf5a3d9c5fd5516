// What do the files of orders of WooCommerce's exporters mean? Each order is a sale, or one that is pending, or one that was given back.
import { openCalendar } from "../../value/calendar.ts";
import { toAlias } from "../identity.ts";
import { toId, toText } from "../json.ts";
import { ignored } from "../meaning.ts";
import type { FileOptions, Format, Reader } from "./format.ts";
import type { Header } from "./row.ts";
import { openSold } from "./sold.ts";

const ORDER = ["order_id", "order_number"] as const;
const STATUS = ["order_status", "status"] as const;
const TOTAL = ["order_total", "order_total_amount"] as const;
const CURRENCY = ["order_currency", "currency"] as const;

const PAID = new Set(["completed", "processing", "refunded"]);
const PENDING = new Set(["pending", "on-hold", "on hold"]);
const UNPAID = new Set(["cancelled", "failed", "trash", "draft", "checkout-draft", "auto-draft"]);

function openOrders(header: Header, { zone, currency: reporting }: FileOptions): Reader {
  const calendar = openCalendar(zone);
  const sold = openSold();
  const nameOf = (names: readonly string[]) => header.find(...names) ?? names[0] ?? "";
  const [order, status, total, currencyColumn] = [ORDER, STATUS, TOTAL, CURRENCY].map(nameOf) as [string, string, string, string];
  let before: string | undefined;

  return {
    dates: ["order_date", "paid_date", "completed_date"],
    calendar,
    notes: sold.notes,
    read(row, newestAt) {
      // An order has a row for each item, which all repeat it, or leave out its total.
      const id = row.requireId(order);
      const isContinued = id !== undefined && id === before;
      before = id;
      if (isContinued) return undefined;
      const word = row.text(status)?.toLowerCase().replace(/^wc-/, "") ?? "";
      if (UNPAID.has(word)) return ignored("the order was not paid");
      if (!PAID.has(word) && !PENDING.has(word)) return row.refuseWord(status);
      const currency = header.has(currencyColumn) ? row.currency(currencyColumn) : reporting;
      const money = row.requireAmount(total, currency);
      const user = toId(row.id("customer_user", "customer_id"));
      return sold.toMeaning(
        {
          orderId: id === undefined ? undefined : toAlias("woocommerce", id),
          // When it was made never changes; when it was paid may not be known yet.
          at: row.requireInstant("order_date", calendar),
          money,
          named: {
            aliases: user === undefined ? [] : [toAlias("woocommerce", "customer", user)],
            email: row.id("customer_email", "billing_email"),
            name: toText([row.text("billing_first_name"), row.text("billing_last_name")].filter((part) => part !== undefined).join(" ")),
            country: row.text("billing_country", "shipping_country"),
          },
          isPending: PENDING.has(word),
          refunded: word === "refunded" ? [{ money, at: undefined }] : [],
        },
        newestAt,
      );
    },
  };
}

export const WOOCOMMERCE_ORDERS: Format = {
  name: "woocommerce orders",
  provider: "woocommerce",
  fits: (header) =>
    header.has("order_date") &&
    [ORDER, STATUS, TOTAL].every((names) => header.find(...names) !== undefined) &&
    header.find("customer_email", "billing_email") !== undefined,
  open: openOrders,
};
