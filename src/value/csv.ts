// How does a value become a CSV cell that no spreadsheet runs as a formula?

export type Cell = string | number | boolean | null | undefined;

/** The values of a row by column. Those that are not cells, such as metadata, become JSON. */
export type TableRow = Readonly<Record<string, unknown>>;

/** Begins a CSV file, so that spreadsheets read it as UTF-8. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** Text that a spreadsheet would run as a formula (OWASP, "CSV Injection"), including full-width characters. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
/** RFC 4180 and `;`. Where a comma is the decimal sign, spreadsheets split cells at `;`, and would run the rest of a cell as a formula. */
const NEEDS_QUOTES = /[",;\r\n]/;

/** One record of RFC 4180, with its line end. Text that would run as a formula gets a leading `'`. Numbers do not. */
export function toCsvRecord(cells: readonly Cell[]): string {
  return `${cells.map(toCsvCell).join(",")}\r\n`;
}

/** The record of a row. Columns that the row does not have are empty. */
export function toCsvRow(row: TableRow, columns: readonly string[]): string {
  return toCsvRecord(columns.map((column) => toCell(row[column])));
}

function toCell(value: unknown): Cell {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : (value as Cell);
}

function toCsvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
