// What is revenue over time as CSV? A row for each period.
import type { Table } from "../../http/representation.ts";
import { columnsOf } from "../table.ts";
import { type RevenueAnswer, RevenuePeriod } from "./answer.ts";

const COLUMNS = [...columnsOf(RevenuePeriod), "currency"];

export const toRevenueTable = ({ periods, currency }: RevenueAnswer): Table => ({
  columns: COLUMNS,
  rows: periods.map((row) => ({ ...row, currency })),
});
