// Do real files of strangers go in whole? They belong to others and are not in the repository; without them these tests are skipped.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openEffects } from "../../../src/intake/effect/apply.ts";
import { readColumnMap } from "../../../src/provider/file/column-map.ts";
import type { FileOptions } from "../../../src/provider/file/open-file.ts";
import type { FileSource } from "../../../src/provider/provider.ts";
import { openWorld } from "../../harness.ts";
import { effectsOf, NOW, read, reasonsOf } from "./read.ts";

const PLACES = [join(import.meta.dir, "../../../../shared/samples/intake/csv"), "/work/shared/samples/intake/csv"];
const folder = PLACES.find((place) => existsSync(place)) ?? "";

/** A simple reader of whole files: cells by the names of their columns. */
function tableOf(text: string): Record<string, string>[] {
  const delimiter = (text.split("\n")[0] ?? "").includes(";") ? ";" : ",";
  const cell = new RegExp(`("(?:[^"]|"")*"|[^${delimiter}\\r\\n]*)(${delimiter}|\\r?\\n|$)`, "gy");
  const rows: string[][] = [[]];
  for (const [whole, quoted = "", end = ""] of text.replace(/^\ufeff/, "").matchAll(cell)) {
    if (whole === "") break;
    rows.at(-1)?.push(quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted);
    if (end !== delimiter) rows.push([]);
  }
  const [head = [], ...others] = rows.filter((row) => row.some((each) => each !== ""));
  return others.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ""])));
}

interface Sample {
  readonly path: string;
  readonly format: string;
  readonly provider: FileSource;
  readonly options: Partial<FileOptions>;
  /** The columns of key, value, currency and refunded amount. */
  readonly columns: readonly [key: string, value: string, currency: string, refunded?: string];
  /** The rows that a person would call sales. */
  readonly isSale: (row: Record<string, string>) => boolean;
  /** The rows that cannot be read, by their reason. */
  readonly refused?: Readonly<Record<string, (row: Record<string, string>) => boolean>>;
}

const map = (text: string) => ({ map: readColumnMap(text) });
const ROUNDED = (key = "") => /^\d+[.,]\d+E\+\d+$/.test(key);
const SAMPLES: readonly Sample[] = [
  {
    ...{ path: "stripe/brknt-unified_payments-default.csv", format: "stripe payments", provider: "stripe", options: { byCharge: true } },
    ...{ columns: ["id", "Amount", "Currency", "Amount Refunded"], isSale: ({ Status }) => Status === "Paid" },
  },
  {
    ...{ path: "stripe/streaming-overlays-unified_payments-all-columns.csv", format: "stripe payments", provider: "stripe", options: {} },
    ...{ columns: ["PaymentIntent ID", "Amount", "Currency", "Amount Refunded"], isSale: ({ Status }) => Status === "Paid" },
  },
  {
    ...{ path: "stripe/streaming-overlays-payments.csv", format: "mapped", provider: "file" },
    options: map("orderId=Invoice Number,timestamp=Created date (UTC),value=Amount,currency=Currency,alias=Customer ID,status=Status"),
    columns: ["Invoice Number", "Amount", "Currency"],
    isSale: ({ "Invoice Number": key = "" }) => key !== "" && !ROUNDED(key),
    refused: {
      '"Invoice Number" is missing': ({ "Invoice Number": key }) => key === "",
      '"Invoice Number" is a number that a spreadsheet has rounded: export the file again': ({ "Invoice Number": key }) => ROUNDED(key),
    },
  },
  {
    ...{ path: "shopify/ramkumar-orders_export_1.csv", format: "shopify orders", provider: "shopify", options: { shop: "my-shop" } },
    ...{ columns: ["Id", "Total", "Currency", "Refunded Amount"], isSale: (row) => row["Financial Status"] === "paid" },
  },
  {
    ...{ path: "shopify/zhangerson-orders_export.csv", format: "shopify orders", provider: "shopify", options: { shop: "my-shop" } },
    ...{ columns: ["Id", "Total", "Currency", "Refunded Amount"], isSale: (row) => row["Financial Status"] === "pending" },
  },
  {
    ...{ path: "shopify/ltv-cohort-kit-fixture.csv", format: "mapped", provider: "file" },
    options: map("orderId=Name,timestamp=Created at,value=Total,currency=Currency,refunded=Refunded Amount,email=Email"),
    ...{ columns: ["Name", "Total", "Currency", "Refunded Amount"], isSale: ({ Total }) => Number(Total) > 0 },
  },
  {
    ...{ path: "shopify/ltv-cohort-kit-sample.csv", format: "mapped", provider: "file" },
    options: map(
      "orderId=Name,timestamp=Created at,value=Total,currency=Currency,refunded=Refunded Amount,email=Email,status=Financial Status",
    ),
    ...{ columns: ["Name", "Total", "Currency", "Refunded Amount"], isSale: ({ Total }) => Number(Total) > 0 },
  },
  {
    ...{ path: "woocommerce/ai-pos-woocommerce_orders.csv", format: "woocommerce orders", provider: "woocommerce", options: {} },
    ...{ columns: ["order_number", "order_total", "order_currency"], isSale: ({ order_total }) => order_total !== "" },
  },
];

