// Which rows does a file have? Lines of NDJSON, or rows of a payment provider's file, each with what it means.
import type { Context } from "../../context.ts";
import type { Meaning } from "../../provider/effect.ts";
import { FileError, type OpenedFile, openFile } from "../../provider/file/open-file.ts";
import type { FileSource } from "../../provider/provider.ts";
import { type Line, MAX_LINE_BYTES, toLines } from "./lines.ts";
import type { Source } from "./source.ts";
import type { ImportOptions } from "./store.ts";

/** One row: a parsed line of NDJSON, what a row of a provider's file means, or why it cannot be read. */
export interface Row {
  /** Its number in the file, from 1. */
  readonly line: number;
  readonly content: { readonly parsed: unknown } | { readonly meaning: Meaning } | { readonly problem: string };
  /** The line as it is, for NDJSON. */
  readonly text?: string | undefined;
}

export interface Rows {
  readonly format: string;
  /** Whose file it is. */
  readonly source: FileSource;
  all(): AsyncGenerator<Row>;
  /** What the reader noticed, once it has read to the end. */
  notes(): readonly string[];
}

/** Opens the rows of a file. Standard input can only be NDJSON, because other files are read more than once. Throws FileError for a file that cannot be taken. */
export async function openRows({ config, now }: Pick<Context, "config" | "now">, source: Source, options: ImportOptions): Promise<Rows> {
  const lines = { format: "ndjson", source: "file" as const, all: () => parsedLines(source.chunks(), config.currency), notes: () => [] };
  if (source.size === undefined) return lines;
  const { map, shop, byCharge, exportedAt } = options;
  const { timezone: zone, currency, providerIdKeys: idKeys, webhookTestMode: testMode } = config;
  const file = await openFile(() => source.chunks(), { map, shop, byCharge, exportedAt, testMode, zone, currency, idKeys, now: now() });
  return file.format === "ndjson"
    ? lines
    : { format: file.format, source: file.provider, all: () => meanings(file), notes: () => file.notes };
}

async function* meanings(file: OpenedFile): AsyncGenerator<Row> {
  for await (const { line, meaning } of file.rows())
    yield { line, content: "refused" in meaning ? { problem: meaning.refused } : { meaning } };
}

async function* parsedLines(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>, currency: string): AsyncGenerator<Row> {
  for await (const line of toLines(chunks)) {
    const parsed = parse(line);
    if ("parsed" in parsed && isHead(parsed.parsed, currency)) continue;
    yield { line: line.number, content: parsed, text: line.text };
  }
}

function parse({ text, length }: Line): { parsed: unknown } | { problem: string } {
  if (length > MAX_LINE_BYTES) return { problem: `The line is longer than ${MAX_LINE_BYTES} bytes.` };
  if (text === undefined) return { problem: "The line is not valid UTF-8." };
  try {
    return { parsed: JSON.parse(text) };
  } catch {
    return { problem: "The line is not valid JSON." };
  }
}

/** Is it the first line of `export workspace`? Throws FileError if its rates and reports are in another currency than this workspace's. */
function isHead(value: unknown, ours: string): boolean {
  if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "workspace") return false;
  const currency = "currency" in value ? value.currency : undefined;
  if (currency === ours) return true;
  throw new FileError(
    `The exported workspace is in ${String(currency)}, this one in ${ours}: set CURRENCY to the same.`,
    `The exported workspace is in another currency than ${ours}.`,
  );
}
