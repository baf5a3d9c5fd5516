// How does a value become a CSV cell that no spreadsheet runs?

export type Cell = string | number | boolean | null | undefined;

/** One record of an export; values that are no cells (metadata) are JSON in CSV. */
export type ExportRecord = Readonly<Record<string, unknown>>;

/** Text that a spreadsheet would take for a formula (OWASP, "CSV Injection"), also in its full-width forms. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
/** RFC 4180, and `;`, which separates cells where a comma is the decimal sign: a spreadsheet there would split the cell and run the rest. */
const NEEDS_QUOTES = /[",;\r\n]/;

/** One record of RFC 4180, with its line end. Text that would run as a formula gets a `'` in front; numbers stay as they are. */
export function toCsvRecord(cells: readonly Cell[]): string {
  return `${cells.map(toCsvCell).join(",")}\r\n`;
}

function toCsvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
