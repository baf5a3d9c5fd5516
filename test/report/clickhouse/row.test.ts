// Does the row of a customer hold what reports need, and nothing that says who they are?
import { expect, test } from "bun:test";
import { eachPairCount } from "../../../src/credit/pair-counts.ts";
import { CREDITED } from "../../../src/credit/sums.ts";
import { toEmptyRow } from "../../../src/report/clickhouse/row.ts";
import { byName, COLUMNS, openFake } from "../../clickhouse/fake.ts";
import { openShop, openShopShipping, PERSONAL, settled, wantedRows } from "./shop.ts";

type Row = Record<string, unknown>;
const list = (row: Row, column: string) => row[column] as (number | string)[];

/** The rows of a nested column of all customers, by the names of its columns. */
function unnest(rows: Iterable<object>, name: string): Row[] {
  const columns = COLUMNS.filter((column) => column.startsWith(`${name}.`));
  return [...rows].flatMap((row) =>
    list(row as Row, columns[0] ?? "").map((_, place) =>
      Object.fromEntries(columns.map((column) => [column.slice(name.length + 1), list(row as Row, column)[place]])),
    ),
  );
}

/** Sums of figures by a key, without those that are all 0. */
function sums(rows: readonly Row[], keys: readonly string[], figures: readonly string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const row of rows) {
    const key = keys.map((name) => row[name]).join(" ");
    const sum = found.get(key) ?? figures.map(() => 0);
    found.set(
      key,
      sum.map((each, place) => each + Number(row[figures[place] ?? ""])),
    );
  }
  return new Map([...found].filter(([, sum]) => sum.some((each) => each !== 0)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test("the rows add up to the totals that SQLite keeps", async () => {
  const fake = openFake();
  const world = await openShop(fake);
  const { sqlite } = world.workspace.database;
  for (let isLeft = true; isLeft; ) isLeft = world.workspace.ledger.credit.fold();
  const rows = [...(await wantedRows(world)).values()];
  expect(rows).toHaveLength(3);
  const all = (sql: string) => sqlite.prepare<[], Row>(sql).all();
  /** How many customers are credited by key, day and day before, by the totals of a grouping. */
  const counted = (grouping: number): Row[] => {
    const found: Row[] = [];
    for (const { key, day, counts } of all(
      `SELECT key_id AS key, period AS day, counts FROM credit_customer WHERE unit = 0 AND grouping = ${grouping}`,
    ))
      eachPairCount(counts as Uint8Array, (previous, each) => {
        found.push({ key, day, previous, ...Object.fromEntries(CREDITED.map((name, place) => [name, each[place]])) });
        return true;
      });
    return found;
  };

  const money = ["new_paying", "sales", "gross_minor", "refunds_minor", "first_sale_minor"];
  expect(sums(unnest(rows, "cell"), ["day"], money)).toEqual(sums(all("SELECT * FROM revenue_day"), ["day"], money));
  const unconverted = ["sales", "gross_minor", "refunds_minor"];
  const currency = ["sale_day", "entry_day", "currency"];
  expect(sums(unnest(rows, "unconverted"), currency, unconverted)).toEqual(
    sums(all("SELECT * FROM revenue_unconverted"), currency, unconverted),
  );

  const credit = COLUMNS.filter((column) => column.startsWith("link_credit.")).map((column) => column.slice("link_credit.".length));
  for (const [grouping, name] of ["source", "campaign", "link"].entries()) {
    const totals = all(`SELECT key_id AS key, period AS day, * FROM credit_total WHERE unit = 0 AND grouping = ${grouping}`);
    expect(sums(unnest(rows, `${name}_credit`), ["key", "day"], credit.slice(2))).toEqual(sums(totals, ["key", "day"], credit.slice(2)));
    const customers = counted(grouping);
    const keys = ["key", "day", "previous"];
    expect(sums(unnest(rows, `${name}_customer`), keys, CREDITED)).toEqual(sums(customers, keys, CREDITED));
  }
  const everyOf = (rows: Row[]) => rows.reduce((sum, { every }) => sum + Number(every), 0);
  expect(unnest(rows, "paying").length).toBe(everyOf(counted(3)));
  await world.close();
  fake.stop();
});

test("a row has a value for every column, also one without figures", async () => {
  const fake = openFake();
  const world = await openShop(fake);
  for (const row of (await wantedRows(world)).values()) expect(Object.values(row)).not.toContain(undefined);
  const gone = byName(toEmptyRow(7n, 5, true));
  expect(toEmptyRow(7n, 5, true)).toHaveLength(COLUMNS.length);
  expect(gone).toMatchObject({ customer: 5, rev: "7", gone: 1, source: "", "cell.day": [], "paying.previous": [] });
  await world.close();
  fake.stop();
});

test("of all bytes that leave, none says who somebody is", async () => {
  const fake = openFake();
  const world = await openShop(fake);
  const shipping = openShopShipping(world, fake);
  shipping.start();
  await settled(shipping);
  const received = fake.received();
  expect(received).toContain('"spring"');
  for (const marked of PERSONAL)
    for (const form of [marked, marked.toLowerCase(), encodeURIComponent(marked), btoa(marked).replace(/=+$/, "")])
      expect(received.toLowerCase()).not.toContain(form.toLowerCase());
  const { sqlite } = world.workspace.database;
  for (const hash of sqlite.prepare<[], string>("SELECT key FROM entry").pluck().all())
    if (hash.length > 20) expect(received).not.toContain(hash);
  await shipping.close();
  await world.close();
  fake.stop();
});
