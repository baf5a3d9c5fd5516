// What do the rows of Stripe's payments and balance mean?
import { describe, expect, test } from "bun:test";
import { csv, effectsOf, entriesOf, read, reasonsOf } from "./read.ts";

const DEFAULT = [
  "id",
  "Created date (UTC)",
  "Amount",
  "Amount Refunded",
  "Currency",
  "Captured",
  "Converted Amount",
  "Status",
  "Customer ID",
  "Customer Email",
];
const ALL = [
  ...DEFAULT,
  "Refunded date (UTC)",
  "PaymentIntent ID",
  "Mode",
  "Card Name",
  "Card Address Country",
  "Disputed Amount",
  "Dispute Date (UTC)",
  "Dispute Status",
  "UTM Source",
  "Client Reference ID",
  "userId (metadata)",
];
const PAYMENT = {
  ...{
    id: "ch_1",
    "Created date (UTC)": "2026-01-02 03:04:05",
    Amount: "1,234.50",
    "Amount Refunded": "0.00",
    Currency: "eur",
    Captured: "true",
  },
  ...{ Status: "Paid", "Customer ID": "cus_1", "Customer Email": "ann@x.example", "PaymentIntent ID": "pi_1", "Converted Amount": "9" },
};
const SALE = { type: "sale", orderId: "pi_1", timestamp: "2026-01-02T03:04:05.000Z", value: 1234.5, currency: "EUR" };

