// Does the ClickHouse of ANALYTICS_URL do what the reports need: server, version, rights, table and lag?
import { openChanges } from "../../db/change.ts";
import { connectReader, type Sqlite } from "../../db/connection.ts";
import type { AnalyticsTarget } from "../host/analytics-url.ts";
import type { Config } from "../host/config.ts";
import { type Finding, failure, fine, warning } from "../ops/doctor/finding.ts";
import { BadAnswer, type ClickHouse, connectClickHouse, Unreachable } from "../report/clickhouse/connection.ts";
import { basisOf, type Cursor, epochOf, openCursor, toRev } from "../report/clickhouse/cursor.ts";
import { toEmptyRow } from "../report/clickhouse/row.ts";
import { TABLE } from "../report/clickhouse/schema.ts";
import { toIso } from "../value/instant.ts";

const SUBJECT = "analytics";
/** ReplacingMergeTree knows the rows that are gone from this version on. */
const LEAST_VERSION = 23.2;
const NOT_FOLLOWED = "start the server, or read its log";

/** Looks at ClickHouse, without changing it; nothing if it is not used. `open`: for tests. */
export async function lookAtAnalytics(
  config: Config,
  open: (target: AnalyticsTarget) => ClickHouse = connectClickHouse,
): Promise<Finding[]> {
  const { analyticsUrl: target } = config;
  if (target === undefined) return [];
  const clickhouse = open(target);
  try {
    return [await look(config, target, clickhouse)];
  } catch (error) {
    if (error instanceof Unreachable)
      return [failure(SUBJECT, `${target.url} cannot be reached (${error.message})`, "start it, or correct ANALYTICS_URL")];
    if (error instanceof BadAnswer)
      return [
        failure(
          SUBJECT,
          `${target.url} refuses: ${firstLine(error.message)}`,
          "check the user, the password and the database of ANALYTICS_URL",
        ),
      ];
    throw error;
  } finally {
    await clickhouse.close();
  }
}

const firstLine = (text: string) => text.split("\n")[0]?.slice(0, 200) ?? "";

async function look(config: Config, { database, url }: AnalyticsTarget, clickhouse: ClickHouse): Promise<Finding> {
  const [{ version = "" } = {}] = await clickhouse.select<{ version: string }>("SELECT version() AS version");
  const what = `ClickHouse ${version} at ${url}`;
  if (!(Number.parseFloat(version) >= LEAST_VERSION))
    return failure(SUBJECT, `${what} is too old`, `upgrade it to ${LEAST_VERSION} or later`);
  const missing = await missingRights(clickhouse, database);
  if (missing.length > 0)
    return failure(
      SUBJECT,
      `${what} does not let its user ${missing.join(", ")} in ${database}`,
      `GRANT ${missing.join(", ")} ON ${database}.* to the user`,
    );
  const [{ columns = 0n } = {}] = await clickhouse.select<{ columns: bigint }>(
    "SELECT count() AS columns FROM system.columns WHERE database = {database:String} AND table = {table:String}",
    { database, table: TABLE },
  );
  if (columns === 0n) return warning(SUBJECT, `${what} has no table ${TABLE} yet`, NOT_FOLLOWED);
  const wanted = toEmptyRow(0n, 0, false).length;
  if (Number(columns) !== wanted)
    return failure(
      SUBJECT,
      `the table ${TABLE} at ${url} has ${columns} columns instead of ${wanted}`,
      `drop it, and the server fills a new one`,
    );
  return lookAtLag(config, clickhouse, what);
}

/** The rights that the user lacks; none if the server cannot tell. */
async function missingRights(clickhouse: ClickHouse, database: string): Promise<string[]> {
  const rights = ["CREATE TABLE", "INSERT", "SELECT"];
  const has = async (right: string) => {
    try {
      const [row] = await clickhouse.select<Record<string, bigint>>(`CHECK GRANT ${right} ON \`${database}\`.*`);
      return row === undefined || Object.values(row)[0] !== 0n;
    } catch (error) {
      if (error instanceof BadAnswer) return true; // an older version does not know the question
      throw error;
    }
  };
  const found = await Promise.all(rights.map(has));
  return rights.filter((_, place) => !found[place]);
}

async function lookAtLag(config: Config, clickhouse: ClickHouse, what: string): Promise<Finding> {
  if (config.databasePath === ":memory:") return fine(SUBJECT, `${what} is ready`);
  const sqlite = connectReader(config.databasePath);
  try {
    const cursor = openCursor(sqlite).read();
    if (cursor === undefined || cursor.basis !== basisOf(sqlite, config))
      return warning(SUBJECT, `${what} has not been filled from this database`, NOT_FOLLOWED);
    if (cursor.filledTo !== null)
      return warning(
        SUBJECT,
        `${what} is being filled, and has everybody up to customer ${cursor.filledTo}`,
        "wait; reports are SQLite's or 503 meanwhile",
      );
    return compareRows(sqlite, cursor, clickhouse, what);
  } finally {
    sqlite.close();
  }
}

/** Compares the number of customers, which is noted every few seconds while the server runs. */
async function compareRows(sqlite: Sqlite, { epoch, seq, asOfAt }: Cursor, clickhouse: ClickHouse, what: string): Promise<Finding> {
  const behind = openChanges(sqlite).newest() - seq;
  const here = Number(sqlite.prepare("SELECT count(*) FROM customer WHERE first_touch_at IS NOT NULL").pluck().get());
  const [{ there = 0n, newest = 0n } = {}] = await clickhouse.select<{ there: bigint; newest: bigint }>(
    `SELECT count() AS there, max(rev) AS newest FROM ${TABLE} FINAL WHERE customer > 0 AND rev >= {base:UInt64}`,
    { base: toRev(epoch, 0) },
  );
  if (epochOf(newest) > epoch)
    return failure(SUBJECT, `${what} is written to by another workspace too`, "give each workspace a database of its own");
  const state = `${what} has ${there} of ${here} customers, ${behind === 0 ? "and every change" : `and lacks ${behind} changes`}, as of ${toIso(asOfAt)}`;
  if (behind === 0 && Number(there) !== here) return warning(SUBJECT, state, `drop the table ${TABLE}, and the server fills a new one`);
  if (behind > 0 && asOfAt < Date.now() - 60_000) return warning(SUBJECT, state, NOT_FOLLOWED);
  return fine(SUBJECT, state);
}
