// How is a file recorded? Through the same code as requests and webhooks, as a batch that can be undone.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineCommand } from "citty";
import { checkpointSeldom } from "../../../db/checkpoint.ts";
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { checkFile } from "../../intake/import/check-file.ts";
import type { Report, RowResult } from "../../intake/import/report.ts";
import { openRows, type Row } from "../../intake/import/rows.ts";
import { openSource, type Source } from "../../intake/import/source.ts";
import { type ImportOptions, openImportStore } from "../../intake/import/store.ts";
import { writeFile } from "../../intake/import/write-file.ts";
import { FileError } from "../../provider/file/file-error.ts";
import { ApiError } from "../../value/error.ts";
import { toAmount } from "../amount.ts";
import { Failure } from "../failure.ts";
import { openProgress, type Progress } from "../progress.ts";
import { strict } from "../strict.ts";
import { readSettings, withWorkspace } from "../workspace.ts";
import { beginImport, PATIENCE_MS } from "./begin.ts";
import { importInBulk, type Loaded } from "./bulk.ts";
import { exportedAtOf, type FileArgs, fileArgs, nameOf, toImportOptions } from "./options.ts";
import { openRejects, type Rejects } from "./rejects.ts";
import { reportLines, unnamedLines } from "./report-lines.ts";

export const importCommand = defineCommand({
  meta: {
    name: "import",
    description:
      "Record the entries of a file, gzipped or not: NDJSON with one entry of POST /events, or one line of `export workspace`, in each line; or a CSV file of a payment provider. Running it again changes nothing, and `imports undo` takes it back",
  },
  args: {
    ...fileArgs,
    "dry-run": { type: "boolean", description: "Write nothing, and say what would be recorded", default: false },
  },
  plugins: [strict],
  run: ({ args }) => {
    const source = openSource(args.file); // before the database is created, as the file may not exist
    const told = toImportOptions(args as FileArgs);
    const optionsIn = (context: Context) => ({ ...told, ...exportedAtOf(args as FileArgs, context) });
    if (args["dry-run"]) return withWorkspace((context) => tryFile(context, source, optionsIn(context)), { writes: true, isTrial: true });
    // A database that is replaced as a whole has no standby that could confirm it.
    const isPlain = Object.keys(told).length === 0 && args["exported-at"] === undefined && !readSettings().followAck;
    return importFile(args.file, source, isPlain, optionsIn);
  },
});

/** Beside the database, because it can be large. */
export const trialPath = ({ config }: Context): string =>
  config.databasePath === ":memory:" ? join(tmpdir(), `regulars-${process.pid}.trial`) : `${config.databasePath}.trial-${process.pid}`;

async function tryFile(context: Context, source: Source, options: ImportOptions): Promise<void> {
  const rows = await openRows(context, source, options);
  const progress = openProgress();
  const report = await checkFile(context, trialPath(context), rows, {
    onProgress: (done) => progress.show(source.read(), source.size, `${done.toLocaleString("en")} rows`),
  });
  progress.clear();
  console.log(reportLines(rows.format, report, context.config.currency).join("\n"));
  if (report.refused + report.conflicts > 0) process.exitCode = 1;
}

/** A run of the command. */
interface Run {
  readonly file: string;
  readonly source: Source;
  readonly rejects: Rejects;
  readonly progress: Progress;
  readonly startedAt: number;
  isInterrupted: boolean;
}

/** `isPlain`: the file is read without any options, so it may be imported in bulk. */
async function importFile(file: string, source: Source, isPlain: boolean, optionsIn: (context: Context) => ImportOptions): Promise<void> {
  const rejects = openRejects(file === "-" ? "stdin.rejected.ndjson" : `${file}.rejected.ndjson`);
  const run: Run = { file, source, rejects, progress: openProgress(), startedAt: performance.now(), isInterrupted: false };
  const interrupt = () => {
    run.isInterrupted = true;
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const loaded = isPlain ? await loadFile(run) : undefined;
    if (loaded?.isWhole) end(run, loaded);
    else await withWorkspace((context) => writeRest(context, run, optionsIn(context)), { writes: true });
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    rejects.close();
  }
}

