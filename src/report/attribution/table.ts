// What is an attribution as CSV? A row for each key; of one customer, for each link, campaign and source.
import type { Table } from "../../http/representation.ts";
import { columnsOf } from "../table.ts";
import { type AttributionAnswer, CreditRow } from "./answer.ts";
import { type TotalsAnswer, TotalsCredit, TotalsRow } from "./totals-answer.ts";

const CREDIT_COLUMNS = ["groupBy", ...columnsOf(CreditRow), "model", "currency"];

export function toAttributionTable({ links, campaigns, sources, model, currency }: AttributionAnswer): Table {
  const lists = [
    ["link", links],
    ["campaign", campaigns],
    ["source", sources],
  ] as const;
  return {
    columns: CREDIT_COLUMNS,
    rows: lists.flatMap(([groupBy, rows]) => rows.map((row) => ({ groupBy, ...row, model, currency }))),
  };
}

/** The credit of further models is in columns such as `first.revenue`. */
export function toTotalsTable({ rows, model, currency }: TotalsAnswer, compare: readonly string[]): Table {
  const further = compare.flatMap((other) => columnsOf(TotalsCredit).map((figure) => `${other}.${figure}`));
  return {
    columns: [...columnsOf(TotalsRow), "model", ...further, "currency"],
    rows: rows.map(({ compare: credits = {}, ...row }) => ({
      ...row,
      model,
      ...Object.fromEntries(
        Object.entries(credits).flatMap(([other, credit]) =>
          Object.entries(credit).map(([figure, value]) => [`${other}.${figure}`, value]),
        ),
      ),
      currency,
    })),
  };
}
