// How does a value become a CSV cell that no spreadsheet runs as a formula?

export type Cell = string | number | boolean | null | undefined;

/** One record of an export. In CSV, values that are not cells (metadata) become JSON. */
export type ExportRecord = Readonly<Record<string, unknown>>;

/** Text that a spreadsheet would run as a formula (OWASP, "CSV Injection"), including full-width characters. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
/** RFC 4180 and `;`. Where a comma is the decimal sign, spreadsheets split cells at `;`, and would run the rest of a cell as a formula. */
const NEEDS_QUOTES = /[",;\r\n]/;

/** One record of RFC 4180, with its line end. Text that would run as a formula gets a leading `'`. Numbers do not. */
export function toCsvRecord(cells: readonly Cell[]): string {
  return `${cells.map(toCsvCell).join(",")}\r\n`;
}

function toCsvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
