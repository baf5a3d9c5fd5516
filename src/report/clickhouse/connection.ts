// How is ClickHouse spoken to? By its official client, with a deadline, whole answers and figures as text. What it says goes to the log alone.
import { ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client-web";
import type { AnalyticsTarget } from "../../host/analytics-url.ts";

/** How long a question may take, and an insert or a change of the schema. */
const SELECT_MS = 10_000;
const INSERT_MS = 30_000;

/** ClickHouse cannot be reached now, or has not answered in time. */
export class Unreachable extends Error {}
/** ClickHouse has answered, but not with what was asked for. `code`: its error code, if it gave one. */
export class BadAnswer extends Error {
  readonly code: string | undefined;
  constructor(message: string, options: { cause?: unknown; code?: string } = {}) {
    super(message, { cause: options.cause });
    this.code = options.code;
  }
}

/** A figure is a bigint, however large. */
type Value = bigint | string | null;
export type Parameters = Readonly<Record<string, string | number | bigint>>;
/** A row in the order of the table's columns. Arrays stand for nested columns. */
export type Tuple = readonly (string | number | readonly (string | number)[])[];

export interface ClickHouse {
  /** The rows of an answer, by the names of its columns. */
  select<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** Inserts rows into a table. Resolves once ClickHouse says that it has stored all of them; otherwise they may be stored or not. */
  insert(table: string, rows: readonly Tuple[]): Promise<void>;
  /** Runs a statement without rows. */
  command(sql: string): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  readonly meta: readonly { name: string; type: string }[];
  readonly data: readonly (readonly unknown[])[];
  readonly rows: number;
}

const isText = (type: string) => /String/.test(type);

function toValue(value: unknown, type: string): Value {
  if (value === null) return null;
  return isText(type) ? String(value) : BigInt(value as string | number);
}

/** Reads an answer in the format JSONCompact. One that was cut is no JSON. */
function toRows<Row>(text: string): Row[] {
  const { meta, data, rows } = JSON.parse(text) as Answer;
  if (data.length !== rows) throw new RangeError(`${data.length} rows where ${rows} are announced`);
  return data.map(
    (values) => Object.fromEntries(meta.map(({ name, type }, place) => [name, toValue(values[place], type)])) as unknown as Row,
  );
}

/** How many rows ClickHouse says that it has written; NaN if it does not say. */
function writtenRows(headers: Readonly<Record<string, unknown>>): number {
  try {
    const { written_rows: rows } = JSON.parse(String(headers["x-clickhouse-summary"])) as { written_rows?: string };
    return Number(rows);
  } catch {
    return Number.NaN;
  }
}

/** Runs a request to its end, whole body included, and sorts its failure. */
async function within<T>(milliseconds: number, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      abort.abort();
      reject(new Unreachable(`No answer within ${milliseconds} ms`));
    }, milliseconds);
  });
  try {
    return await Promise.race([request(abort.signal), late]);
  } catch (error) {
    if (error instanceof Unreachable || error instanceof BadAnswer) throw error;
    if (error instanceof ClickHouseError) throw new BadAnswer(error.message, { cause: error, code: error.code });
    throw new Unreachable(error instanceof Error ? error.message : "unknown", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a connection, which is made with the first request. `deadlineMs`: for tests. */
export function connectClickHouse(
  { url, database, username, password }: AnalyticsTarget,
  { selectMs = SELECT_MS, insertMs = INSERT_MS }: { selectMs?: number; insertMs?: number } = {},
): ClickHouse {
  const client = createClient({
    url,
    database,
    username,
    password,
    application: "regulars",
    request_timeout: Math.max(selectMs, insertMs) + 1000,
    clickhouse_settings: {
      wait_end_of_query: 1, // an error comes instead of an answer, not amid it
      output_format_json_quote_64bit_integers: 1,
      async_insert: 0,
      insert_deduplicate: 0, // what is sent again is stored again, and its rev decides
      insert_distributed_sync: 1,
    },
    log: { level: ClickHouseLogLevel.OFF }, // its messages contain queries
  });
  return {
    select: (sql, parameters) =>
      within(selectMs, async (signal) => {
        const answer = await client.query({
          query: sql,
          format: "JSONCompact",
          abort_signal: signal,
          ...(parameters && { query_params: parameters }),
        });
        const text = await answer.text();
        try {
          return toRows(text);
        } catch (error) {
          throw new BadAnswer("The answer is not what was asked for", { cause: error });
        }
      }),
    insert: (table, rows) =>
      within(insertMs, async (signal) => {
        const { response_headers } = await client.insert({ table, values: rows, format: "JSONCompactEachRow", abort_signal: signal });
        const written = writtenRows(response_headers);
        if (!(written >= rows.length)) throw new BadAnswer(`${written} rows written of ${rows.length}`);
      }),
    command: (sql) => within(insertMs, async (signal) => void (await client.command({ query: sql, abort_signal: signal }))),
    close: () => client.close(),
  };
}
