// In which form does a caller want an answer: as JSON or as CSV? (RFC 9110, 12.5.1)
import { Type } from "@sinclair/typebox";
import { BYTE_ORDER_MARK, type TableRow, toCsvRecord, toCsvRow } from "../value/csv.ts";
import { OneOf } from "./wire.ts";

const FORMATS = ["json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** The query parameter of answers that are also there as CSV. */
export const FormatQuery = {
  format: Type.Optional(
    OneOf(FORMATS, {
      description: "The form of the answer. Without it, the header `Accept` decides: `text/csv` asks for CSV, and anything else gets JSON.",
    }),
  ),
};

/** The quality that an `Accept` gives to a media type itself, without wildcards; undefined if it does not name it. */
function qualityOf(accept: string, type: string): number | undefined {
  for (const range of accept.split(",")) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
  }
  return undefined;
}

/** Does the caller want CSV? The query parameter decides, else the header. */
export const isCsvWanted = (format: Format | undefined, accept: string | null): boolean =>
  format === undefined ? prefersCsv(accept) : format === "csv";

/** Does an `Accept` prefer CSV? It does if it names `text/csv`, and rates JSON less, or rates what it does not name no more. */
function prefersCsv(accept: string | null): boolean {
  if (accept === null || !/text\/csv/i.test(accept)) return false;
  const csv = qualityOf(accept, "text/csv") ?? 0;
  const json = qualityOf(accept, "application/json");
  return csv > 0 && (json === undefined ? csv >= (qualityOf(accept, "*/*") ?? 0) : csv > json);
}

/** The header of every answer that is also there as CSV. */
export const VARY = { Vary: "Accept" } as const;

/** A table as CSV: UTF-8 with a byte order mark, a header and a record for each row. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** The `cursor` of the rows that follow; undefined: there are none. */
  readonly nextCursor?: string;
}

/** The beginning of a CSV file: the byte order mark and the header. */
export const csvHead = (columns: readonly string[]): string => BYTE_ORDER_MARK + toCsvRecord(columns);

export function toCsv({ columns, rows }: Table): string {
  return csvHead(columns) + rows.map((row) => toCsvRow(row, columns)).join("");
}

/** The headers of a CSV answer, but for those of caches. A browser saves it as `name`.csv. */
export const csvHeaders = (name: string): Readonly<Record<string, string>> => ({
  "Content-Type": "text/csv; charset=utf-8; header=present",
  "Content-Disposition": `attachment; filename="${name}.csv"`,
  "X-Content-Type-Options": "nosniff",
  ...VARY,
});
