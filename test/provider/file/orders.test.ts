// What do the rows of orders mean, of shops and of any other table?
import { describe, expect, test } from "bun:test";
import { readColumnMap } from "../../../src/provider/file/column-map.ts";
import { csv, entriesOf, read, reasonsOf } from "./read.ts";

describe("Shopify's orders", () => {
  const COLUMNS = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Currency",
    "Total",
    "Created at",
    "Lineitem name",
    "Billing Name",
    "Billing Country",
    "Note Attributes",
    "Refunded Amount",
    "Id",
    "Cancelled at",
  ];
  const ORDER = {
    Name: "#1",
    Email: "ann@x.example",
    "Financial Status": "paid",
    "Paid at": "2026-05-14 11:24:00 +0100",
    Currency: "EUR",
    Total: "20.00",
    "Created at": "2026-05-14 11:23:45 +0100",
    "Lineitem name": "Tea",
    Id: "'6798481555755",
  };
  const shop = { shop: "my-shop" };

  test("are sales as webhooks have them, once for all their rows", async () => {
    const attributes = { "Billing Name": "Ann", "Billing Country": "DE", "Note Attributes": "userId: u1\nUTM source: news\nclickId: c: 1" };
    const item = { Name: "#1", "Lineitem name": "Cup", "Created at": ORDER["Created at"] };
    const file = await read(csv(COLUMNS, [{ ...ORDER, ...attributes }, item, item, { ...ORDER, Id: "2" }]), shop);
    expect(entriesOf(file)).toMatchObject([
      {
        type: "sale",
        orderId: "shopify:my-shop:6798481555755",
        timestamp: "2026-05-14T10:23:45.000Z",
        value: 20,
        currency: "EUR",
        email: "ann@x.example",
        externalId: "u1",
        clickId: "c: 1",
        source: "news",
        name: "Ann",
        country: "DE",
      },
      { orderId: "shopify:my-shop:2" },
    ]);
    expect(file.rows.map(({ line }) => line)).toEqual([2, 7]);
  });

  test("are pending or nothing by their status, and refunds are dated like their orders", async () => {
    const with_ = (status: string, Id: string, more = {}) => ({ ...ORDER, "Financial Status": status, Id, ...more });
    const file = await read(
      csv(COLUMNS, [
        ...["pending", "authorized", "partially_paid"].map((status, index) => with_(status, `1${index}`)),
        ...["voided", "expired"].map((status, index) => with_(status, `2${index}`)),
        with_("partially_refunded", "30", { "Refunded Amount": "5.00", "Cancelled at": "2026-06-01 00:00:00 +0000" }),
        with_("refunded", "31", { "Refunded Amount": "" }),
        with_("guessed", "32"),
      ]),
      shop,
    );
    const entries = entriesOf(file);
    expect(entries.slice(0, 3).map(({ status }) => status)).toEqual(Array(3).fill("pending"));
    const refund = { type: "refund", timestamp: "2026-05-14T10:23:45.000Z", totalUntil: "2026-06-01T00:00:00.000Z" };
    expect(entries.filter(({ type }) => type === "refund")).toMatchObject([
      { ...refund, orderId: "shopify:my-shop:30", value: 5 },
      { ...refund, orderId: "shopify:my-shop:31", value: 20 },
    ]);
    expect(reasonsOf(file)).toEqual({ "the order was not paid": 2, '"Financial Status" has a word that is not known': 1 });
    expect(file.notes).toEqual([
      "Refunds without a date, which are dated like their sales: 2.",
      "They are totals up to 2026-06-01T00:00:00.000Z. Refunds of later days that are recorded count besides.",
    ]);
  });

  test("need the shop and the column Id", async () => {
    const text = csv(COLUMNS, [ORDER]);
    await expect(read(text)).rejects.toThrow(/do not name the shop: .*--shop/);
    await expect(read(text, { shop: "my shop" })).rejects.toThrow(/my-shop\.myshopify\.com/);
    await expect(
      read(
        csv(
          COLUMNS.filter((name) => name !== "Id"),
          [ORDER],
        ),
        shop,
      ),
    ).rejects.toThrow(/no column "Id".*--map/);
    expect(reasonsOf(await read(csv(COLUMNS, [{ ...ORDER, Id: "6,79848E+12" }]), shop))).toEqual({
      '"Id" is a number that a spreadsheet has rounded: export the file again': 1,
    });
  });
});