/** Imports the first lines in bulk, or all, if that is possible. */
async function loadFile(run: Run): Promise<Loaded | undefined> {
  try {
    return await importInBulk(run.source, {
      config: readSettings(),
      name: nameOf(run.file),
      onResult: (row, result) => addReject(run.rejects, row, result),
      tell: (what) => (typeof what === "number" ? showLines(run, what) : run.progress.show(0, undefined, what)),
      checkInterrupted() {
        if (run.isInterrupted) throw new Failure("Stopped before anything was recorded: run the command again.", 130);
      },
    });
  } finally {
    run.progress.clear();
  }
}

/** Imports the lines that are left in short writes, beside a server or without one. */
async function writeRest(context: Context, run: Run, options: ImportOptions): Promise<void> {
  const { file, source, rejects, progress } = run;
  checkpointSeldom(context.database);
  const { ledger, database } = context;
  const rows = await openRows(context, source, options);
  const store = openImportStore(database.sqlite, context.now);
  const id = await beginImport(context, store, nameOf(file), source, options);
  const doneBefore = store.require(id).rows;
  await retryWhileBusy(() => ledger.write(() => store.setFormat(id, rows.format)), PATIENCE_MS);
  let isWhole: boolean;
  try {
    isWhole = await writeFile(context, store, id, rows, {
      onResult: (row, result) => addReject(rejects, row, result),
      onProgress: (done) => showLines(run, done, doneBefore),
      onDerived: (done) => progress.show(0, undefined, `Computing customers' figures: ${done.toLocaleString("en")} done`),
      isStopped: () => run.isInterrupted,
    });
  } catch (error) {
    const problem = error instanceof FileError ? error.kept : error instanceof ApiError ? error.message : "It failed.";
    if (store.require(id).state === "writing")
      await retryWhileBusy(() => ledger.write(() => store.setState(id, "failed", problem)), PATIENCE_MS);
    progress.clear();
    console.error(summary(store.require(id).report, run));
    throw error;
  }
  end(run, { id, isWhole, report: store.require(id).report });
}

/** Says what an import has done. Throws a Failure if it was interrupted. */
function end(run: Run, { id, isWhole, report }: Loaded): void {
  run.progress.clear();
  console.error(summary(report, run));
  for (const line of unnamedLines(report.unnamedSales)) console.error(`${line}.`);
  if (!isWhole)
    throw new Failure("Stopped before the end of the file: run the command again to record the rest. What was recorded is kept.", 130);
  console.error(`It is import ${id}: \`regulars imports undo ${id}\` takes it back.`);
  if (report.refused + report.conflicts > 0) process.exitCode = 1;
}

function showLines({ source, progress, startedAt }: Run, done: number, before = 0): void {
  progress.show(source.read(), source.size, `${done.toLocaleString("en")} lines, ${perSecond(done - before, startedAt)}`);
}

function addReject(rejects: Rejects, { line, text }: Row, { rejection }: RowResult): void {
  if (rejection) rejects.add({ number: line, text, length: text?.length ?? 0 }, rejection);
}

function summary({ recorded, duplicates, conflicts, refused, ignored }: Report, { startedAt, rejects: { path, reasons } }: Run): string {
  const rejected = conflicts + refused;
  const total = recorded + duplicates + rejected + ignored;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const others = ignored > 0 ? `, ${ignored} without anything to record` : "";
  const counts = `${toAmount(total, "line")} in ${seconds} s: ${recorded} accepted, ${toAmount(duplicates, "duplicate")}, ${rejected} rejected${others}.`;
  return rejected > 0 ? [`${counts} The rejected lines and the reasons are in ${path}:`, ...reasons.toLines()].join("\n") : counts;
}

function perSecond(lines: number, startedAt: number): string {
  return `${Math.round(lines / ((performance.now() - startedAt) / 1000)).toLocaleString("en")} per second`;
}
