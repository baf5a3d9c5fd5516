// How does a file of entries get into the log, through the same code as POST /events?
import { existsSync, rmSync, statSync } from "node:fs";
import { defineCommand } from "citty";
import { checkpointSeldom } from "../../../db/checkpoint.ts";
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { type EventResult, type Events, openEvents } from "../../intake/events.ts";
import { Failure } from "../failure.ts";
import { openProgress } from "../progress.ts";
import { strict } from "../strict.ts";
import { withWorkspace } from "../workspace.ts";
import { gunzipped, type Line, MAX_LINE_BYTES, toLines } from "./lines.ts";

/** Who else wants to write waits while a batch is stored. */
const BATCH_LINES = 250;
const BATCH_BYTES = MAX_LINE_BYTES;
/** A running server gets at the database between two short writes. */
/** For how long a batch is tried again while a server holds the database. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 2;
/** Where no server runs, customers are brought up to date after so many lines: who is in many of them is then derived once. */
const ROUND_LINES = 200_000;

export const importCommand = defineCommand({
  meta: {
    name: "import",
    description:
      "Record entries from a file: one entry of POST /events per line (NDJSON), gzipped or not. Running it again changes nothing",
  },
  args: { file: { type: "positional", description: "The file, or - for standard input", required: true } },
  plugins: [strict],
  run: ({ args }) => withWorkspace((context) => importFile(context, args.file)),
});

interface Counts {
  accepted: number;
  duplicates: number;
  rejected: number;
}

async function importFile(context: Context, file: string): Promise<void> {
  const startedAt = performance.now();
  checkpointSeldom(context.database);
  const events = openEvents(context);
  const counts: Counts = { accepted: 0, duplicates: 0, rejected: 0 };
  const rejects = openRejects(file === "-" ? "stdin.rejected.ndjson" : `${file}.rejected.ndjson`);
  const progress = openProgress();
  const source = openSource(file);
  const showDerived = (done: number) =>
    progress.show(0, undefined, `Computing the figures of customers: ${done.toLocaleString("en")} done`);
  let round = 0;
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    for await (const batch of toBatches(toLines(gunzipped(source.chunks())))) {
      await record(events, batch, counts, rejects);
      await context.ledger.allReassigned();
      round += batch.length;
      if (context.database.isServed()) {
        await retryWhileBusy(() => context.ledger.catchUp(undefined, PAUSE_MS), PATIENCE_MS);
        await Bun.sleep(PAUSE_MS);
        round = 0;
      } else if (round >= ROUND_LINES) {
        await retryWhileBusy(() => context.ledger.catchUp(showDerived), PATIENCE_MS);
        round = 0;
      }
      const lines = counts.accepted + counts.duplicates + counts.rejected;
      progress.show(source.read(), source.size, `${lines.toLocaleString("en")} lines, ${perSecond(lines, startedAt)}`);
      if (interrupted) break;
    }
    await retryWhileBusy(() => context.ledger.catchUp(showDerived, PAUSE_MS), PATIENCE_MS);
  } finally {
    progress.clear();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    rejects.close();
    console.error(summary(counts, startedAt, rejects.path));
  }
  if (interrupted)
    throw new Failure("Stopped before the end of the file: run the command again to record the rest; what is recorded is kept.", 130);
  if (counts.rejected > 0) process.exitCode = 1;
}

/** Records one batch of lines; a line that is not JSON is rejected here, the others by the intake. */
async function record(events: Events, lines: readonly Line[], counts: Counts, rejects: Rejects): Promise<void> {
  const entries: unknown[] = [];
  const numbers: Line[] = [];
  for (const line of lines) {
    const parsed = parse(line);
    if ("problem" in parsed) {
      counts.rejected += 1;
      rejects.add(line, { code: "VALIDATION_ERROR", message: parsed.problem });
    } else {
      entries.push(parsed.value);
      numbers.push(line);
    }
  }
  const results: EventResult[] = await retryWhileBusy(() => events.many(entries), PATIENCE_MS);
  for (const [index, result] of results.entries()) {
    const line = numbers[index];
    if (!line) continue;
    if ("error" in result) {
      counts.rejected += 1;
      rejects.add(line, result.error);
    } else if (result.duplicate) counts.duplicates += 1;
    else counts.accepted += 1;
  }
}

function parse({ text, length }: Line): { value: unknown } | { problem: string } {
  if (length > MAX_LINE_BYTES) return { problem: `The line is longer than ${MAX_LINE_BYTES} bytes.` };
  if (text === undefined) return { problem: "The line is not UTF-8." };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "The line is not JSON." };
  }
}

async function* toBatches(lines: AsyncIterable<Line>): AsyncGenerator<Line[]> {
  let batch: Line[] = [];
  let bytes = 0;
  for await (const line of lines) {
    batch.push(line);
    bytes += line.length;
    if (batch.length < BATCH_LINES && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** The bytes of a file or of standard input, with how many of how many are read. */
function openSource(file: string): { size: number | undefined; read(): number; chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>> } {
  if (file !== "-" && !statSync(file).isFile() && !statSync(file).isFIFO()) throw new Failure(`${file} is not a file.`);
  const source = file === "-" ? Bun.stdin : Bun.file(file);
  let read = 0;
  return {
    size: file === "-" ? undefined : statSync(file).size,
    read: () => read,
    async *chunks() {
      for await (const chunk of source.stream()) {
        read += chunk.length;
        yield chunk;
      }
    },
  };
}

interface Rejects {
  path: string;
  add(line: Line, error: unknown): void;
  close(): void;
}

/** The file of rejected lines, made at the first one; that of an earlier run is replaced. */
function openRejects(path: string): Rejects {
  if (existsSync(path)) rmSync(path);
  let writer: Bun.FileSink | undefined;
  return {
    path,
    add({ number, text }, error) {
      writer ??= Bun.file(path).writer();
      writer.write(`${JSON.stringify({ line: number, error, text: text ?? null })}\n`);
    },
    close: () => void writer?.end(),
  };
}

function summary({ accepted, duplicates, rejected }: Counts, startedAt: number, rejectsPath: string): string {
  const total = accepted + duplicates + rejected;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const counts = `${total} lines in ${seconds} s: ${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected.`;
  return rejected > 0 ? `${counts} The rejected lines and why: ${rejectsPath}` : counts;
}

function perSecond(lines: number, startedAt: number): string {
  return `${Math.round(lines / ((performance.now() - startedAt) / 1000)).toLocaleString("en")} a second`;
}
