// How does a test read a file? From text or bytes, in pieces of any size.
import type { Effect, ProviderEntry } from "../../../src/provider/effect.ts";
import { type FileOptions, type FileRow, openFile } from "../../../src/provider/file/open-file.ts";

export const NOW = Date.parse("2026-11-29T00:00:00Z");
export const OPTIONS: FileOptions = { zone: "Europe/Berlin", idKeys: ["userId"], currency: "USD", now: NOW };

/** Gives the bytes of a file in pieces, as a file on disk does. */
export function inPieces(content: string | Uint8Array, size = 65_536): () => AsyncGenerator<Uint8Array> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return async function* () {
    for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size);
  };
}

export interface Read {
  readonly format: string;
  readonly provider: string;
  readonly rows: readonly FileRow[];
  readonly notes: readonly string[];
}

/** Reads a file to its end. */
export async function read(content: string | Uint8Array, options: Partial<FileOptions> = {}, size?: number): Promise<Read> {
  const file = await openFile(inPieces(content, size), { ...OPTIONS, ...options });
  const rows = await Array.fromAsync(file.rows());
  return { format: file.format, provider: file.provider, rows, notes: file.notes };
}

export const effectsOf = ({ rows }: Pick<Read, "rows">): Effect[] =>
  rows.flatMap(({ meaning }) => ("refused" in meaning || "ignored" in meaning ? [] : meaning));

/** The entries that the rows bring, without fields that say nothing. */
export const entriesOf = (file: Pick<Read, "rows">): ProviderEntry[] =>
  effectsOf(file).flatMap((effect) => (effect.kind === "entry" ? [JSON.parse(JSON.stringify(effect.entry)) as ProviderEntry] : []));

/** Why rows bring nothing, and how many of them for each reason. */
export function reasonsOf({ rows }: Pick<Read, "rows">): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { meaning } of rows) {
    const reason = "refused" in meaning ? meaning.refused : "ignored" in meaning ? meaning.ignored : undefined;
    if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

/** A CSV file of rows that each hold some of the columns. */
export function csv(columns: readonly string[], rows: readonly Readonly<Record<string, string>>[], delimiter = ",", end = "\r\n"): string {
  const cell = (text: string) => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))]
    .map((cells) => cells.map(cell).join(delimiter) + end)
    .join("");
}
