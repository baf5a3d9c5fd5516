// What are the LTV curves as CSV? In long form: a row for each period of each cohort.
import type { Table } from "../../http/representation.ts";
import { columnsOf } from "../table.ts";
import { type LtvAnswer, LtvCell } from "./answer.ts";

const COLUMNS = ["cohort", "customers", ...columnsOf(LtvCell), "currency"];

export const toLtvTable = ({ cohorts, currency }: LtvAnswer): Table => ({
  columns: COLUMNS,
  rows: cohorts.flatMap(({ cohort, customers, periods }) => periods.map((cell) => ({ cohort, customers, ...cell, currency }))),
});
