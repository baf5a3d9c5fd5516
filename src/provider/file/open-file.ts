// Which file is this, and what do its rows mean? It is read twice, because a total of refunds knows of those up to the newest date in the file.
import { DAY_MS } from "../../value/calendar.ts";
import type { Meaning } from "../effect.ts";
import type { FileSource } from "../provider.ts";
import { type CsvRow, readRows } from "./csv.ts";
import { DUB_CUSTOMERS } from "./dub.ts";
import { FileError } from "./file-error.ts";
import type { FileOptions, Format, FormatName } from "./format.ts";
import { MAPPED } from "./mapped.ts";
import { Header, Row, readInstant } from "./row.ts";
import { SHOPIFY_CUSTOMERS, SHOPIFY_ORDERS } from "./shopify.ts";
import { STRIPE_BALANCE, STRIPE_CUSTOMERS, STRIPE_PAYMENTS } from "./stripe.ts";
import { readText } from "./text.ts";
import { WOOCOMMERCE_ORDERS } from "./woocommerce.ts";

export { FileError } from "./file-error.ts";
export type { FileOptions, FormatName } from "./format.ts";

/** From the one that is recognized by most to the one that is recognized by least. */
const FORMATS: readonly Format[] = [
  ...[STRIPE_BALANCE, STRIPE_PAYMENTS, STRIPE_CUSTOMERS, SHOPIFY_ORDERS, SHOPIFY_CUSTOMERS, WOOCOMMERCE_ORDERS, DUB_CUSTOMERS],
];

export interface FileRow {
  /** The line that the row begins on, from 1. */
  readonly line: number;
  /** What it means, or what is wrong with which columns: the same words for all rows of a kind, which name nobody. */
  readonly meaning: Meaning | { readonly refused: string };
}

export interface OpenedFile {
  readonly format: FormatName;
  readonly provider: FileSource;
  /** Reads the file anew, row by row. Of NDJSON it gives nothing: whoever imports reads its lines. */
  rows(): AsyncGenerator<FileRow>;
  /** What the user should know, once the rows are read to their end. */
  readonly notes: readonly string[];
}

const UNKNOWN = `It is none that regulars knows: ${FORMATS.map(({ name }) => name).join(", ")}, or NDJSON. For another table, say what its columns are: --map orderId=Order,timestamp=Date,value=Total,email=Email.`;

async function* each(rows: AsyncIterable<readonly CsvRow[]>): AsyncGenerator<CsvRow> {
  for await (const some of rows) yield* some;
}

async function isNdjson(texts: AsyncIterable<string>): Promise<boolean> {
  for await (const text of texts) {
    const first = /\S/.exec(text)?.[0];
    if (first !== undefined) return first === "{";
  }
  throw new FileError("The file is empty.");
}

/**
 * Recognizes a file by its first line, and reads it once to its end: what is no CSV is found before anything is stored. `open` opens the file
 * from its beginning, as often as it is called. Throws FileError for a file that cannot be taken.
 */
export async function openFile(open: () => AsyncIterable<Uint8Array>, options: FileOptions): Promise<OpenedFile> {
  if (await isNdjson(readText(open()))) return { format: "ndjson", provider: "file", notes: [], rows: async function* () {} };
  const readAll = () => each(readRows(readText(open())));
  let notes: readonly string[] = [];
  const { header, format, newestAt } = await survey(readAll(), options);

  async function* rows(): AsyncGenerator<FileRow> {
    const reader = format.open(header, options);
    let isFirst = true;
    for await (const csvRow of readAll()) {
      if (isFirst) {
        isFirst = false;
        continue;
      }
      const row = new Row(header, csvRow);
      const meaning = reader.read(row, newestAt);
      if (row.problems.length > 0) yield { line: row.line, meaning: { refused: row.problems.join("; ") } };
      else if (meaning !== undefined) yield { line: row.line, meaning };
    }
    notes = reader.notes();
  }

  return {
    format: format.name,
    provider: format.provider,
    rows,
    get notes() {
      return notes;
    },
  };
}

/** What the first line says of a file, and its newest date, or when it was exported if that is later. A date that is more than a day ahead of the clock counts nothing. */
async function survey(rows: AsyncIterable<CsvRow>, options: FileOptions) {
  let found: { header: Header; format: Format; reader: ReturnType<Format["open"]> } | undefined;
  let newestAt = options.exportedAt ?? 0;
  for await (const csvRow of rows) {
    if (!found) {
      const header = new Header(csvRow);
      const format = recognize(header, options);
      found = { header, format, reader: format.open(header, options) };
      continue;
    }
    const { header, reader } = found;
    for (const column of reader.dates) {
      const text = csvRow.cells[header.placeOf(column) ?? -1]?.trim();
      const at = text ? readInstant(text, reader.calendar) : undefined;
      if (at !== undefined && at > newestAt && at <= options.now + DAY_MS) newestAt = at;
    }
  }
  if (!found) throw new FileError("The file is empty.");
  return { ...found, newestAt };
}

/** The format of a file with these columns. A map goes before what its columns look like. */
function recognize(header: Header, { map }: FileOptions): Format {
  const names = header.names.slice(0, 20).map((name) => name.slice(0, 40));
  if (names.some((name) => /\p{Cc}/u.test(name))) throw new FileError(`The first line of the file is no table's: is this a CSV file?`);
  if (map !== undefined) return MAPPED;
  const format = FORMATS.find((one) => one.fits(header));
  if (format) return format;
  throw new FileError(
    `The first line of the file has the columns ${names.join(", ")}. ${UNKNOWN}`,
    `The first line of the file has the columns of no file that is known. ${UNKNOWN}`,
  );
}
