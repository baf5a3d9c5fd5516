// Which tables are created, on one server and on a cluster?
import { expect, test } from "bun:test";
import { readAnalyticsUrl } from "../../../src/host/analytics-url.ts";
import { schemaOf, TABLE } from "../../../src/report/clickhouse/schema.ts";

const withoutColumns = (statement: string) => statement.replace(/^--.*\n/gm, "").replace(/\(\n[\s\S]*\n\)/, "(…)");

test("on one server, a table that keeps the newest row of each customer", () => {
  expect(schemaOf(readAnalyticsUrl("http://a:8123/reports")).map(withoutColumns)).toEqual([
    "CREATE TABLE IF NOT EXISTS facts_v1 (…) ENGINE = ReplacingMergeTree(rev, gone) ORDER BY customer\n",
  ]);
});

test("on a cluster, such a table on each shard, under one that is spread by customer", () => {
  expect(schemaOf(readAnalyticsUrl("http://a:8123/reports?cluster=main")).map(withoutColumns)).toEqual([
    "CREATE TABLE IF NOT EXISTS facts_v1_local ON CLUSTER `main` (…) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/facts_v1_local', '{replica}', rev, gone) ORDER BY customer\n",
    "CREATE TABLE IF NOT EXISTS facts_v1 ON CLUSTER `main` AS facts_v1_local ENGINE = Distributed('main', 'reports', 'facts_v1_local', customer)",
  ]);
});

test("the name of the table in every question is that of its version", async () => {
  const folder = `${import.meta.dir}/../../../src/report/clickhouse`;
  for (const name of new Bun.Glob("*.sql").scanSync(folder)) expect(await Bun.file(`${folder}/${name}`).text()).toContain(TABLE);
});