const cents = (text: string) => Math.round(Number(text) * 100);
const sumsOf = (rows: readonly (readonly [currency: string, minor: number])[]) => {
  const sums: Record<string, number> = {};
  for (const [currency, minor] of rows) sums[currency.toUpperCase()] = (sums[currency.toUpperCase()] ?? 0) + minor;
  return sums;
};

describe.skipIf(folder === "")("real files", () => {
  test("are all in this table", () => {
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".csv"));
    expect(SAMPLES.map(({ path }) => path).sort()).toEqual(paths.sort());
  });

  test.each(SAMPLES)("$path", async ({ path, format, provider, options, columns, isSale, refused = {} }) => {
    const bytes = new Uint8Array(readFileSync(join(folder, path)));
    const table = tableOf(new TextDecoder().decode(bytes));
    const [key, value, currency, refundedColumn = ""] = columns;
    const sales = table.filter(isSale);
    const file = await read(bytes, options, 1000);
    expect(file).toMatchObject({ format, provider });

    const told = effectsOf(file).flatMap((effect) => (effect.kind === "entry" ? [effect.entry] : []));
    const tolds = told.filter(({ type }) => type === "sale");
    expect(tolds.length).toBe(sales.length);
    expect(sumsOf(tolds.map((entry) => [entry.currency ?? "", cents(String(entry.value))]))).toEqual(
      sumsOf(sales.map((row) => [row[currency] ?? "", cents(row[value] ?? "")])),
    );
    // Refunds of a sale of nobody are in no figure, like the sale.
    const refunds = sales.flatMap(({ [refundedColumn]: refunded = "", Email }) =>
      Number(refunded) > 0 && Email !== "" ? [cents(refunded)] : [],
    );
    expect(told.filter(({ type }) => type === "refund").map((entry) => cents(String(entry.value)))).toEqual(refunds);
    const reasons = Object.entries(reasonsOf(file)).filter(([reason]) => reason.startsWith('"'));
    expect(Object.fromEntries(reasons)).toEqual(
      Object.fromEntries(Object.entries(refused).map(([reason, isBad]) => [reason, table.filter(isBad).length])),
    );

    // All of it can be stored, but for sales of nobody. A second time, all is known.
    const world = openWorld({ now: NOW });
    const carryOut = openEffects(world.workspace);
    const apply = () => world.workspace.ledger.write(() => effectsOf(file).flatMap((effect) => carryOut(effect)));
    const [first, second] = [apply(), apply()];
    const unnamed = first.filter(({ result }) => result === "ignored").length;
    const keys = new Set(sales.map((row) => row[key]));
    const repeated = first.filter(({ result }) => result === "duplicate" || result === "conflict").length;
    expect(first.filter(({ result }) => result === "recorded").length).toBe(told.length - unnamed - repeated);
    expect(repeated).toBe(sales.length - keys.size);
    expect(second.every(({ result }) => result !== "recorded" && result !== "refused")).toBe(true);
    await world.close();
  });
});
