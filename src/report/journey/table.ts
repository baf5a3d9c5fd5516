// What is a journey as CSV? A row for each entry; with `summary=true`, the one row of the summary.
import { JourneyEntry } from "../../entry/answer.ts";
import type { Table } from "../../http/representation.ts";
import { columnsOf } from "../table.ts";
import { type JourneyAnswer, JourneySummary } from "./answer.ts";

const ENTRY_COLUMNS = columnsOf(JourneyEntry);
const SUMMARY_COLUMNS = [...columnsOf(JourneySummary), "currency"];

/** `currency` is that of the summary. */
export function toJourneyTable({ summary, entries, nextCursor }: JourneyAnswer, currency: string): Table {
  if (!entries) return { columns: SUMMARY_COLUMNS, rows: [{ ...summary, currency }] };
  return { columns: ENTRY_COLUMNS, rows: entries, ...(nextCursor && { nextCursor }) };
}
