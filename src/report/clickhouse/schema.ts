// Which table does ClickHouse have for us? One of facts; on a cluster one on each server, under one that is spread over them.
import type { AnalyticsTarget } from "../../host/analytics-url.ts";
import factsSql from "./clickhouse-facts.sql" with { type: "text" };
import type { ClickHouse } from "./connection.ts";

/** The name ends with the version of the table's columns. A new version gets a table of its own beside the old one. */
export const TABLE = "facts_v1";
const LOCAL = `${TABLE}_local`;
const ENGINE = "ReplacingMergeTree(rev, gone)";

/** The statements that create what is missing. */
export function schemaOf({ database, cluster }: AnalyticsTarget): string[] {
  if (cluster === undefined) return [factsSql];
  const local = factsSql
    .replace(`EXISTS ${TABLE} (`, () => `EXISTS ${LOCAL} ON CLUSTER \`${cluster}\` (`)
    .replace(ENGINE, () => `ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/${LOCAL}', '{replica}', rev, gone)`);
  return [
    local,
    `CREATE TABLE IF NOT EXISTS ${TABLE} ON CLUSTER \`${cluster}\` AS ${LOCAL} ENGINE = Distributed('${cluster}', '${database}', '${LOCAL}', customer)`,
  ];
}

/** Creates what is missing. */
export async function ensureSchema(clickhouse: ClickHouse, target: AnalyticsTarget): Promise<void> {
  for (const statement of schemaOf(target)) await clickhouse.command(statement);
}

/** The highest rev of the table, and that of its mark; 0 and 0 of an empty one. */
export async function readExtent(clickhouse: ClickHouse): Promise<{ newest: bigint; mark: bigint }> {
  const [extent] = await clickhouse.select<{ newest: bigint; mark: bigint }>(
    `SELECT max(rev) AS newest, maxIf(rev, customer = 0) AS mark FROM ${TABLE}`,
  );
  return extent ?? { newest: 0n, mark: 0n };
}