describe("Stripe's payments", () => {
  test("are sales of their PaymentIntent, with all names", async () => {
    const named = {
      "Card Name": "Ann",
      "Card Address Country": "DE",
      "UTM Source": "news",
      "Client Reference ID": "dub_id_c1",
      "userId (metadata)": "u1",
    };
    const file = await read(csv(ALL, [{ ...PAYMENT, ...named }]));
    expect(file).toMatchObject({ format: "stripe payments", provider: "stripe", notes: [] });
    expect(entriesOf(file)).toEqual([
      {
        ...SALE,
        externalId: "u1",
        clickId: "c1",
        aliases: ["stripe:cus_1"],
        email: "ann@x.example",
        name: "Ann",
        country: "DE",
        source: "news",
      } as never,
    ]);
  });

  test("of the older header, and charges without a PaymentIntent, are read too", async () => {
    const columns = ALL.map((name) => (name === "Created date (UTC)" ? "Created (UTC)" : name)).filter(
      (name) => name !== "Refunded date (UTC)",
    );
    const { "Created date (UTC)": created, ...rest } = PAYMENT;
    const file = await read(
      csv(columns, [{ ...rest, "Created (UTC)": "2026-01-02 03:04", "PaymentIntent ID": "", "Amount Refunded": "5" }], ";"),
    );
    expect(created).toBeString();
    const at = "2026-01-02T03:04:00.000Z";
    expect(entriesOf(file)).toMatchObject([
      { type: "sale", orderId: "ch_1", timestamp: at },
      { type: "refund", orderId: "ch_1", timestamp: at, value: 5, totalUntil: at },
    ]);
    expect(file.notes[0]).toBe("Refunds without a date, which are dated like their sales: 1.");
    const exportedAt = Date.parse("2026-03-01T00:00:00Z");
    const later = await read(csv(columns, [{ ...rest, "Created (UTC)": "2026-01-02 03:04", "Amount Refunded": "5" }]), { exportedAt });
    expect(entriesOf(later)).toMatchObject([{}, { timestamp: at, totalUntil: "2026-03-01T00:00:00.000Z" }]);
  });

  test("without the column of PaymentIntents are refused, unless they are wanted by charge", async () => {
    const text = csv(DEFAULT, [PAYMENT]);
    await expect(read(text)).rejects.toThrow(/"PaymentIntent ID".*"All columns".*--by-charge/);
    expect(entriesOf(await read(text, { byCharge: true }))).toMatchObject([{ orderId: "ch_1" }]);
    const without = DEFAULT.filter((name) => name !== "id");
    await expect(read(csv(without, [PAYMENT]), { byCharge: true })).rejects.toThrow(/neither a column "id"/);
  });

  test("that brought no money bring nothing, and those that may still do are pending", async () => {
    const file = await read(
      csv(ALL, [
        ...["Failed", "canceled", "requires_payment_method", "Blocked"].map((Status) => ({ ...PAYMENT, Status })),
        { ...PAYMENT, Captured: "FALSE" },
        { ...PAYMENT, Mode: "Test" },
        { ...PAYMENT, Amount: "0.00" },
        { ...PAYMENT, Status: "Teleported" },
        { ...PAYMENT, Status: "Pending" },
      ]),
    );
    expect(reasonsOf(file)).toEqual({
      "the payment has not succeeded": 4,
      "the payment is not captured": 1,
      "it is of the provider's test mode: WEBHOOK_TEST_MODE=true counts it": 1,
      "nothing was paid": 1,
      '"Status" has a word that is not known': 1,
    });
    expect(entriesOf(file)).toMatchObject([{ ...SALE, status: "pending" }]);
  });

  test("of the test mode are sales where these are wanted", async () => {
    const file = csv(
      [...ALL, "livemode"],
      [
        { ...PAYMENT, Mode: "Test" },
        { ...PAYMENT, livemode: "false" },
        { ...PAYMENT, livemode: "true" },
      ],
    );
    expect(entriesOf(await read(file))).toHaveLength(1);
    expect(entriesOf(await read(file, { testMode: true }))).toHaveLength(3);
  });

  test("have totals of refunds and disputes up to the newest date of the file", async () => {
    const back = { ...PAYMENT, "Amount Refunded": "30.00", "Refunded date (UTC)": "2026-01-05 00:00:00" };
    const disputed = { "Disputed Amount": "20.00", "Dispute Date (UTC)": "2026-01-06 00:00:00" };
    const rows = ["lost", "needs_response", "won", "warning_closed", "charge_refunded"].map((status, index) => ({
      ...{ ...back, "PaymentIntent ID": `pi_${index}`, "Dispute Status": status },
      ...disputed,
    }));
    const late = { ...PAYMENT, "PaymentIntent ID": "pi_9", "Created date (UTC)": "2026-02-01 00:00:00" };
    const mistaken = { ...late, "PaymentIntent ID": "pi_x", "Created date (UTC)": "2926-02-01 00:00:00" };
    const file = await read(csv(ALL, [...rows, late, mistaken]));
    const refund = { type: "refund", currency: "EUR", totalUntil: "2026-02-01T00:00:00.000Z" };
    const dated = (value: number, timestamp: string) => ({ ...refund, value, timestamp: `${timestamp}T00:00:00.000Z` });
    expect(entriesOf(file).filter(({ type }) => type === "refund")).toMatchObject([
      { ...dated(30, "2026-01-05"), orderId: "pi_0", eventId: "pi_0:refunded:30@2026-02-01T00:00:00.000Z" },
      { ...dated(50, "2026-01-06"), orderId: "pi_0" },
      { ...dated(30, "2026-01-05"), orderId: "pi_1" },
      { ...dated(50, "2026-01-06"), orderId: "pi_1" },
      ...["pi_2", "pi_3", "pi_4"].map((orderId) => ({ ...dated(30, "2026-01-05"), orderId })),
    ]);
    expect(file.notes).toEqual([]);
  });

  test("of nobody have no refunds, and amounts that cannot be read are refused by their column", async () => {
    const nobody = { ...PAYMENT, "Customer ID": "", "Customer Email": "", "Amount Refunded": "5" };
    expect(entriesOf(await read(csv(ALL, [nobody])))).toMatchObject([{ type: "sale" }]);
    const bad = { ...PAYMENT, Amount: "12.345", "Amount Refunded": "much", "Created date (UTC)": "1/2/26" };
    const file = await read(csv(ALL, [bad, { ...PAYMENT, Currency: "bitcoin", Amount: "" }]));
    expect(reasonsOf(file)).toEqual({
      '"Created date (UTC)" is no date that can be read: write it as 2026-02-01 10:00:00; "Amount" is no amount of EUR; "Amount Refunded" is no amount of EUR': 1,
      '"Currency" is no ISO 4217 currency code; "Amount" is missing': 1,
    });
  });

  test.each<[string, string, number | undefined]>([
    ["USD", "15.00", 15],
    ["USD", "1,234.5", 1234.5],
    ["EUR", "1.234,50", 1234.5],
    ["EUR", "15,00", 15],
    ["EUR", "15,5", 15.5],
    ["EUR", "1,234", 1234],
    ["EUR", "1.234", undefined],
    ["EUR", "1 234,50", 1234.5],
    ["CHF", "1'234.50", 1234.5],
    ["EUR", "1.234.567", 1_234_567],
    ["EUR", "1,23,456", undefined],
    ["EUR", "€ 5", undefined],
    ["EUR", "1e3", undefined],
    ["JPY", "1580", 1580],
    ["JPY", "1580.00", 1580],
    ["JPY", "1,580", 1580],
    ["JPY", "15.5", undefined],
    ["ISK", "500.00", 500],
    ["UGX", "500.00", 500],
    ["MGA", "300", 300],
    ["KWD", "1.000", 1],
    ["KWD", "1.234", 1.234],
    ["KWD", "1,234", undefined],
    ["KWD", "1,000.500", 1000.5],
  ])("%s %s", async (currency, text, value) => {
    const file = await read(csv(ALL, [{ ...PAYMENT, Currency: currency.toLowerCase(), Amount: text }]));
    expect(entriesOf(file).map((entry) => entry.value)).toEqual(value === undefined ? [] : [value]);
    if (value === undefined) expect(reasonsOf(file)).toEqual({ [`"Amount" is no amount of ${currency}`]: 1 });
  });
});

test("Stripe's balance brings only dates", async () => {
  const columns = [
    "balance_transaction_id",
    "created_utc",
    "reporting_category",
    "source_id",
    "gross",
    "currency",
    "payment_intent_id",
    "customer_facing_amount",
    "customer_facing_currency",
  ];
  const row = {
    balance_transaction_id: "txn_1",
    created_utc: "2026-01-05 00:00:00",
    reporting_category: "refund",
    source_id: "re_1",
    gross: "-11.00",
    currency: "usd",
    payment_intent_id: "pi_1",
    customer_facing_amount: "-10.00",
    customer_facing_currency: "eur",
  };
  const file = await read(csv(columns, [row, { ...row, reporting_category: "charge" }, { ...row, payment_intent_id: "" }]));
  expect(file.format).toBe("stripe balance");
  expect(effectsOf(file)).toEqual([
    {
      kind: "refund date",
      refund: { type: "refund", eventId: "re_1", orderId: "pi_1", timestamp: "2026-01-05T00:00:00.000Z", value: 10, currency: "EUR" },
    },
  ]);
  expect(reasonsOf(file)).toEqual({ "it is no refund": 1, "it does not name its payment": 1 });
  await expect(read("id,Type,Source,Amount,Fee,Net,Currency,Created (UTC)\n")).rejects.toThrow(/"payment_intent_id" nor "charge_id"/);
});
