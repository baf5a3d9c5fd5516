// Which rows does the text of a CSV file hold? It is read piece by piece, so that a file of any size takes the memory of one row.
import { FileError } from "./file-error.ts";

/** A row of a file. `line`: the one that it begins on, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

const DELIMITERS = [",", ";", "\t"] as const;
/** More is no cell: a quote that should end it is missing. */
const MOST_IN_CELL = 2 ** 20;
const MOST_IN_ROW = 2 ** 22;
const MOST_CELLS = 5000;
/** A spreadsheet says its delimiter in a first line of its own. */
const SEPARATOR_LINE = /^sep=(.)(?:\r\n|\n|\r)/i;

/** The delimiter that stands most often in the first row, outside of quotes; a comma if there is none. */
function delimiterOf(text: string): string {
  const counts = new Map<string, number>(DELIMITERS.map((each) => [each, 0]));
  let isQuoted = false;
  for (const character of text.replace(/^[\r\n]+/, "")) {
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === "\n" || character === "\r") break;
    else if (counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

/** Does the text hold the whole first row? */
function holdsRow(text: string): boolean {
  const start = text.search(/[^\r\n]/);
  if (start === -1) return false;
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) return true;
  }
  return false;
}

const QUOTE = 34;
const LF = 10;
const CR = 13;

/**
 * Reads text by RFC 4180, and what else there is: other delimiters, lone line feeds and carriage returns, quotes within a cell. Rows without
 * any text are left out.
 */
class Parser {
  readonly #delimiter: number;
  #state: "start" | "plain" | "quoted" | "after quote" = "start";
  #cell = "";
  #cells: string[] = [];
  #size = 0;
  #line: number;
  #rowLine: number;
  #quoteLine = 1;
  #isAfterReturn = false;
  #rows: CsvRow[] = [];

  constructor(delimiter: string, line: number) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#line = line;
    this.#rowLine = line;
  }

  /** The rows that end within this text. */
  push(text: string): CsvRow[] {
    this.#rows = [];
    let at = 0;
    while (at < text.length) at = this.#state === "quoted" ? this.#readQuoted(text, at) : this.#read(text, at);
    return this.#rows;
  }

  /** The last row, if it has no line end. */
  end(): CsvRow[] {
    this.#rows = [];
    if (this.#state === "quoted") throw new FileError(`The quote in line ${this.#quoteLine} never ends: correct the file and try again.`);
    if (this.#state !== "start" || this.#cells.length > 0) this.#endRow();
    return this.#rows;
  }

  /** Reads on to the end of the cell, the beginning of a quoted part, or the end of the text. Gives where to go on. */
  #read(text: string, from: number): number {
    const code = text.charCodeAt(from);
    if (this.#isAfterReturn) {
      this.#isAfterReturn = false;
      if (code === LF) return from + 1;
    }
    if (code === QUOTE && this.#state !== "plain") {
      if (this.#state === "after quote") this.#add('"');
      else this.#quoteLine = this.#line;
      this.#state = "quoted";
      return from + 1;
    }
    let to = from;
    for (; to < text.length; to++) {
      const each = text.charCodeAt(to);
      if (each === this.#delimiter || each === LF || each === CR) break;
    }
    if (to > from) {
      this.#add(text.slice(from, to));
      this.#state = "plain";
    }
    if (to === text.length) return to;
    const ending = text.charCodeAt(to);
    if (ending === this.#delimiter) {
      this.#endCell();
      return to + 1;
    }
    this.#endRow();
    this.#isAfterReturn = ending === CR;
    return to + 1;
  }

  #readQuoted(text: string, from: number): number {
    const found = text.indexOf('"', from);
    const to = found === -1 ? text.length : found;
    const part = text.slice(from, to);
    this.#line += this.#countLines(part);
    this.#add(part);
    if (found === -1) return to;
    this.#state = "after quote";
    this.#isAfterReturn = false;
    return to + 1;
  }

  /** Line ends within a quoted part. A carriage return and its line feed, which may come with the next text, are one. */
  #countLines(part: string): number {
    let count = 0;
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at);
      if (code === CR || (code === LF && !this.#isAfterReturn)) count++;
      this.#isAfterReturn = code === CR;
    }
    return count;
  }

  #add(text: string): void {
    this.#cell += text;
    this.#size += text.length;
    if (this.#cell.length > MOST_IN_CELL)
      throw new FileError(`A cell in line ${this.#rowLine} is longer than 1 MiB: is the quote that ends it missing?`);
    if (this.#size > MOST_IN_ROW) throw new FileError(`Line ${this.#rowLine} is longer than 4 MiB: is this a CSV file?`);
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    if (this.#cells.length > MOST_CELLS)
      throw new FileError(`Line ${this.#rowLine} has more than ${MOST_CELLS} cells: is this a CSV file?`);
    this.#cell = "";
    this.#state = "start";
  }

  #endRow(): void {
    this.#endCell();
    if (this.#cells.some((cell) => cell.trim() !== "")) this.#rows.push({ line: this.#rowLine, cells: this.#cells });
    this.#cells = [];
    this.#size = 0;
    this.#line += 1;
    this.#rowLine = this.#line;
  }
}

/** The rows of a CSV file, in the pieces that its text comes in. Throws FileError where it is none. */
export async function* readRows(texts: AsyncIterable<string>): AsyncGenerator<readonly CsvRow[]> {
  let parser: Parser | undefined;
  let head = "";
  for await (const text of texts) {
    if (parser) {
      yield parser.push(text);
      continue;
    }
    head += text;
    // The first row shows the delimiter. One that is too long is found out by the parser.
    if (head.length <= MOST_IN_CELL && !holdsRow(withoutSeparator(head).rest)) continue;
    parser = openParser(head);
    yield parser.push(withoutSeparator(head).rest);
  }
  if (!parser) {
    parser = openParser(head);
    yield parser.push(withoutSeparator(head).rest);
  }
  yield parser.end();
}

/** The text after the line of the delimiter, if there is one, and the delimiter in that line. */
function withoutSeparator(head: string): { rest: string; separator: string | undefined } {
  const [line = "", separator] = SEPARATOR_LINE.exec(head) ?? [];
  return { rest: head.slice(line.length), separator };
}

function openParser(head: string): Parser {
  const { rest, separator } = withoutSeparator(head);
  return new Parser(separator ?? delimiterOf(rest), separator === undefined ? 1 : 2);
}
