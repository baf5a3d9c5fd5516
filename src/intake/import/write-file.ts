// How does a file get into the log? Row by row in short writes, each with how far it came, so that an import that is cut goes on where it stopped.
import { tellImport } from "../../../db/change.ts";
import type { Database } from "../../../db/database.ts";
import { openSize } from "../../../db/size.ts";
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { ApiError } from "../../value/error.ts";
import { openCarryOut } from "./carry-out.ts";
import { addResult, type Report, type RowResult } from "./report.ts";
import type { Row, Rows } from "./rows.ts";
import type { ImportStore } from "./store.ts";

/** The most rows of one write, and how long it lasts beside a server. Other writers wait meanwhile. */
const MOST_ROWS = 250;
/** For how long a write is retried while another process holds the database. */
const PATIENCE_MS = 10_000;
/** The pause between two short writes, in which a running server can write. */
const PAUSE_MS = 2;
/** Without a server, derived figures are computed after this many rows, so that a customer with many entries is computed less often. */
const ROUND_ROWS = 200_000;

const FULL = "The database has reached MAX_DATABASE_BYTES, so the import stops. What was written stays, and can be undone.";

export interface Writing {
  /** Called with each row and what became of it, once that is on disk. */
  readonly onResult?: (row: Row, result: RowResult) => void;
  /** Called after each write, with the rows done so far. */
  readonly onProgress?: (rows: number) => void;
  /** Called while derived figures are computed at the end, with how many are done. */
  readonly onDerived?: (done: number) => void;
  /** Requests are answered beside it, in this process or another. The default is whether a server holds the database. */
  readonly isBesideServer?: boolean;
  /** The size of the database above which nothing more is written, in bytes; 0: none. */
  readonly maxBytes?: number;
  /** Stop after the current write. */
  readonly isStopped?: () => boolean;
}

/** Notes and tells that an import has come to the end of its file, within a write. `done`: how many rows that are. */
export function endImport({ sqlite }: Pick<Database, "sqlite">, store: ImportStore, id: number, done: number, report: Report): void {
  store.setProgress(id, done, done, report);
  store.setState(id, "done");
  const { recorded, duplicates, conflicts, refused } = report;
  tellImport(sqlite, { accepted: recorded, duplicates, rejected: conflicts + refused });
}

/**
 * Writes the rows of an import that are not written yet. Resolves to whether the end was reached. Throws CONFLICT if the import is undone
 * meanwhile, and FileError for a file that is damaged further on.
 */
export async function writeFile(context: Context, store: ImportStore, id: number, rows: Rows, writing: Writing = {}): Promise<boolean> {
  const { ledger, database } = context;
  const isBeside = () => writing.isBesideServer ?? database.isServed();
  const { onResult, onProgress, onDerived, maxBytes = 0, isStopped = () => false } = writing;
  const bytesOf = openSize(database.sqlite);
  // What follows prepares many statements, which takes a turn of its own.
  await nextTurn();
  const carryOut = openCarryOut(context);
  await nextTurn();
  const addUnnamed = database.sqlite.prepare(
    "INSERT OR IGNORE INTO import_unnamed_sale (import_id, order_id, source, currency, value) VALUES (:id, :orderId, :source, :currency, :value)",
  );
  let { rows: done, report } = store.require(id);
  let toSkip = done;
  let round = 0;
  let batch: Row[] = [];

  /** Carries out the first rows of the batch, until the turn is over. */
  function writeSome(): { count: number; results: RowResult[]; report: typeof report } {
    const isOver = isBeside() ? openTurn() : () => false;
    const counted = structuredClone(report);
    const results: RowResult[] = [];
    store.requireState(id, "writing");
    ledger.ways.asImport(id, () => {
      for (const row of batch) {
        const result = carryOut(row);
        addResult(counted, row.line, result);
        results.push(result);
        if (result.unnamed) addUnnamed.run({ id, source: rows.source, ...result.unnamed });
        if (isOver()) break;
      }
    });
    store.setProgress(id, done, done + results.length, counted);
    return { count: results.length, results, report: counted };
  }

  async function writeBatch(): Promise<void> {
    while (batch.length > 0) {
      if (maxBytes > 0 && bytesOf() > maxBytes) throw new ApiError("SERVICE_UNAVAILABLE", FULL);
      const written = await ledger.inTurn(() => retryWhileBusy(() => ledger.write(writeSome), PATIENCE_MS));
      for (const [index, result] of written.results.entries()) {
        const row = batch[index];
        if (row) onResult?.(row, result);
      }
      batch = batch.slice(written.count);
      done += written.count;
      round += written.count;
      report = written.report;
      onProgress?.(done);
      await ledger.allReassigned();
      if (isBeside()) await Bun.sleep(PAUSE_MS);
    }
    if (isBeside() || round >= ROUND_ROWS) {
      await retryWhileBusy(() => ledger.catchUp(onDerived, isBeside() ? PAUSE_MS : 0), PATIENCE_MS);
      round = 0;
    }
  }

  for await (const row of rows.all()) {
    if (toSkip > 0) {
      toSkip -= 1;
      continue;
    }
    batch.push(row);
    if (batch.length < MOST_ROWS) continue;
    await writeBatch();
    if (isStopped()) break;
  }
  await writeBatch();
  const isWhole = !isStopped();
  if (isWhole)
    await retryWhileBusy(
      () =>
        ledger.write(() => {
          store.requireState(id, "writing");
          endImport(database, store, id, done, { ...report, notes: [...rows.notes()] });
        }),
      PATIENCE_MS,
    );
  await retryWhileBusy(() => ledger.catchUp(onDerived, PAUSE_MS), PATIENCE_MS);
  return isWhole;
}
