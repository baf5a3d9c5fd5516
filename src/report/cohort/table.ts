// What is the report of cohorts as CSV? A row for each cohort.
import type { Table } from "../../http/representation.ts";
import { columnsOf } from "../table.ts";
import { type CohortAnswer, CohortRow } from "./answer.ts";

const COLUMNS = [...columnsOf(CohortRow), "currency"];

export const toCohortTable = ({ cohorts, currency }: CohortAnswer): Table => ({
  columns: COLUMNS,
  rows: cohorts.map((row) => ({ ...row, currency })),
});
