// How is a file of entries recorded? Through the same code as POST /events.
import { statSync } from "node:fs";
import { defineCommand } from "citty";
import { checkpointSeldom } from "../../../db/checkpoint.ts";
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { openEvents } from "../../intake/events.ts";
import { openWorkspaceLines, type WorkspaceLines } from "../../intake/workspace-line.ts";
import { toAmount } from "../amount.ts";
import { Failure } from "../failure.ts";
import { openProgress } from "../progress.ts";
import { strict } from "../strict.ts";
import { withWorkspace } from "../workspace.ts";
import { gunzipped, type Line, MAX_LINE_BYTES, toLines } from "./lines.ts";
import { openRejects, type Rejects } from "./rejects.ts";

/** The size of a batch. Other writers wait while it is stored. */
const BATCH_LINES = 250;
const BATCH_BYTES = MAX_LINE_BYTES;
/** For how long a batch is retried while a server holds the database. */
const PATIENCE_MS = 10_000;
/** The pause between two short writes, in which a running server can write. */
const PAUSE_MS = 2;
/** Without a server, derived figures are computed after this many lines, so that a customer with many entries is computed less often. */
const ROUND_LINES = 200_000;

export const importCommand = defineCommand({
  meta: {
    name: "import",
    description:
      "Record entries from an NDJSON file, gzipped or not: each line is one entry of POST /events, or a line of `export workspace`. Running it again changes nothing",
  },
  args: { file: { type: "positional", description: "The file, or - for standard input", required: true } },
  plugins: [strict],
  run: ({ args }) => {
    const source = openSource(args.file); // before the database is created, as the file may not exist
    return withWorkspace((context) => importFile(context, args.file, source));
  },
});

interface Counts {
  accepted: number;
  duplicates: number;
  rejected: number;
}

async function importFile(context: Context, file: string, source: Source): Promise<void> {
  const startedAt = performance.now();
  checkpointSeldom(context.database);
  const workspaceLines = openWorkspaceLines(context, openEvents(context));
  const counts: Counts = { accepted: 0, duplicates: 0, rejected: 0 };
  const rejects = openRejects(file === "-" ? "stdin.rejected.ndjson" : `${file}.rejected.ndjson`);
  const progress = openProgress();
  const showDerived = (done: number) => progress.show(0, undefined, `Computing customers' figures: ${done.toLocaleString("en")} done`);
  let round = 0;
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    for await (const batch of toBatches(toLines(gunzipped(source.chunks())))) {
      await record(context, workspaceLines, batch, counts, rejects);
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
    console.error(summary(counts, startedAt, rejects));
  }
  if (interrupted)
    throw new Failure("Stopped before the end of the file: run the command again to record the rest. What was recorded is kept.", 130);
  if (counts.rejected > 0) process.exitCode = 1;
}

/** Records one batch of lines. Lines that are not JSON are rejected here, other bad lines by `WorkspaceLines`. */
async function record(
  context: Context,
  workspaceLines: WorkspaceLines,
  lines: readonly Line[],
  counts: Counts,
  rejects: Rejects,
): Promise<void> {
  const entries: unknown[] = [];
  const numbers: Line[] = [];
  for (const line of lines) {
    const parsed = parse(line);
    if ("problem" in parsed) {
      counts.rejected += 1;
      rejects.add(line, { code: "VALIDATION_ERROR", message: parsed.problem });
    } else {
      if (isHead(parsed.value, context)) continue;
      entries.push(parsed.value);
      numbers.push(line);
    }
  }
  const results = await retryWhileBusy(() => workspaceLines.many(entries), PATIENCE_MS);
  for (const [index, result] of results.entries()) {
    const line = numbers[index];
    if (!line) continue;
    if ("error" in result) {
      counts.rejected += 1;
      rejects.add(line, result.error);
    } else if ("duplicate" in result && result.duplicate) counts.duplicates += 1;
    else counts.accepted += 1;
  }
}

/** Is it the first line of `export workspace`? Throws Failure if its rates and reports are in another currency than this workspace's. */
function isHead(value: unknown, { config }: Context): boolean {
  if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "workspace") return false;
  const currency = "currency" in value ? value.currency : undefined;
  if (currency === config.currency) return true;
  throw new Failure(`The exported workspace is in ${String(currency)}, this one in ${config.currency}: set CURRENCY to the same.`);
}

function parse({ text, length }: Line): { value: unknown } | { problem: string } {
  if (length > MAX_LINE_BYTES) return { problem: `The line is longer than ${MAX_LINE_BYTES} bytes.` };
  if (text === undefined) return { problem: "The line is not valid UTF-8." };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "The line is not valid JSON." };
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

interface Source {
  /** In bytes; undefined for standard input. */
  readonly size: number | undefined;
  /** The number of bytes read so far. */
  read(): number;
  chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

/** The bytes of a file, or of standard input for `-`. Throws if the file does not exist. */
function openSource(file: string): Source {
  if (file !== "-" && !statSync(file).isFile() && !statSync(file).isFIFO())
    throw new Failure(`${file} is not a file: name an NDJSON file, or - for standard input.`);
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

function summary({ accepted, duplicates, rejected }: Counts, startedAt: number, { path, reasons }: Rejects): string {
  const total = accepted + duplicates + rejected;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const counts = `${toAmount(total, "line")} in ${seconds} s: ${accepted} accepted, ${toAmount(duplicates, "duplicate")}, ${rejected} rejected.`;
  return rejected > 0 ? [`${counts} The rejected lines and the reasons are in ${path}:`, ...reasons.toLines()].join("\n") : counts;
}

function perSecond(lines: number, startedAt: number): string {
  return `${Math.round(lines / ((performance.now() - startedAt) / 1000)).toLocaleString("en")} per second`;
}