test("WooCommerce's orders are dated in the workspace's zone, and given back as a whole", async () => {
  const columns = [
    "order_number",
    "order_date",
    "paid_date",
    "status",
    "order_currency",
    "order_total",
    "customer_user",
    "billing_email",
    "billing_first_name",
    "billing_last_name",
    "billing_country",
  ];
  const order = {
    order_number: "7",
    order_date: "2026-07-01 12:00:00",
    paid_date: "2026-07-02 12:00:00",
    status: "completed",
    order_currency: "EUR",
    order_total: "20.50",
    customer_user: "5",
    billing_email: "ann@x.example",
    billing_first_name: "Ann",
    billing_last_name: "Li",
    billing_country: "DE",
  };
  const statuses = ["processing", "refunded", "wc-on-hold", "pending", "cancelled", "failed", "new"];
  const rows = [
    order,
    { ...order, order_total: "" },
    ...statuses.map((status, index) => ({ ...order, status, order_number: `8${index}`, customer_user: "0" })),
  ];
  const file = await read(csv(columns, rows), { zone: "Europe/Berlin" });
  expect(file).toMatchObject({ format: "woocommerce orders", provider: "woocommerce" });
  const sale = {
    type: "sale",
    timestamp: "2026-07-01T10:00:00.000Z",
    value: 20.5,
    currency: "EUR",
    name: "Ann Li",
    email: "ann@x.example",
    country: "DE",
  };
  expect(entriesOf(file)).toEqual([
    { ...sale, orderId: "woocommerce:7", aliases: ["woocommerce:customer:5"] },
    { ...sale, orderId: "woocommerce:80", aliases: [] },
    { ...sale, orderId: "woocommerce:81", aliases: [] },
    {
      type: "refund",
      orderId: "woocommerce:81",
      eventId: expect.any(String),
      timestamp: sale.timestamp,
      value: 20.5,
      currency: "EUR",
      totalUntil: "2026-07-02T10:00:00.000Z",
    },
    { ...sale, orderId: "woocommerce:82", aliases: [], status: "pending" },
    { ...sale, orderId: "woocommerce:83", aliases: [], status: "pending" },
  ] as never);
  expect(reasonsOf(file)).toEqual({ "the order was not paid": 2, '"status" has a word that is not known': 1 });
});

describe("any other table", () => {
  const text =
    "Order;When;Total;Back;Who\nA1;2026-07-01 12:00;10,50;;ann@x.example\nA2;1767225600;3;1;bob@x.example\nA2;;;;\n;2026-07-01;4;;x@x.example\n";
  const map = readColumnMap("orderId=Order,timestamp=When\n# what was paid\nvalue=total , refunded=Back\r\nemail=Who");

  test("is read by a map of its columns", async () => {
    const file = await read(text, { map, currency: "EUR" });
    expect(file).toMatchObject({ format: "mapped", provider: "file" });
    expect(entriesOf(file)).toMatchObject([
      { type: "sale", orderId: "A1", timestamp: "2026-07-01T10:00:00.000Z", value: 10.5, currency: "EUR", email: "ann@x.example" },
      { type: "sale", orderId: "A2", timestamp: "2026-01-01T00:00:00.000Z", value: 3 },
      { type: "refund", orderId: "A2", value: 1, totalUntil: "2026-07-01T10:00:00.000Z" },
    ]);
    expect(reasonsOf(file)).toEqual({ '"Order" is missing': 1 });
  });

  test("is refused with a map that does not fit, or that cannot be read", async () => {
    await expect(read(text, { map: { orderId: "Order" } })).rejects.toThrow(
      "The map lacks timestamp, value: add timestamp=Column,value=Column.",
    );
    await expect(read(text, { map: { ...map, email: "Mail" } })).rejects.toThrow(
      'The file has no column "Mail". Its columns are: Order, When, Total, Back, Who.',
    );
    expect(() => readColumnMap("orderId")).toThrow(/write field=Column/);
    expect(() => readColumnMap("order=Order")).toThrow(/"order", which does not exist: use orderId/);
    expect(() => readColumnMap("value=A,value=B")).toThrow(/twice/);
  });
});
