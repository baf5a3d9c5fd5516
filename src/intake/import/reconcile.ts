// Does the database have the payments of a file, with the same amounts and refunds? The file is tried out, and its sales are compared with ours.
import { type entry, REFUND, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { requireDecimals, toDecimalText } from "../../value/money.ts";
import type { RowResult } from "./report.ts";
import type { Row, Rows } from "./rows.ts";
import { openTrial, tryOut } from "./trial.ts";

type SaleRow = Pick<typeof entry.$inferSelect, "id" | "key"> & { value: string; currency: string; status: string; refunded: string };

export interface Compared {
  readonly result: "matched" | "missing" | "differing";
  /** The key of the payment. */
  readonly key: string;
  /** Value, refunded total and status, as in `19.99 USD, 5.00 refunded`. */
  readonly theirs: string;
  /** Null: the payment is missing. */
  readonly ours: string | null;
}

const SALES = `SELECT s.id, s.key, cast(s.value AS TEXT) AS value, s.currency, CASE s.set_status WHEN 'refunded' THEN 'approved' ELSE s.set_status END AS status,
  (SELECT cast(coalesce(sum(applied_refund_minor), 0) AS TEXT) FROM entry INDEXED BY entry_refund_order WHERE type = ${REFUND} AND sale_key = s.key) AS refunded
  FROM entry AS s WHERE s.type = ${SALE}`;

function describe({ value, currency, status, refunded }: SaleRow): string {
  const inMajor = (minor: string) => toDecimalText(BigInt(minor), requireDecimals(currency));
  const state = status === "approved" ? "" : `, ${status}`;
  return `${inMajor(value)} ${currency}, ${inMajor(refunded)} refunded${state}`;
}

/** Compares every payment of the rows. `path`: of a database of its own. `onRow` is told what became of each row; nothing is written to ours. */
export async function* reconcile(
  context: Context,
  path: string,
  rows: Rows,
  onRow: (row: Row, result: RowResult) => void,
): AsyncGenerator<Compared> {
  const trial = await openTrial(context, path);
  try {
    await tryOut(trial, rows, onRow);
    const page = trial.context.database.sqlite.prepare<[after: number], SaleRow>(`${SALES} AND s.id > ? ORDER BY s.id LIMIT 250`);
    const findHere = context.database.sqlite.prepare<[key: string], SaleRow>(`${SALES} AND s.key = ?`);
    const isOver = openTurn();
    for (let sales = page.all(0); sales.length > 0; sales = page.all(sales.at(-1)?.id ?? 0)) {
      for (const sale of sales) {
        const here = findHere.get(sale.key);
        const [theirs, ours] = [describe(sale), here ? describe(here) : null];
        yield { result: ours === null ? "missing" : ours === theirs ? "matched" : "differing", key: sale.key, theirs, ours };
        if (isOver()) await nextTurn();
      }
    }
  } finally {
    trial.close();
  }
}
