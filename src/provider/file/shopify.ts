// What do the files of Shopify's admin mean? Orders are sales and totals of refunds, customers are people.
import { openCalendar } from "../../value/calendar.ts";
import { readMetadata, toAlias } from "../identity.ts";
import { toText } from "../json.ts";
import { ignored, profile } from "../meaning.ts";
import { FileError } from "./file-error.ts";
import type { FileOptions, Format, Reader } from "./format.ts";
import { type Header, type Row, squash } from "./row.ts";
import { openSold } from "./sold.ts";

const PAID = new Set(["paid", "partially_refunded", "refunded"]);
const PENDING = new Set(["pending", "authorized", "partially_paid"]);
const UNPAID = new Set(["voided", "expired", "unpaid"]);

/** The shop as webhooks name it. */
function requireShop(shop: string | undefined): string {
  if (shop === undefined) throw new FileError("Shopify's files do not name the shop: say which it is, such as --shop my-shop.");
  const [, name] = /^([a-z0-9][a-z0-9-]*)(?:\.myshopify\.com)?$/i.exec(shop.trim()) ?? [];
  if (name === undefined) throw new FileError("The shop must be written as my-shop or my-shop.myshopify.com.");
  return name.toLowerCase();
}

/** Cart attributes, `name: value` on each line. `UTM source` means the same as `utm_source`. */
function readAttributes(text: string | undefined): Record<string, unknown> {
  const pairs = (text ?? "").split(/\r?\n/).map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, Math.max(colon, 0)).trim(), line.slice(colon + 1).trim()];
  });
  const utm = pairs.flatMap(([name, value]): [string, string][] => {
    const [, part] = /^utm(source|campaign|medium)$/.exec(squash(name)) ?? [];
    return part === undefined ? [] : [[`utm_${part}`, value]];
  });
  return Object.fromEntries([...utm, ...pairs]);
}

function openOrders(header: Header, { shop: given, idKeys }: FileOptions): Reader {
  const shop = requireShop(given);
  if (!header.has("Id"))
    throw new FileError(
      `The file has no column "Id", by which webhooks know its orders: export it again, or use --map orderId=Name,value=Total,… if this workspace gets no webhooks of these orders.`,
    );
  const utc = openCalendar("UTC");
  const sold = openSold();

  /** The fields of an order are only on its first row. The others have an item each. */
  const isContinued = (row: Row) => row.text("Financial Status") === undefined && row.text("Total") === undefined;

  return {
    dates: ["Created at", "Paid at", "Fulfilled at", "Cancelled at"],
    calendar: utc,
    notes: sold.notes,
    read(row, newestAt) {
      if (isContinued(row)) return undefined;
      const status = row.text("Financial Status")?.toLowerCase() ?? "";
      if (UNPAID.has(status)) return ignored("the order was not paid");
      if (!PAID.has(status) && !PENDING.has(status)) return row.refuseWord("Financial Status");
      const id = row.requireId("Id");
      const currency = row.currency("Currency");
      const total = row.requireAmount("Total", currency);
      const refunded = row.amount("Refunded Amount", currency);
      const isWhole = status === "refunded" && !(refunded && refunded.value > 0);
      return sold.toMeaning(
        {
          orderId: id === undefined ? undefined : toAlias("shopify", shop, id),
          // As webhooks date an order. It may be paid later, and then only the file says when.
          at: row.requireInstant("Created at", utc),
          money: total,
          named: {
            ...readMetadata([readAttributes(row.text("Note Attributes"))], idKeys),
            email: row.id("Email"),
            name: row.text("Billing Name"),
            country: row.text("Billing Country", "Shipping Country"),
          },
          isPending: PENDING.has(status),
          refunded: [{ money: isWhole ? total : refunded, at: undefined }],
        },
        newestAt,
      );
    },
  };
}

export const SHOPIFY_ORDERS: Format = {
  name: "shopify orders",
  provider: "shopify",
  fits: (header) => header.has("Name", "Financial Status", "Total", "Currency", "Created at", "Lineitem name"),
  open: openOrders,
};

function openCustomers(header: Header, { shop: given, now }: FileOptions): Reader {
  const shop = requireShop(given);
  if (!header.has("Customer ID"))
    throw new FileError(`The file has no column "Customer ID", by which webhooks know its customers: export it again.`);
  return {
    dates: [],
    calendar: openCalendar("UTC"),
    notes: () => [],
    read(row) {
      const id = row.requireId("Customer ID");
      if (id === undefined) return ignored("");
      const name = toText([row.text("First Name"), row.text("Last Name")].filter((part) => part !== undefined).join(" "));
      const country = row.text("Default Address Country Code", "Country Code");
      const said = profile({ alias: toAlias("shopify", shop, id), at: now, email: row.id("Email"), name, country });
      return said.length > 0 ? said : ignored("it says nothing of its customer");
    },
  };
}

export const SHOPIFY_CUSTOMERS: Format = {
  name: "shopify customers",
  provider: "shopify",
  fits: (header) =>
    header.has("First Name", "Last Name", "Email") && header.find("Total Spent", "Total Orders", "Accepts Email Marketing") !== undefined,
  open: openCustomers,
};
