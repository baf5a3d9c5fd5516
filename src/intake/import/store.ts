// Which imports are there, and how far is each? One row for each, which is written together with what it counts.
import type { Sqlite } from "../../../db/connection.ts";
import type { ImportState, importTable } from "../../../db/import-schema.ts";
import type { ColumnMap } from "../../provider/file/column-map.ts";
import { ApiError, notFound } from "../../value/error.ts";
import { emptyReport, type Report } from "./report.ts";

type Row = typeof importTable.$inferSelect;

/** How a file is to be read, and for what. */
export interface ImportOptions {
  readonly dryRun?: boolean | undefined;
  /** Which of our fields is in which column of a CSV file. */
  readonly map?: ColumnMap | undefined;
  /** The shop that a Shopify file is of. */
  readonly shop?: string | undefined;
  /** Take a Stripe file without the column of payments. */
  readonly byCharge?: boolean | undefined;
  /** When the file was exported, in milliseconds, if that is later than its newest date. */
  readonly exportedAt?: number | undefined;
}

/** A known import. Instants are in milliseconds. */
export interface Import extends Pick<Row, "id" | "name" | "format" | "state" | "rows" | "problem" | "createdAt" | "finishedAt"> {
  readonly options: ImportOptions;
  readonly isSpooled: boolean;
  readonly report: Report;
}

export interface NewImport {
  readonly name: string;
  readonly options: ImportOptions;
  readonly state: ImportState;
  readonly isSpooled?: boolean;
  readonly fileHash?: string | undefined;
  readonly report: Report;
}

export type ImportStore = ReturnType<typeof openImportStore>;

const COLUMNS =
  "id, name, format, options, state, is_spooled AS isSpooled, file_hash AS fileHash, rows, report, problem, created_at AS createdAt, finished_at AS finishedAt";
/** States in which an import is not finished. */
const BUSY: readonly ImportState[] = ["reading", "writing", "undoing"];

function toImport({ options, isSpooled, report, fileHash: _, ...row }: Row): Import {
  return {
    ...row,
    options: JSON.parse(options) as ImportOptions,
    isSpooled: isSpooled === 1,
    report: { ...emptyReport(), ...(JSON.parse(report) as Report) },
  };
}

/** All functions that change something must be called within a write. */
export function openImportStore(sqlite: Sqlite, now: () => number) {
  const insert = sqlite.prepare(
    "INSERT INTO import (name, options, state, is_spooled, file_hash, report, created_at) VALUES (:name, :options, :state, :isSpooled, :fileHash, :report, :createdAt)",
  );
  const byId = sqlite.prepare<[id: number], Row>(`SELECT ${COLUMNS} FROM import WHERE id = ?`);
  const newest = sqlite.prepare<[before: number, most: number], Row>(`SELECT ${COLUMNS} FROM import WHERE id < ? ORDER BY id DESC LIMIT ?`);
  const inState = sqlite.prepare<[state: ImportState], Row>(`SELECT ${COLUMNS} FROM import WHERE state = ? ORDER BY id`);
  const cut = sqlite.prepare<[hash: string, options: string], Row>(
    `SELECT ${COLUMNS} FROM import WHERE state = 'writing' AND NOT is_spooled AND file_hash = ? AND options = ? ORDER BY id DESC LIMIT 1`,
  );
  const setState = sqlite.prepare("UPDATE import SET state = :state, problem = :problem, finished_at = :finishedAt WHERE id = :id");
  const setFormat = sqlite.prepare("UPDATE import SET format = ? WHERE id = ?");
  const setProgress = sqlite.prepare("UPDATE import SET rows = ?, report = ? WHERE id = ? AND rows = ?");
  const stateOf = sqlite.prepare<[id: number], ImportState>("SELECT state FROM import WHERE id = ?").pluck();
  const find = (id: number): Import | undefined => {
    const row = byId.get(id);
    return row && toImport(row);
  };

  return {
    find,
    /** Throws NOT_FOUND. */
    require(id: number | undefined): Import {
      const found = id === undefined ? undefined : find(id);
      if (found === undefined) throw notFound("import");
      return found;
    },
    /** The newest first, with ids below `before`. */
    list: (before: number, most: number): Import[] => newest.all(before, most).map(toImport),
    /** Imports in any of these states, the oldest first. */
    inStates: (states: readonly ImportState[] = BUSY): Import[] => states.flatMap((state) => inState.all(state)).map(toImport),
    /** An import of the same content from the command line that was cut. */
    findCut(fileHash: string, options: ImportOptions): Import | undefined {
      const row = cut.get(fileHash, JSON.stringify(options));
      return row && toImport(row);
    },
    add({ name, options, state, isSpooled = false, fileHash, report }: NewImport): number {
      const row = { name, options: JSON.stringify(options), state, isSpooled: isSpooled ? 1 : 0, fileHash: fileHash ?? null };
      return Number(insert.run({ ...row, report: JSON.stringify(report), createdAt: now() }).lastInsertRowid);
    },
    setFormat: (id: number, format: string): void => void setFormat.run(format, id),
    /** `problem`: why it failed. An import that does not go on gets the time at which it ended. */
    setState(id: number, state: ImportState, problem: string | null = null): void {
      setState.run({ id, state, problem, finishedAt: BUSY.includes(state) ? null : now() });
    },
    /** `before`: how many rows were done. Throws CONFLICT if another process has gone on with the import since. */
    setProgress(id: number, before: number, rows: number, report: Report): void {
      if (setProgress.run(rows, JSON.stringify(report), id, before).changes === 0)
        throw new ApiError("CONFLICT", "Another process goes on with this import, so this one stops.");
    },
    /** Throws CONFLICT if the import is not in this state any more, because somebody has undone it. */
    requireState(id: number, state: ImportState): void {
      if (stateOf.get(id) !== state) throw new ApiError("CONFLICT", "The import was undone meanwhile, so it stops.");
    },
  };
}
