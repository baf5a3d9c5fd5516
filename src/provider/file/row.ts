// What does a row of a file say? Its cells are read by the names of their columns, and what cannot be read is remembered.

import type { Calendar } from "../../value/calendar.ts";
import { parseInstant } from "../../value/instant.ts";
import { decimalsOf } from "../../value/money.ts";
import { textProblem } from "../../value/text.ts";
import type { Money } from "../amount.ts";
import { readAmount } from "./amount.ts";
import type { CsvRow } from "./csv.ts";

/** Names of columns are compared without case, spaces and underscores. */
export const squash = (name: string): string => name.toLowerCase().replace(/[\s_]+/g, "");

/** The columns of a file. */
export class Header {
  /** As they stand there. */
  readonly names: readonly string[];
  readonly #places = new Map<string, number>();
  /** The same by names as they were asked for, because every cell is. */
  readonly #asked = new Map<string, number | undefined>();

  constructor({ cells }: CsvRow) {
    this.names = cells.map((cell) => cell.trim());
    for (const [place, name] of this.names.entries()) if (!this.#places.has(squash(name))) this.#places.set(squash(name), place);
  }

  /** Are all of these columns there? */
  has(...names: readonly string[]): boolean {
    return names.every((name) => this.placeOf(name) !== undefined);
  }

  /** The first of these names that is a column. */
  find(...names: readonly string[]): string | undefined {
    return names.find((name) => this.has(name));
  }

  placeOf(name: string): number | undefined {
    const known = this.#asked.get(name);
    if (known !== undefined || this.#asked.has(name)) return known;
    const place = this.#places.get(squash(name));
    this.#asked.set(name, place);
    return place;
  }
}

const DATE_AND_TIME = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?)? ?(Z|UTC|[+-]\d\d:?\d\d)?$/;
const UNIX = /^(?:\d{10}|\d{13})$/;

/** An instant in milliseconds since 1970 UTC. Without an offset it is in the zone of `calendar`. Undefined if it is none. */
export function readInstant(text: string, calendar: Calendar): number | undefined {
  if (UNIX.test(text)) return parseInstant(Number(text), calendar);
  const [, date, time, seconds = "", offset] = DATE_AND_TIME.exec(text) ?? [];
  if (date === undefined) return undefined;
  if (time === undefined) return offset === undefined ? parseInstant(date, calendar) : undefined;
  const at = parseInstant(`${date}T${time}${seconds}${offset?.replace("UTC", "Z") ?? "Z"}`, calendar);
  return at === undefined || offset !== undefined ? at : calendar.instantOf(at);
}

/** A spreadsheet has rounded it: `7.41E+12`. */
const ROUNDED = /^\d+(?:[.,]\d+)?E[+-]?\d+$/i;
/** Exports put an apostrophe before what a spreadsheet would run or round. */
const GUARD = /^'(?=[=+\-@\d])/;

export class Row {
  readonly line: number;
  /** What is wrong with the cells read so far. No cell is repeated, since it may name somebody. */
  readonly problems: string[] = [];
  readonly #header: Header;
  readonly #cells: readonly string[];

  constructor(header: Header, { line, cells }: CsvRow) {
    this.line = line;
    this.#header = header;
    this.#cells = cells;
    if (cells.slice(header.names.length).some((cell) => cell.trim() !== ""))
      this.problems.push("the row has more cells than the first line has names: is a quote or a delimiter wrong?");
    const spoiled = cells.findIndex((cell) => cell.includes("\0"));
    if (spoiled !== -1) this.#refuse(header.names[spoiled] ?? "", "has a NUL character");
  }

  #refuse(column: string, problem: string): undefined {
    this.problems.push(`"${column}" ${problem}`);
    return undefined;
  }

  /** The name of a column as it stands in the file. */
  #nameOf(column: string): string {
    return this.#header.names[this.#header.placeOf(column) ?? -1] ?? column;
  }

  /** The cell of the first of these columns that says something. */
  text(...columns: readonly string[]): string | undefined {
    for (const column of columns) {
      const cell = this.#cells[this.#header.placeOf(column) ?? -1]?.trim();
      if (cell) return cell;
    }
    return undefined;
  }

  /** The cell of the first of these columns that says something, as an id or an address. One that cannot be stored, such as with control characters, says nothing. */
  id(...columns: readonly string[]): string | undefined {
    for (const column of columns) {
      const id = this.text(column)?.replace(GUARD, "");
      if (id === undefined || textProblem(id) !== undefined) continue;
      return ROUNDED.test(id)
        ? this.#refuse(this.#nameOf(column), "is a number that a spreadsheet has rounded: export the file again")
        : id;
    }
    return undefined;
  }

  requireId(...columns: readonly string[]): string | undefined {
    const before = this.problems.length;
    const id = this.id(...columns);
    return id ?? (this.problems.length > before ? undefined : this.#refuse(this.#nameOf(columns[0] ?? ""), "is missing"));
  }

  /** The instant in a column. Undefined: there is none, or the row is refused. */
  instant(column: string | undefined, calendar: Calendar): number | undefined {
    const text = column === undefined ? undefined : this.text(column);
    if (column === undefined || text === undefined) return undefined;
    const at = readInstant(text, calendar);
    return at ?? this.#refuse(this.#nameOf(column), "is no date that can be read: write it as 2026-02-01 10:00:00");
  }

  requireInstant(column: string, calendar: Calendar): number | undefined {
    return this.text(column) === undefined ? this.#refuse(this.#nameOf(column), "is missing") : this.instant(column, calendar);
  }

  /** The currency in a column, in upper case. */
  currency(column: string): string | undefined {
    const code = this.text(column)?.toUpperCase();
    if (code !== undefined && decimalsOf(code) !== undefined) return code;
    return this.#refuse(this.#nameOf(column), code === undefined ? "is missing" : "is no ISO 4217 currency code");
  }

  /** The amount in a column, in major units. Undefined: there is none, or the row is refused. */
  amount(column: string, currency: string | undefined): Money | undefined {
    const text = this.text(column);
    if (text === undefined || currency === undefined) return undefined;
    const value = readAmount(text, currency);
    return value === undefined ? this.#refuse(this.#nameOf(column), `is no amount of ${currency}`) : { value, currency };
  }

  requireAmount(column: string, currency: string | undefined): Money | undefined {
    return this.text(column) === undefined ? this.#refuse(this.#nameOf(column), "is missing") : this.amount(column, currency);
  }

  /** Says that a column has a word that nobody knows. */
  refuseWord(column: string): { readonly ignored: string } {
    this.#refuse(this.#nameOf(column), "has a word that is not known");
    return { ignored: "" };
  }
}
