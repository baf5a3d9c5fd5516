// How is a large file imported into an empty database? In bulk, as far as its lines are plain entries of POST /events.
import type { Sqlite } from "../../../db/connection.ts";
import { removeLeftOfLoad } from "../../../db/loading-copy.ts";
import { loadEmpty } from "../../app/load.ts";
import type { Context } from "../../context.ts";
import type { Config } from "../../host/config.ts";
import { openEvents } from "../../intake/events.ts";
import { toLineResult, toUnreadable } from "../../intake/import/carry-out.ts";
import { addResult, emptyReport, type Report, type RowResult } from "../../intake/import/report.ts";
import { openRows, type Row, type Rows } from "../../intake/import/rows.ts";
import type { Source } from "../../intake/import/source.ts";
import { openImportStore } from "../../intake/import/store.ts";
import { endImport } from "../../intake/import/write-file.ts";
import { openLoadingRecorder } from "../../intake/record.ts";
import { isEntryLine, openWorkspaceLines } from "../../intake/workspace-line.ts";
import { openWays } from "../../ledger/way.ts";
import { FileError } from "../../provider/file/file-error.ts";
import { beginImport } from "./begin.ts";

/** Fewer lines are stored as quickly without. */
const LEAST_LINES = 20_000;
const LEAST_CHARACTERS = 16 * 1024 * 1024;
const BATCH_LINES = 1000;
const BATCH_CHARACTERS = 4 * 1024 * 1024;
/** How many lines are committed together. */
const COMMIT_LINES = 200_000;

export interface BulkOptions {
  readonly config: Config;
  /** By which the import is listed. */
  readonly name: string;
  /** Called with each row and what became of it. It is on disk only once everything is. */
  readonly onResult: (row: Row, result: RowResult) => void;
  /** Called with what is done now, or with the number of lines that are stored. */
  readonly tell: (what: string | number) => void;
  /** Throws if the user has interrupted the command. */
  readonly checkInterrupted: () => void;
  /** How many lines are worth it; for tests. */
  readonly leastLines?: number | undefined;
  readonly now?: (() => number) | undefined;
}

/** What was imported in bulk. `isWhole`: the file is done. If it is not, the import goes on line by line, like one that was cut. */
export interface Loaded {
  readonly id: number;
  readonly isWhole: boolean;
  readonly report: Report;
}

/**
 * Stores and derives the first lines of a file of lines, if there are very many, the database is empty and nobody uses it: all up to the first
 * one that is more than an entry, or has aliases. Undefined: nothing was done.
 */
export async function importInBulk(source: Source, options: BulkOptions): Promise<Loaded | undefined> {
  const { config, tell, checkInterrupted, leastLines = LEAST_LINES, now = Date.now } = options;
  removeLeftOfLoad(config.databasePath);
  if (source.size === undefined) return undefined; // what was left of it could not be read again
  const rows = await openRows({ config, now }, source, {});
  if (rows.format !== "ndjson" || !(await isWorthIt(rows, leastLines))) return undefined;
  return loadEmpty(config, {
    store: (context) => storeRows(context, source, rows, options),
    seal: noteCustomers,
    tell(what) {
      checkInterrupted();
      tell(what);
    },
    now: options.now,
  });
}

/** Are there very many lines before the first one that is left to the way line by line? */
async function isWorthIt(rows: Rows, leastLines: number): Promise<boolean> {
  let [lines, characters] = [0, 0];
  try {
    for await (const row of rows.all()) {
      if (lines >= leastLines || characters >= LEAST_CHARACTERS) return true;
      if (isOdd(row)) return false;
      lines += 1;
      characters += row.text?.length ?? 0;
    }
  } catch (error) {
    if (error instanceof FileError) return false; // the way line by line says so
    throw error;
  }
  return lines >= leastLines;
}

async function storeRows(context: Context, source: Source, rows: Rows, options: BulkOptions): Promise<Loaded> {
  const { name, onResult, tell, checkInterrupted } = options;
  const { database, ledger, now } = context;
  const lines = openWorkspaceLines(context, openEvents(context, undefined, openLoadingRecorder(context)));
  const store = openImportStore(database.sqlite, now);
  const id = await beginImport(context, store, name, source, {});
  const report = emptyReport();
  let [done, uncommitted, isWhole] = [0, 0, true];

  function storeBatch(batch: readonly Row[]): void {
    const parsed = batch.flatMap(({ content }) => ("parsed" in content ? [content.parsed] : []));
    const results = ledger.ways.asImport(id, () => lines.many(parsed)).values();
    for (const row of batch) {
      const result = "problem" in row.content ? toUnreadable(row.content.problem) : toLineResult(results.next().value);
      addResult(report, row.line, result);
      onResult(row, result);
    }
    done += batch.length;
    uncommitted += batch.length;
  }

  database.sqlite.exec("BEGIN");
  store.setFormat(id, rows.format);
  try {
    for await (const batch of toBatches(rows)) {
      checkInterrupted();
      const odd = batch.findIndex(isOdd);
      isWhole = odd === -1;
      storeBatch(isWhole ? batch : batch.slice(0, odd));
      tell(done);
      if (!isWhole) break;
      if (uncommitted < COMMIT_LINES) continue;
      database.sqlite.exec("COMMIT; BEGIN");
      uncommitted = 0;
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    isWhole = false; // the way line by line comes to it again
  }
  store.setProgress(id, 0, done, report);
  if (isWhole) endImport(database, store, id, done, report);
  database.sqlite.exec("COMMIT");
  return { id, isWhole, report };
}

/** All customers are of the import: those that an email alone makes came after its entries. */
function noteCustomers(sqlite: Sqlite, { id }: Loaded): void {
  const last = sqlite.prepare<[], number | null>("SELECT max(id) FROM customer").pluck().get();
  if (typeof last === "number") openWays(sqlite).add("customer", id, 1, 1, last);
}

async function* toBatches(rows: Rows): AsyncGenerator<Row[]> {
  let [batch, characters]: [Row[], number] = [[], 0];
  for await (const row of rows.all()) {
    batch.push(row);
    characters += row.text?.length ?? 0;
    if (batch.length < BATCH_LINES && characters < BATCH_CHARACTERS) continue;
    yield batch;
    [batch, characters] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** Is it more than an entry, or one with aliases, which may belong to anybody by what comes later? What cannot be read will be rejected. */
function isOdd({ content }: Row): boolean {
  if (!("parsed" in content)) return !("problem" in content);
  const { parsed } = content;
  if (typeof parsed !== "object" || parsed === null) return false;
  const { aliases } = parsed as { aliases?: unknown };
  return !isEntryLine(parsed) || (aliases != null && !(Array.isArray(aliases) && aliases.length === 0));
}
