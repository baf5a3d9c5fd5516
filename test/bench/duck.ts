// The peer of the reports: DuckDB, which computes the same tables from the raw entries.
import { existsSync, renameSync, rmSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import attributionSql from "./duck-attribution.sql" with { type: "text" };
import cohortsSql from "./duck-cohorts.sql" with { type: "text" };
import curvesSql from "./duck-curves.sql" with { type: "text" };
import revenueSql from "./duck-revenue.sql" with { type: "text" };
import type { Progress } from "./progress.ts";
import { benchPath, type Size } from "./size.ts";
import { openWorld } from "./world.ts";

const THREADS = "2";
const LINES = 100_000;

/** The raw entries with their owners, so that DuckDB is spared this part of our work. */
const TABLE = `CREATE TABLE entry AS
  SELECT number::INTEGER AS number, customer::INTEGER AS customer, type::UTINYINT AS type, make_timestamp(happened_at::BIGINT * 1000) AS happened_at,
         source::VARCHAR AS source, campaign::VARCHAR AS campaign, cents::BIGINT AS cents, approved::BOOLEAN AS approved, sale::INTEGER AS sale
  FROM read_csv($1, header = true, nullstr = '', all_varchar = true)`;

export const GROUPINGS = {
  week: "date_trunc('week', min(happened_at))",
  month: "date_trunc('month', min(happened_at))",
  source: "coalesce(arg_min_null(source, happened_at), '(direct)')",
  campaign: "coalesce(arg_min_null(campaign, happened_at), '(none)')",
} as const;
export type Grouping = keyof typeof GROUPINGS;

const PERIODS = {
  calendar: "datediff('month', first_at, happened_at)",
  // Whole months by anniversary, clamped to the end of the month. DuckDB clamps as well when it adds months.
  elapsed:
    "datediff('month', first_at, happened_at) - (first_at + to_months(datediff('month', first_at, happened_at)::INTEGER) > happened_at)::INTEGER",
} as const;
export type Period = keyof typeof PERIODS;

export interface DuckCohort {
  key: string;
  customers: number;
  leads: number;
  payingCustomers: number;
  sales: number;
  gross: number;
  refunds: number;
  repeatCustomers: number;
}
export interface DuckCell {
  cohort: string;
  customers: number;
  k: number;
  revenue: number;
  cumulative: number;
  active: number;
  paying: number;
}

export const SPANS = ["day", "week", "month"] as const;
export type SpanKind = (typeof SPANS)[number];

export interface DuckPeriod {
  start: string;
  newCustomers: number;
  newPayingCustomers: number;
  sales: number;
  gross: number;
  refunds: number;
  firstGross: number;
}

/** The key of a touch, and the key of sales without one. */
export const KEYS = {
  source: ["source", "'(direct)'"],
  campaign: ["campaign", "'(none)'"],
  link: ["'https://go.example.com/' || campaign", "'(none)'"],
} as const;
export type KeyKind = keyof typeof KEYS;

/** The weight of a touch. `age`: from touch to sale, in milliseconds. */
export const WEIGHTS = {
  last: "is_last::INTEGER",
  linear: "1.0::DOUBLE",
  time_decay: "pow(2, -age / 604800000.0::DOUBLE)",
} as const;
export type WeightKind = keyof typeof WEIGHTS;

export interface DuckCredit {
  key: string;
  touches: number;
  customers: number;
  /** In ten-thousandths of a sale. */
  sales: number;
  minor: number;
}

export interface Duck {
  /** Over all time, or over the first touches in [start, end). */
  cohorts(grouping: Grouping, range?: { start: string; end: string }): Promise<DuckCohort[]>;
  curves(period: Period): Promise<DuckCell[]>;
  /** Over all time, or over what happened in [start, end). */
  revenue(span: SpanKind, range?: { start: string; end: string }): Promise<DuckPeriod[]>;
  /** Over all time, or over what happened in [start, end). */
  attribution(key: KeyKind, weight: WeightKind, windowDays: number, range?: { start: string; end: string }): Promise<DuckCredit[]>;
  close(): void;
}

async function writeCsv(size: Size, path: string, progress: Progress): Promise<void> {
  const writer = Bun.file(path).writer({ highWaterMark: 4 * 1024 * 1024 });
  const world = openWorld(size);
  let lines = "number,customer,type,happened_at,source,campaign,cents,approved,sale\n";
  let done = 0;
  for (const { index, customer, type, at, source, campaign, cents, approved, saleIndex } of world.facts()) {
    lines += `${index},${customer},${type},${at},${source ?? ""},${campaign ?? ""},${cents ?? ""},${approved},${saleIndex ?? ""}\n`;
    if (++done % LINES !== 0) continue;
    writer.write(lines);
    await writer.flush();
    lines = "";
    progress(`writing ${size.name} for DuckDB`, done, world.entries);
  }
  writer.write(lines);
  await writer.end();
}

async function ensureDuckFile(size: Size, progress: Progress): Promise<string> {
  const path = benchPath(`${size.name}.duckdb`);
  if (existsSync(path)) return path;
  const [csv, making] = [`${path}.csv`, `${path}.making`];
  for (const suffix of ["", ".wal"]) rmSync(making + suffix, { force: true });
  await writeCsv(size, csv, progress);
  const instance = await DuckDBInstance.create(making, { threads: THREADS });
  const connection = await instance.connect();
  await connection.run(TABLE.replace("$1", `'${csv}'`));
  await connection.run("CHECKPOINT");
  connection.closeSync();
  instance.closeSync();
  rmSync(csv);
  renameSync(making, path);
  return path;
}

async function rows<Row>(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  return (await connection.runAndReadAll(sql)).getRowObjects() as Row[];
}

const within = (at: string, range: { start: string; end: string } | undefined) =>
  range ? `${at} >= TIMESTAMP '${range.start}' AND ${at} < TIMESTAMP '${range.end}'` : "true";

/** Opens the same entries in DuckDB. The file is created the first time. */
export async function openDuck(size: Size, progress: Progress): Promise<Duck> {
  const instance = await DuckDBInstance.create(await ensureDuckFile(size, progress), { threads: THREADS });
  const connection = await instance.connect();
  return {
    cohorts(grouping, range) {
      return rows(connection, cohortsSql.replaceAll("$KEY", GROUPINGS[grouping]).replaceAll("$RANGE", within("min(happened_at)", range)));
    },
    revenue: (span, range) => rows(connection, revenueSql.replaceAll("$SPAN", span).replaceAll("$RANGE", within("happened_at", range))),
    attribution(kind, weight, windowDays, range) {
      const [key, none] = KEYS[kind];
      const filled = Object.entries({
        KEY: key,
        NONE: none,
        WEIGHT: WEIGHTS[weight],
        DAYS: String(windowDays),
        RANGE: within("s.happened_at", range),
      });
      return rows(
        connection,
        filled.reduce((sql, [name, text]) => sql.replaceAll(`$${name}`, () => text), attributionSql),
      );
    },
    curves: (period) => rows(connection, curvesSql.replaceAll("$PERIOD", PERIODS[period])),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
